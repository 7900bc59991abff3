"""Notifications reach devices on which senders turned on Odoo's push notifications."""

from unittest.mock import patch

from odoo.tests import tagged

from ..helpers.notice_case import NoticeCase
from ..helpers.push_service import PushService

LOGGER = "odoo.addons.pipeline_tracking.models.feedback.trackable_email_notice"


@tagged("post_install", "-at_install")
class TestPush(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.enterClassContext(PushService())

    def setUp(self):
        super().setUp()
        self.service.clear()
        self.register(self.salesperson)

    def register(self, user, name="phone"):
        """Register a device, as the web client does."""
        Device = self.env["mail.push.device"].with_user(user)
        Device.register_devices(
            **self.service.subscribe(name),
            vapid_public_key=Device.get_web_push_vapid_public_key(),
        )

    def pushes(self):
        """Process the queue; return the texts that Odoo's cron job sends to devices."""
        self.process()
        self.assertFalse(self.service.received, "only the cron job sends")
        self.env["mail.push"]._push_notification_to_endpoint()
        received = [*self.service.received]
        self.service.received.clear()
        return received

    def test_device_gets_news(self):
        for way in ("toast", "inbox"):
            with self.subTest(way):
                self.choose(way)
                delivered, _email = self.send(subject=f"Proposal {way}")
                self.hit(delivered.image_urls[0])
                ((device, push),) = self.pushes()
                self.assertEqual(device, "phone")
                self.assertEqual(push["title"], "Big deal")
                self.assertEqual(
                    push["options"]["body"],
                    f"Carla Customer opened your email “Proposal {way}”",
                )
                self.assertEqual(
                    push["options"]["data"],
                    {"model": "crm.lead", "res_id": str(self.lead.id)},
                )
                self.hit(delivered.image_urls[0])
                self.assertEqual(self.pushes(), [], "notified once")

    def test_title_does_not_repeat_the_recipient(self):
        delivered, _email = self.send(record=self.customer)
        self.hit(delivered.image_urls[0])
        ((_device, push),) = self.pushes()
        self.assertEqual(push["title"], "Email Tracking")
        self.assertEqual(push["options"]["data"]["model"], "res.partner")

    def test_news_of_several_emails_is_one_push(self):
        delivered, _email = self.send(subject="Second offer")
        self.wait(3600)
        self.hit(self.image)
        self.hit(delivered.image_urls[0])
        ((_device, push),) = self.pushes()
        self.assertEqual(push["title"], "Carla Customer: opened")
        self.assertEqual(
            set(push["options"]["body"].splitlines()),
            {
                "Carla Customer opened your email “Second offer”",
                "Carla Customer opened your email “Proposal”",
            },
        )
        self.assertEqual(
            push["options"]["data"],
            {
                "model": "action-pipeline_tracking.trackable_email_action_window",
                "res_id": "",
            },
        )

    def test_each_device_of_the_sender_gets_news(self):
        self.register(self.salesperson, "desk")
        self.register(self.colleague, "device of a colleague")
        self.hit(self.image)
        self.assertEqual({device for device, _push in self.pushes()}, {"phone", "desk"})

    def test_no_push_without_device(self):
        self.env["mail.push.device"].search([]).unlink()
        self.hit(self.image)
        self.assertToasts("opened your email “Proposal”")
        self.assertEqual(self.pushes(), [])

    def test_no_push_if_notifications_are_off(self):
        self.choose("off")
        self.hit(self.image)
        self.assertEqual(self.pushes(), [])

    def test_no_push_about_mailings(self):
        self.trackable.mailing_id = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        self.hit(self.image)
        self.assertEqual(self.pushes(), [])

    def test_quiet_hours_postpone_push(self):
        later = self.env.cr.now().replace(year=2100)
        user = self.registry["res.users"]
        with patch.object(user, "_get_tracking_quiet_end", lambda user, now: later):
            self.hit(self.image)
            self.assertEqual(self.pushes(), [])
        self.trackable.notice_at = self.env.cr.now()
        self.assertEqual(len(self.pushes()), 1)

    def test_failed_push_does_not_lose_the_pop_up(self):
        def fail(*args, **kwargs):
            raise ValueError("refused")

        Notice = self.registry["trackable.notice"]
        self.hit(self.image)
        with (
            patch.object(Notice, "_prepare_push", fail),
            self.assertLogs(LOGGER, "ERROR") as logs,
        ):
            self.assertToasts("opened your email “Proposal”")
        self.assertEqual(len(logs.records), 1)
        self.assertEqual(self.pushes(), [])

    def test_unreachable_device_does_not_lose_the_pop_up(self):
        self.service.status = 500
        self.hit(self.image)
        self.assertToasts("opened your email “Proposal”")
        with self.assertLogs("odoo.addons.mail.tools.web_push", "WARNING"):
            self.pushes()
        self.service.status = 410  # the browser dropped the subscription
        self.click("prices")
        with self.assertLogs("odoo.addons.mail.tools.web_push", "WARNING"):
            self.pushes()
        self.assertFalse(self.env["mail.push.device"].search([]))
        self.bus()
        self.click("terms")
        self.assertToasts("clicked “terms” in your email “Proposal”")

    def test_long_texts_are_cut(self):
        self.customer.name = "é" * 3000
        self.lead.name = "x" * 300
        self.hit(self.image)
        ((_device, push),) = self.pushes()
        self.assertIn("opened your email", push["options"]["body"])
