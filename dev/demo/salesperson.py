"""Send a tracked email to an opportunity's contact, as the salesperson."""

from collections import namedtuple

from ..setup.console import Problem

# ``customer`` and ``opportunity`` are dictionaries, as Odoo's ``read`` returns them
Sent = namedtuple(
    "Sent", "subject sender customer opportunity message_id link_text destination"
)

# every byte must reach the site: escapes, characters of a signature, an empty value, a
# repeated name, a fragment
TARGET = "/offer.html?for=J%C3%BCrgen%2BCo&sign=a%2Fb+c~d==&empty=&q=1&q=2"
FRAGMENT = "#prices"
LINK_TEXT = "Our offer"
SUBJECT = "Our offer for you"
BODY = """\
<p>Hello,</p>
<p>Thank you for the pleasant call. As promised, here it is: \
<a href="{destination}">{link_text}</a>, with all the prices.</p>
<p>Shall we go through it together? \
<a href="{site}/meeting.html">Choose a time that suits you</a>.</p>
<p>Kind regards,</p>
"""


def prepare(client, smtp_port, url):
    """Make Odoo send emails to the inbox, with links that the browser can open.

    :param str url: the beginning of links in emails
    """
    client.call(
        "ir.mail_server",
        "create",
        {"name": "Demo inbox", "smtp_host": "127.0.0.1", "smtp_port": smtp_port},
    )
    # otherwise the demo data's emails fill the inbox
    waiting = client.call("mail.mail", "search", [("state", "=", "outgoing")])
    client.call("mail.mail", "cancel", waiting)
    parameters = {
        "web.base.url": url,
        "web.base.url.freeze": "True",
        # Odoo's address is not public, so tracking would be off
        "pipeline_tracking.allow_private_url": "True",
    }
    for key, value in parameters.items():
        client.call("ir.config_parameter", "set_param", key, value)


def send(client, site):
    """Send the email with the full composer.

    :param Client client: of the salesperson
    :param str site: address of the website that the links lead to
    :rtype: Sent
    """
    opportunity, customer = _choose(client)
    _unfollow(client, opportunity)
    destination = f"{site}{TARGET}{FRAGMENT}"
    body = BODY.format(
        destination=destination.replace("&", "&amp;"),
        link_text=LINK_TEXT,
        site=site,
    )
    context = {
        "default_composition_mode": "comment",
        "default_model": "crm.lead",
        "default_res_ids": [opportunity["id"]],
    }
    values = {
        "subject": SUBJECT,
        "body": body,
        "partner_ids": [(6, 0, [customer["id"]])],
        "is_tracked": True,
    }
    composer_id = client.call("mail.compose.message", "create", values, context=context)
    client.call(
        "mail.compose.message", "action_send_mail", [composer_id], context=context
    )
    message = client.search(
        "mail.message",
        [("model", "=", "crm.lead"), ("res_id", "=", opportunity["id"])],
        ["is_tracked", "untracked_reason"],
        limit=1,
        order="id desc",
    )[0]
    if not message["is_tracked"]:
        raise Problem(
            "Odoo sent the email untracked. The addon gave this reason: "
            f"{message['untracked_reason'] or 'none'}."
        )
    return Sent(
        subject=SUBJECT,
        sender=client.name,
        customer=customer,
        opportunity=opportunity,
        message_id=message["id"],
        link_text=LINK_TEXT,
        destination=destination,
    )


def _choose(client):
    """Find the salesperson's first opportunity whose contact has an email address."""
    opportunities = client.search(
        "crm.lead",
        [
            ("type", "=", "opportunity"),
            ("user_id", "=", client.uid),
            ("partner_id.email", "!=", False),
        ],
        ["name", "partner_id", "message_partner_ids"],
        limit=1,
        order="id",
    )
    if not opportunities:
        raise Problem(
            "The administrator has no opportunity whose contact has an email address. "
            "Odoo's demo data may have changed: adapt _choose in "
            "dev/demo/salesperson.py."
        )
    [opportunity] = opportunities
    [customer] = client.call(
        "res.partner", "read", opportunity["partner_id"][:1], ["name", "email"]
    )
    return opportunity, customer


def _unfollow(client, opportunity):
    """Remove the other followers, since an email to several people is not tracked."""
    others = [
        id_ for id_ in opportunity["message_partner_ids"] if id_ != client.partner_id
    ]
    if others:
        client.call("crm.lead", "message_unsubscribe", [opportunity["id"]], others)
