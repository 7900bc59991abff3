"""Send a mailing, and act as some of its recipients."""

import time

import lxml.html

from ..setup.console import Problem
from . import loopback, stage

SUBJECT = "Our autumn offers"
RECIPIENTS, OPENS, CLICKS = 8, 5, 2
COUNT_SECONDS = 90  # a click waits 15 s before it counts
# reserved for documentation, RFC 3849; each recipient has a network of /48
ADDRESS = "2001:db8:{:x}::7"
FIELDS = ["tracked_open_people", "tracked_click_people"]
BODY = '<p>See <a href="{site}/offer.html">our offers</a> of this autumn.</p>'


def ensure(running, user_agent):
    """Send the mailing if it was not sent before, with opens and clicks.

    :param Stage running:
    :param str user_agent: the browser of the recipients
    :return: the mailing's id
    :rtype: int
    """
    client = running.client
    mailings = client.search("mailing.mailing", [("subject", "=", SUBJECT)], ["id"])
    if mailings:
        return mailings[0]["id"]
    recipients = client.search(
        "res.partner",
        [
            ("email", "!=", False),
            ("user_ids", "=", False),
            ("id", "!=", running.sent.customer["id"]),
        ],
        ["email_normalized"],
        limit=RECIPIENTS,
        order="id",
    )
    mailing_id = _send(running, [recipient["id"] for recipient in recipients])
    for number, recipient in enumerate(recipients[:OPENS]):
        html = running.inbox.wait_for(recipient["email_normalized"], SUBJECT)
        headers = {
            "User-Agent": user_agent,
            "X-Forwarded-For": ADDRESS.format(number + 1),
        }
        _use(html, headers, does_click=number < CLICKS)
    _wait_for_statistics(client, mailing_id)
    return mailing_id


def _send(running, partner_ids):
    client = running.client
    body = BODY.format(site=running.site.url)
    values = {
        "subject": SUBJECT,
        "mailing_model_id": client.ref("base.model_res_partner"),
        "mailing_domain": repr([("id", "in", partner_ids)]),
        "body_arch": body,
        "body_html": body,
    }
    mailing_id = client.call("mailing.mailing", "create", values)
    client.call("mailing.mailing", "action_send_mail", [mailing_id])
    client.call("mail.mail", "process_email_queue")
    stage.send_earlier(running.database)
    return mailing_id


def _use(html, headers, does_click):
    """Load the images of a copy; follow its first link if the recipient clicks.

    One network that opens the emails of several people within seconds is a scanner, so
    the headers of each recipient name another network.
    """
    session = loopback.http_session()
    session.headers.update(headers)
    document = lxml.html.document_fromstring(html)
    urls = [url for url in document.xpath("//img/@src") if "/t/" in url]
    if does_click:
        urls += [url for url in document.xpath("//a/@href") if "/t/" in url][:1]
    for url in urls:
        session.get(url, timeout=10, allow_redirects=False).raise_for_status()


def _wait_for_statistics(client, mailing_id):
    give_up = time.monotonic() + COUNT_SECONDS
    while True:
        [figures] = client.call("mailing.mailing", "read", [mailing_id], FIELDS)
        if [figures[name] for name in FIELDS] == [OPENS, CLICKS]:
            return
        if time.monotonic() > give_up:
            raise Problem(
                f"The mailing's statistics are {figures} after {COUNT_SECONDS} s, "
                f"instead of {OPENS} opens and {CLICKS} clicks."
            )
        time.sleep(0.5)
