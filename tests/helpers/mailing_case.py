"""Mailings that are sent over SMTP, for tests of Email Marketing."""

import re

from odoo.fields import Command

from ..common import TrackingCase

BODY = """
<div>
    <p>Our <a href="https://shop.example.net/offer?a=1&amp;b=2">offer</a>,
    our <a href="/prices">prices</a></p>
    <a href="/unsubscribe_from_list">Unsubscribe</a>
    <a href="/view">View in browser</a>
</div>
"""
SHORT_URL = re.compile(r"https?://[^/]+/r/[A-Za-z0-9]+(?:/m/[0-9]+)?")


class MailingMixin:
    """Add mailing contacts and mailings to a test case that sends emails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["mail.mail"].search([]).unlink()  # the queue would send them too
        cls.contacts = cls.env["mailing.contact"].create(
            [
                {"name": name, "email": f"{name.lower()}@customer.example.net"}
                for name in ("Anna", "Bert", "Cleo")
            ]
        )
        cls.mailing_list = cls.env["mailing.list"].create(
            {"name": "Customers", "contact_ids": [Command.set(cls.contacts.ids)]}
        )

    def create_mailing(self, body=BODY, **values):
        """Create a mailing to the list, or to another model."""
        model = values.pop("model", "mailing.list")
        if model == "mailing.list":
            values["contact_list_ids"] = [Command.set(self.mailing_list.ids)]
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env["ir.model"]._get_id(model),
                "body_html": body,
                "email_from": self.salesperson.email,
                "reply_to": self.salesperson.email,
                "reply_to_mode": "new",
                "user_id": self.salesperson.id,
                **values,
            }
        )
        self.inbox.emails.clear()  # the notification to the responsible user
        return mailing

    def send_mailing(self, mailing=None, **values):
        """Send a mailing to all of its recipients.

        :return: the mailing, and the emails that arrived by address
        :rtype: tuple[MailingMailing, dict[str, Delivered]]
        """
        mailing = mailing or self.create_mailing(**values)
        self.inbox.emails.clear()
        mailing.action_send_mail()
        self.env["mail.mail"].process_email_queue()
        arrived = {}
        for delivered in self.inbox.emails:
            (address,) = delivered.recipients
            self.assertNotIn(address, arrived, "one email for each recipient")
            arrived[address] = delivered
        return mailing, arrived

    def emails_of(self, mailing):
        """Return the trackable emails of a mailing, by address."""
        emails = self.env["trackable.email"].search([("mailing_id", "=", mailing.id)])
        return emails.grouped("email_to")


class MailingCase(MailingMixin, TrackingCase):
    """Send mailings in one transaction, over real SMTP."""
