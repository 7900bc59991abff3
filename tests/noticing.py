"""What tests of notices share: an email of an hour ago, and what its sender is told."""

import json

from lxml import html as lxml_html

from .common import TrackingCase
from .holding import BODY

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
        """The customer answers."""
        message = self.lead.message_post(
            author_id=self.customer.id,
            parent_id=self.trackable.mail_message_id.id,
            message_type="email",
        )
        self.env["trackable.hit"]._record_reply(message, self.customer.email)

    def bus(self, *types, user=None):
        """What was sent over the bus to a user since this was last asked.

        :rtype: list[dict]
        """
        self.env.flush_all()
        self.env.cr.precommit.run()
        partner = (user or self.salesperson).partner_id
        bus = self.env["bus.bus"].sudo()
        sent = bus.search([], order="id")
        found = []
        for one in sent:
            channel, message = json.loads(one.channel), json.loads(one.message)
            if message["type"] in types and channel[1:] == ["res.partner", partner.id]:
                found.append((one, message["payload"]))
        if types:
            bus.browse(one.id for one, _payload in found).unlink()
        else:
            sent.unlink()
        return [payload for _one, payload in found]

    def toasts(self, user=None):
        """What pops up for a user once what waits is processed."""
        self.process()
        return self.bus(BUS_TYPE, user=user)

    def inbox_messages(self):
        """What is new in the salesperson's inbox once what waits is processed."""
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
        """So many pop up, each with one thing that Carla did: title to text."""
        toasts = self.toasts()
        self.assertEqual(
            [{one["title"]: one["text"] for one in toast["news"]} for toast in toasts],
            [
                {f"Carla Customer {title}": text for title, text in one.items()}
                for one in expected
            ],
        )
        self.assertEqual(self.bus("mail.message/inbox"), [])

    def assertInbox(self, *expected):
        messages = self.inbox_messages()
        self.assertEqual([self.text(message) for message in messages], list(expected))
        self.assertEqual(self.bus(BUS_TYPE), [], "nothing pops up")
