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
        ["body"],
        order="id",
    )
    return [line for message in messages for line in _lines(message["body"])]


def _lines(body):
    for element in lxml.html.fragment_fromstring(body, "div").xpath(".//p|.//li"):
        text = " ".join(element.text_content().split())
        yield f"- {text}" if element.tag == "li" else text
