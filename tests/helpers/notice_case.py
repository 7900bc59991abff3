"""A tracked email sent an hour ago, and the notifications that its sender gets."""

import json

from lxml import html as lxml_html

from ..common import TrackingCase
from .held_clicks_case import BODY

BUS_TYPE = "pipeline_tracking/notice"


class NoticeCase(TrackingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send(BODY)
        self.image = self.delivered.image_urls[0]
        self.wait(3600)
        self.bus()
        self.last_message = self.env["mail.message"].search(
            [], limit=1, order="id desc"
        )

    def choose(self, way):
        self.salesperson.tracking_notice = way

    def click(self, *names, **values):
        for name in names:
            self.hit(self.delivered.links[name], **values)

    def reply(self):
        """Record a reply of the customer."""
        message = self.lead.message_post(
            author_id=self.customer.id,
            parent_id=self.trackable.mail_message_id.id,
            message_type="email",
        )
        self.env["trackable.hit"]._record_reply(message, self.customer.email)

    def bus(self, *types, user=None):
        """Return the payloads sent over the bus to a user since the last call.

        :rtype: list[dict]
        """
        self.env.flush_all()
        self.env.cr.precommit.run()
        partner = (user or self.salesperson).partner_id
        bus = self.env["bus.bus"].sudo()
        sent = bus.search([], order="id")
        payloads = {}
        for notification in sent:
            channel = json.loads(notification.channel)
            message = json.loads(notification.message)
            if message["type"] in types and channel[1:] == ["res.partner", partner.id]:
                payloads[notification.id] = message["payload"]
        (bus.browse(payloads) if types else sent).unlink()
        return [*payloads.values()]

    def toasts(self, user=None):
        """Process the queue; return the pop-ups of a user."""
        self.process()
        return self.bus(BUS_TYPE, user=user)

    def inbox_messages(self):
        """Process the queue; return the new messages in the salesperson's inbox."""
        self.process()
        notifications = self.env["mail.notification"].search(
            [
                ("res_partner_id", "=", self.salesperson.partner_id.id),
                ("mail_message_id", ">", self.last_message.id),
                ("notification_type", "=", "inbox"),
            ]
        )
        messages = notifications.mail_message_id.sorted("id")
        self.last_message = messages[-1:] or self.last_message
        return list(messages)

    def text(self, message):
        return " ".join(" ".join(lxml_html.fromstring(message.body).itertext()).split())

    def assertToasts(self, *expected):
        """Assert the pop-ups about Carla.

        :param expected: the sentence of each pop-up, after her name
        """
        self.assertEqual(
            [toast["lines"] for toast in self.toasts()],
            [[f"Carla Customer {sentence}"] for sentence in expected],
        )
        self.assertEqual(self.bus("mail.message/inbox"), [])

    def assertInbox(self, *expected):
        messages = self.inbox_messages()
        self.assertEqual([self.text(message) for message in messages], list(expected))
        self.assertEqual(self.bus(BUS_TYPE), [], "no pop-up")
