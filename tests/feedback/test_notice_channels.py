"""Notifications reach the sender as pop-ups or in the inbox, and link to a record."""

from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from ..helpers.notice_case import NoticeCase

LOGGER = "odoo.addons.pipeline_tracking.models.feedback.trackable_email_notice"


@tagged("post_install", "-at_install")
class TestNoticeChannels(NoticeCase):
    def test_pop_up_opens_source_record(self):
        self.hit(self.image)
        (toast,) = self.toasts()
        self.assertEqual(toast["target"], {"model": "crm.lead", "id": self.lead.id})

    def test_target_if_record_is_deleted_or_unreadable(self):
        secret = self.env["ir.rule"].create(
            {
                "name": "No access",
                "model_id": self.env.ref("crm.model_crm_lead").id,
                "domain_force": "[(0, '=', 1)]",
            }
        )
        self.hit(self.image)
        (toast,) = self.toasts()
        self.assertEqual(
            toast["target"], {"model": "res.partner", "id": self.customer.id}
        )
        secret.unlink()
        self.choose("inbox")
        self.lead.unlink()
        self.customer.active = False
        self.env["ir.rule"].create(
            {
                "name": "No access",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.customer.id})]",
            }
        )
        self.click("prices")
        (message,) = self.inbox_messages()
        self.assertEqual(
            (message.model, message.res_id), ("trackable.email", self.trackable.id)
        )

    def test_target_if_model_is_uninstalled(self):
        self.trackable.write({"res_model": "no.such.model", "res_id": 1})
        self.hit(self.image)
        (toast,) = self.toasts()
        self.assertEqual(
            toast["target"], {"model": "res.partner", "id": self.customer.id}
        )

    def test_inbox_ignores_notification_preference(self):
        self.choose("inbox")
        for notification_type in ("email", "inbox"):
            with self.subTest(notification_type):
                self.salesperson.notification_type = notification_type
                self.inbox.emails.clear()
                entries = self.env["mail.message"].search_count(self.chatter)
                self.click("prices" if notification_type == "email" else "terms")
                (message,) = self.inbox_messages()
                self.assertEqual(message.message_type, "user_notification")
                self.assertRecordValues(
                    message.notification_ids,
                    [
                        {
                            "notification_type": "inbox",
                            "res_partner_id": self.salesperson.partner_id.id,
                            "is_read": False,
                        }
                    ],
                )
                self.assertTrue(message.with_user(self.salesperson).needaction)
                self.assertIn(
                    message,
                    self.env["mail.message"]
                    .with_user(self.salesperson)
                    .search([("needaction", "=", True)]),
                )
                self.assertFalse(self.inbox.emails, "no email")
                self.assertFalse(message.sudo().mail_ids)
                shown = self.env["mail.message"]._message_fetch(None, thread=self.lead)
                self.assertNotIn(message, shown["messages"])
                self.assertLessEqual(
                    self.env["mail.message"].search_count(self.chatter), entries + 1
                )
                self.assertEqual(len(self.bus("mail.message/inbox")), 1)

    @property
    def chatter(self):
        return [
            ("model", "=", "crm.lead"),
            ("res_id", "=", self.lead.id),
            ("message_type", "!=", "user_notification"),
        ]

    def test_only_sender_reads_inbox_message(self):
        self.choose("inbox")
        self.click("prices")
        (message,) = self.inbox_messages()
        self.assertTrue(message.with_user(self.salesperson).has_access("read"))
        portal = new_test_user(self.env, "petra", "base.group_portal")
        self.lead.message_subscribe(portal.partner_id.ids)
        for user in (self.colleague, portal):
            self.assertFalse(message.with_user(user).has_access("read"))

    def test_inbox_message_is_escaped(self):
        self.customer.name = "<b>Evil</b>"
        delivered, _email = self.send(
            '<a href="https://x.com">&lt;img src=x onerror=alert(1)&gt;</a>',
            subject="<script>alert(2)</script>",
        )
        self.choose("inbox")
        self.hit(delivered.image_urls[0])
        (message,) = self.inbox_messages()
        self.assertNotIn("<b>", message.body)
        self.assertNotIn("<script", message.body)
        self.assertEqual(
            self.text(message),
            "<b>Evil</b> opened your email “<script>alert(2)</script>”",
        )
        link = next(url for url in delivered.tracked_urls if ".gif" not in url)
        self.hit(link)
        (message,) = self.inbox_messages()
        self.assertNotIn("<img", message.body)
        self.assertIn("<img src=x onerror=alert(1)>", self.text(message))

    def test_notifications_use_senders_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.salesperson.lang = "fr_FR"
        languages = []
        Notice = self.registry["trackable.notice"]
        get_sentence = Notice._get_sentence

        def note_language(notice, *args):
            languages.append(notice.env.lang)
            return get_sentence(notice, *args)

        with patch.object(Notice, "_get_sentence", note_language):
            self.click("prices")
            self.assertEqual(len(self.toasts()), 1)
            self.choose("inbox")
            self.click("terms")
            self.assertEqual(len(self.inbox_messages()), 1)
        self.assertEqual(set(languages), {"fr_FR"})

    def test_failed_notification_is_logged_and_not_repeated(self):
        self.choose("inbox")
        MailThread = self.registry["mail.thread"]

        def fail(*args, **kwargs):
            raise ValueError("refused")

        self.click("prices")
        with (
            patch.object(MailThread, "_notify_thread_by_inbox", fail),
            self.assertLogs(LOGGER, "ERROR") as logs,
        ):
            self.assertEqual(self.inbox_messages(), [])
        self.assertEqual(len(logs.records), 1)
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertFalse(self.trackable.notice_at)
        self.click("prices")
        self.assertEqual(self.inbox_messages(), [])
        self.click("terms")
        self.assertInbox("Carla Customer clicked “terms” in your email “Proposal”")
