"""Run the demo with a browser instead of a person (``make smoke``).

A headless browser opens the email and clicks its link. The command prints the chatter
entries, and ends with exit status 0 if everything works. ``SCREENSHOTS=folder`` also
takes pictures of the screens.
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
CLICK_SECONDS = 90  # a click waits 15 s before it counts, to expose scanners


def main(_args):
    """Start the demo, then act as the customer and the salesperson."""
    # all runs use the same files, so a second run waits
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
    """Act as the customer, then as the salesperson."""
    sent = running.sent
    click = f"clicked “{sent.link_text}”"
    with step("The email arrives over SMTP"):
        html = running.inbox.wait_for(sent.customer["email"], sent.subject)
        _check_stored_body(running)
    page = persons_page(browser)
    with step("A browser opens the email and loads its image"):
        _open(page, html, running)
        opened = _wait_for_line(
            running, "res.partner", sent.customer, "opened", OPEN_SECONDS
        )
    with step("The browser clicks the link and arrives at its destination"):
        _click(page, running)
        clicked = _wait_for_line(
            running, "res.partner", sent.customer, click, CLICK_SECONDS
        )
    for model, record in (
        ("res.partner", sent.customer),
        ("crm.lead", sent.opportunity),
    ):
        _wait_for_line(running, model, record, "opened", OPEN_SECONDS)
        _wait_for_line(running, model, record, click, OPEN_SECONDS)
        lines = read_tracking_entries(running.client, model, record["id"])
        text = "\n".join(f"    {line}" for line in lines)
        _print(
            f"\nTrackable Email Action in the chatter of {record['name']} ({model}):\n"
        )
        _print(text)
    _print(
        f"\nThe contact's chatter showed the open after {opened:.1f} s and the click "
        f"after {clicked:.1f} s.\nA click waits 15 s before it counts, to expose "
        "scanners that follow every link."
    )


def _print(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _check(condition, problem):
    if not condition:
        raise Problem(f"Smoke test failed: {problem}")


@contextmanager
def _in_time(problem):
    try:
        yield
    except TimeoutError as error:
        raise Problem(f"Smoke test failed: {problem}: {error.message}") from error


def _check_stored_body(running):
    """Check that the stored message has neither the image nor rewritten links."""
    [message] = running.client.call(
        "mail.message", "read", [running.sent.message_id], ["body"]
    )
    body = message["body"]
    _check(
        running.sent.link_text in body, f"the stored message lacks the link:\n{body}"
    )
    _check("/t/" not in body, f"the stored message has tracked URLs:\n{body}")


def _open(page, html, running):
    """Show the email in a page without Odoo's cookies, and wait for its image."""
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
        f"the image {response.url} came with {answer}",
    )
    width = page.evaluate("document.images[document.images.length - 1].naturalWidth")
    _check(width == 1, f"the browser could not show the image {response.url}")


def _click(page, running):
    """Click the link, and check its destination."""
    sent = running.sent
    with _in_time(f"the link {sent.link_text!r} did not lead to {running.site.url}"):
        page.get_by_role("link", name=sent.link_text).click()
        page.wait_for_url(f"{running.site.url}/**")
    _check(page.url == sent.destination, f"{page.url} opened, not {sent.destination}")
    target = sent.destination.removeprefix(running.site.url).partition("#")[0]
    requests = running.site.requests
    _check(target in requests, f"the site received {requests}, not {target}")
    title = page.get_by_role("heading", level=1).inner_text()
    _check(title == sent.link_text, f"the page reads {title!r}, not {sent.link_text!r}")


def _wait_for_line(running, model, record, words, seconds):
    """Wait until an entry has these words; return how many seconds that took."""
    start = time.monotonic()
    while True:
        lines = read_tracking_entries(running.client, model, record["id"])
        waited = time.monotonic() - start
        if any(words in line for line in lines):
            return waited
        _check(
            waited < seconds,
            f"after {seconds} s, the chatter of {record['name']} ({model}) has "
            f"no entry with {words!r}. Its entries: {lines or 'none'}",
        )
        time.sleep(0.1)
