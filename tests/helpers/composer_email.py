"""An email sent through the composer of a real server."""

from .odoo_server import wait_until

DESTINATION = "https://shop.example.net/p?a=[1]&b=%C3%A9#top"
BODY = f'<p>See <a href="{DESTINATION.replace("&", "&amp;")}">our prices</a></p>'


def send(odoo, **values):
    """Create a customer, and send an email to them through the composer, as if some
    minutes ago.

    :return: the email that arrived, and the customer's id
    """
    odoo.inbox.emails.clear()
    customer_id = odoo.call(
        "res.partner",
        "create",
        {"name": "Carla", "email": "carla@customer.example.org"},
    )
    lead_id = odoo.call(
        "crm.lead", "create", {"name": "Big deal", "partner_id": customer_id}
    )
    context = {
        "default_composition_mode": "comment",
        "default_model": "crm.lead",
        "default_res_ids": [lead_id],
    }
    composer_id = odoo.call(
        "mail.compose.message",
        "create",
        {
            "subject": "Proposal",
            "body": BODY,
            "partner_ids": [(6, 0, [customer_id])],
            **values,
        },
        context=context,
    )
    odoo.call("mail.compose.message", "action_send_mail", [composer_id])
    wait_until(lambda: odoo.inbox.emails, 5)
    (delivered,) = odoo.inbox.emails
    odoo.send_earlier()
    return delivered, customer_id
