"""The Trackable Email Action entries in a record's chatter, as a person reads them."""

import lxml.html

SUBTYPE = "pipeline_tracking.mt_trackable_email_action"


def read(client, model, res_id):
    """The entries in a chatter, oldest first: of each its title, then its lines.

    :param Client client:
    :rtype: list[str]
    """
    messages = client.search(
        "mail.message",
        [
            ("model", "=", model),
            ("res_id", "=", res_id),
            ("subtype_id", "=", client.ref(SUBTYPE)),
        ],
        ["id"],
        order="id",
    )
    ids = [message["id"] for message in messages]
    # As the web client shows them: what is stored on a contact names no link.
    shown = client.call("mail.message", "get_tracking_entries", ids)
    bodies = {
        message["id"]: message["body"][1] for message in shown.get("mail.message", ())
    }
    return [line for message_id in ids for line in _lines(bodies[message_id])]


def _lines(body):
    for element in lxml.html.fragment_fromstring(body, "div").xpath(".//p|.//li"):
        text = " ".join(element.text_content().split())
        yield f"- {text}" if element.tag == "li" else text
