"""Run the demo without a person (``make smoke``); exit status 0 when all of it works.

A headless browser opens and clicks the email, and the command prints the entries of the
chatter. ``SCREENSHOTS=folder`` also takes pictures of the pages.
"""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import TimeoutError

from ..setup import databases, paths, postgres
from ..setup.console import Problem, say, step
from . import demo_database, inbox, screenshots, stage
from .headless_browser import headless, persons_page
from .odoo_client import read_tracking_entries
from .processes import signals_end

OPEN_SECONDS = 15
CLICK_SECONDS = 90  # a click is held, for a scanner to show itself


def main(_args):
    """Start everything, then be the customer and the salesperson."""
    # the files of a run have the same names each time: another run waits for this one
    with signals_end(), databases.held("make-smoke", exclusive=True):
        postgres.ensure()
        inbox.ensure()
        name = databases.new_name("smoke")
        with (
            demo_database.cloned(name) as lock,
            stage.running("smoke", name, locks=[lock]) as running,
            headless() as browser,
        ):
            _use(running, browser)
            if folder := os.environ.get("SCREENSHOTS"):
                screenshots.take(running, browser, Path(folder))
    say("\nSmoke test passed.")
    return 0


def _use(running, browser):
    """Be the customer, then the salesperson."""
    sent = running.sent
    click = f"Clicked {sent.link_text}"
    with step("The email arrives over SMTP"):
        html = running.inbox.wait_for(sent.customer["email"], sent.subject)
        _check_stored_body(running)
    page = persons_page(browser)
    with step("A browser opens it as a mail client does, and loads its image"):
        _open(page, html, running)
        opened = _wait_for_line(
            running, "res.partner", sent.customer, "Opened", OPEN_SECONDS
        )
    with step("It clicks the link, and lands where the link leads"):
        _click(page, running)
        clicked = _wait_for_line(
            running, "res.partner", sent.customer, click, CLICK_SECONDS
        )
    for model, record in (
        ("res.partner", sent.customer),
        ("crm.lead", sent.opportunity),
    ):
        _wait_for_line(running, model, record, "Opened", OPEN_SECONDS)
        _wait_for_line(running, model, record, click, OPEN_SECONDS)
        lines = read_tracking_entries(running.client, model, record["id"])
        text = "\n".join(f"    {line}" for line in lines)
        _tell(
            f"\nTrackable Email Action in the chatter of {record['name']} ({model}):\n"
        )
        _tell(text)
    _tell(
        f"\nThe contact's chatter had the open {opened:.1f} s after the image was"
        f"\nloaded, and the click {clicked:.1f} s after its destination was: clicks are"
        "\nheld for 15 s, so that a scanner that follows every link can show itself."
    )


def _tell(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _check(truth, problem):
    if not truth:
        raise Problem(f"Smoke test failed: {problem}")


@contextmanager
def _in_time(problem):
    try:
        yield
    except TimeoutError as error:
        raise Problem(f"Smoke test failed: {problem}: {error.message}") from error


def _check_stored_body(running):
    """Check that image and rewritten links are in the outgoing copy alone."""
    [message] = running.client.call(
        "mail.message", "read", [running.sent.message_id], ["body"]
    )
    body = message["body"]
    _check(running.sent.link_text in body, f"the stored message is another:\n{body}")
    _check("/t/" not in body, f"the stored message is not clean:\n{body}")


def _open(page, html, running):
    """Show the email in a page that knows nothing of Odoo."""
    file = paths.GROUND / "runs" / "smoke-mail.html"
    file.write_text(html, encoding="utf-8")
    image = f"{running.gateway.url}/t/"
    with (
        _in_time(f"the browser could not load an image from {image}"),
        page.expect_response(lambda answer: answer.url.startswith(image)) as loading,
    ):
        page.goto(file.as_uri())
    file.unlink()
    response = loading.value
    answer = (response.status, response.header_value("content-type"))
    _check(
        answer == (200, "image/gif"),
        f"the image {response.url} was answered by {answer}",
    )
    width = page.evaluate("document.images[document.images.length - 1].naturalWidth")
    _check(width == 1, f"the browser could not show the image {response.url}")


def _click(page, running):
    """Click the link, and see where it leads."""
    sent = running.sent
    with _in_time(f"the link {sent.link_text!r} did not lead to {running.site.url}"):
        page.get_by_role("link", name=sent.link_text).click()
        page.wait_for_url(f"{running.site.url}/**")
    _check(page.url == sent.destination, f"{page.url} came, not {sent.destination}")
    target = sent.destination.removeprefix(running.site.url).partition("#")[0]
    came = running.site.requests
    _check(target in came, f"the site was asked for {came}, not for {target}")
    title = page.get_by_role("heading", level=1).inner_text()
    _check(title == sent.link_text, f"the page reads {title!r}, not {sent.link_text!r}")


def _wait_for_line(running, model, record, words, seconds):
    """Wait until a chatter has the line; give how many seconds that took."""
    start = time.monotonic()
    while True:
        lines = read_tracking_entries(running.client, model, record["id"])
        waited = time.monotonic() - start
        if any(line.startswith(f"- {words}") for line in lines):
            return waited
        _check(
            waited < seconds,
            f"{seconds} s later, the chatter of {record['name']} ({model}) has "
            f"no line {words!r}. Its entries: {lines or 'none'}",
        )
        time.sleep(0.1)
