"""Open feeds get a push when an email has news; only the feeds that may show it."""

import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from odoo.addons.bus.models import ir_websocket as bus_ir_websocket
from odoo.addons.pipeline_tracking.models.feedback.trackable_feed_channel import (
    BUS_TYPE,
    EVERYONES_FEED,
    OWN_FEED,
    SUBCHANNEL,
)

from ..helpers.feed_case import BODY, FeedCase


@tagged("post_install", "-at_install")
class TestFeedChannel(FeedCase):
    def channels(self, user, *names):
        """Return the feed channels that a web client gets when it asks for channels."""
        websocket = self.env["ir.websocket"].with_user(user)
        records = websocket._get_feed_records(set(names))
        return [(record._name, record.id) for record in records]

    def test_own_feed(self):
        me = [("res.users", self.salesperson.id)]
        self.assertEqual(self.channels(self.salesperson, OWN_FEED), me)
        self.assertEqual(self.channels(self.salesperson, EVERYONES_FEED), [])
        self.assertEqual(self.channels(self.salesperson, OWN_FEED, EVERYONES_FEED), me)

    def test_everyones_feed_is_for_managers_of_the_company(self):
        manager = self.new_manager()
        company = self.env.company
        self.assertEqual(
            self.channels(manager, EVERYONES_FEED), [("res.company", company.id)]
        )
        other = self.env["res.company"].create({"name": "Other"})
        manager.company_ids += other
        self.assertCountEqual(
            self.channels(manager, EVERYONES_FEED),
            [("res.company", company.id), ("res.company", other.id)],
        )

    def test_client_subscribes_to_the_channel(self):
        websocket = self.env["ir.websocket"].with_user(self.salesperson)
        session = SimpleNamespace(uid=self.salesperson.id)
        lead = f"pipeline_tracking/crm.lead/{self.lead.id}"
        with patch.object(
            bus_ir_websocket, "request", SimpleNamespace(session=session)
        ):
            channels = websocket._build_bus_channel_list(
                ["other", lead, OWN_FEED, EVERYONES_FEED, OWN_FEED]
            )
        self.assertEqual(
            [name for name in channels if isinstance(name, str)],
            ["other", "broadcast"],
        )
        pairs = [channel for channel in channels if isinstance(channel, tuple)]
        self.assertEqual(pairs.count((self.salesperson, SUBCHANNEL)), 1)
        self.assertIn((self.lead, "tracking"), pairs)
        self.assertNotIn((self.env.company, SUBCHANNEL), pairs)

    def test_customers_have_no_channel(self):
        for user in (
            new_test_user(self.env, "paul", "base.group_portal"),
            self.env.ref("base.public_user"),
        ):
            self.assertEqual(self.channels(user, OWN_FEED, EVERYONES_FEED), [])


@tagged("post_install", "-at_install")
class TestFeedPushes(FeedCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.email = self.send(BODY)
        self.wait(3600)

    def pushes(self, work):
        """Return the channels of the pushes to feeds while a function runs."""
        self.env.cr.precommit.run()  # sends earlier notifications
        self.env["bus.bus"].search([]).unlink()
        work()
        self.env.cr.precommit.run()
        channels = []
        for notification in self.env["bus.bus"].search([], order="id"):
            message = json.loads(notification.message)
            if message["type"] == BUS_TYPE:
                self.assertEqual(message["payload"], {}, "a push tells no details")
                channels.append(tuple(json.loads(notification.channel)[1:]))
        return channels

    def expected(self):
        return [
            ("res.users", self.salesperson.id, SUBCHANNEL),
            ("res.company", self.env.company.id, SUBCHANNEL),
        ]

    def test_one_push_for_all_news_of_a_batch(self):
        other, _email = self.send_to_other()
        self.hit(self.delivered.image_urls[0])
        self.hit(self.delivered.links["our prices"])
        self.hit(other.image_urls[0])
        self.assertCountEqual(self.pushes(self.process), self.expected())
        self.assertEqual(self.pushes(self.process), [], "no news")

    def test_automated_requests_are_news_of_the_switch(self):
        self.hit(self.delivered.image_urls[0], method="HEAD")
        self.assertCountEqual(self.pushes(self.process), self.expected())

    def test_reply_to_an_opened_email_is_news(self):
        self.hit(self.delivered.image_urls[0])
        self.process()
        self.assertCountEqual(
            self.pushes(lambda: self.reply(self.email)), self.expected()
        )

    def test_mailings_push_nothing(self):
        self.email.mailing_id = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        self.hit(self.delivered.image_urls[0])
        self.assertEqual(self.pushes(self.process), [])
