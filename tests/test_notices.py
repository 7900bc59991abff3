"""What is news to the sender of an email, and how he is told."""

from contextlib import contextmanager
from unittest.mock import patch

from lxml import html as lxml_html

from odoo.tests import new_test_user, tagged

from .common import APPLE_MPP
from .holding import LINKS
from .noticing import NoticeCase

LOGGER = "odoo.addons.pipeline_tracking.models.trackable_notice_mixin"


@tagged("post_install", "-at_install")
class TestNews(NoticeCase):
    def test_the_first_open_once(self):
        self.hit(self.image)
        self.assertToasts({"opened your email": "“Proposal”"})
        self.hit(self.image)
        self.wait(60)
        self.hit(self.image)
        self.assertToasts()
        self.assertCounts(self.trackable, opens=2, clicks=0)

    def test_the_first_click_of_each_link_once(self):
        self.hit(self.image)
        self.assertToasts({"opened your email": "“Proposal”"})
        self.click("prices")
        self.assertToasts({"clicked “prices”": "“Proposal”"})
        self.click("prices")
        self.assertToasts()
        self.click("terms", "prices")
        self.assertToasts({"clicked “terms”": "“Proposal”"})

    def test_a_click_tells_the_open_it_implies(self):
        self.click("prices")
        self.assertToasts({"clicked “prices”": "“Proposal”"})
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.hit(self.image)
        self.assertToasts()

    def test_an_open_and_a_click_at_once_are_one(self):
        self.hit(self.image)
        self.click("prices")
        self.assertToasts({"clicked “prices”": "“Proposal”"})

    def test_a_download(self):
        delivered, _email = self.send(attachments=[("offer.txt", b"The offer")])
        self.hit(delivered.links["offer.txt"])
        self.assertToasts({"downloaded “offer.txt”": "“Proposal”"})

    def test_a_reply_tells_the_open_it_implies(self):
        self.reply()
        self.assertToasts({"replied to your email": "“Proposal”"})
        self.hit(self.image)
        self.assertToasts()

    def test_a_reply_after_the_open_is_no_news_of_ours(self):
        self.hit(self.image)
        self.assertToasts({"opened your email": "“Proposal”"})
        self.reply()
        self.assertToasts()

    def test_machines_colleagues_and_the_unknown_are_quiet(self):
        self.hit(self.image, method="HEAD")
        self.hit(self.image, user_agent="")
        self.hit(self.image, user_agent=APPLE_MPP)
        self.click("prices", method="HEAD")
        self.click("prices", user_id=self.colleague.id)
        self.assertToasts()
        self.assertEqual(len(self.trackable.action_ids), 5)
        self.assertFalse(self.trackable.notice_at, "nothing was due")
        self.hit(self.image)
        self.assertToasts({"opened your email": "“Proposal”"})

    def test_mailings_are_quiet(self):
        """The copies of one would come all at once."""
        self.trackable.mailing_id = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        self.hit(self.image)
        self.click("prices")
        self.assertToasts()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_what_is_corrected_is_taken_back_silently_and_not_told_again(self):
        self.hit(self.image)
        self.click("prices")
        self.assertToasts({"clicked “prices”": "“Proposal”"})
        self.click(*LINKS)  # a scanner, all along
        self.assertToasts()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.wait(3600)
        self.hit(self.image)
        self.click("prices")
        self.assertToasts()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.click("terms")
        self.assertToasts({"clicked “terms”": "“Proposal”"})

    def test_a_link_that_is_gone(self):
        self.trackable.link_ids.unlink()
        self.click("prices", "terms")
        self.assertToasts({"clicked “a link”": "“Proposal”"})

    def test_what_is_told_late_does_not_pop_up(self):
        self.hit(self.image)
        self.wait(26 * 3600)
        self.assertToasts()
        self.hit(self.image)
        self.assertToasts()
        self.choose("inbox")
        self.click("prices")
        self.wait(26 * 3600)
        self.assertInbox("Carla Customer clicked “prices”")

    def test_who_is_not_told(self):
        for change in (
            {"tracking_notice": "off"},
            {"active": False},
            {"group_ids": [(6, 0, self.env.ref("base.group_portal").ids)]},
        ):
            with self.subTest(change=change), self.rollback():
                self.salesperson.write(change)
                self.hit(self.image)
                self.assertToasts()
                self.assertCounts(self.trackable, opens=1, clicks=0)
        with self.subTest("nobody"), self.rollback():
            self.trackable.user_id = False
            self.hit(self.image)
            self.assertToasts()
        with self.subTest("gone"), self.rollback():
            self.trackable.user_id = self.env["res.users"].browse(99999999)
            self.hit(self.image)
            self.assertToasts()
        with self.subTest("OdooBot"), self.rollback():
            self.trackable.user_id = self.env.ref("base.user_root")
            self.hit(self.image)
            self.assertToasts()
        self.hit(self.image)
        self.assertToasts({"opened your email": "“Proposal”"})

    def test_turned_on_later_it_tells_of_later(self):
        self.choose("off")
        self.hit(self.image)
        self.assertToasts()
        self.choose("toast")
        self.hit(self.image)
        self.assertToasts()
        self.click("prices")
        self.assertToasts({"clicked “prices”": "“Proposal”"})

    @contextmanager
    def rollback(self):
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            yield
            self.env.flush_all()
            savepoint.rollback()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestGrouping(NoticeCase):
    def setUp(self):
        super().setUp()
        self.count = 12
        self.sent = []
        for number in range(self.count):
            partner = self.env["res.partner"].create(
                {"name": f"Customer {number}", "email": f"c{number}@x.example.org"}
            )
            message = self.post(partner_ids=partner.ids, subject=f"Offer {number}")
            self.sent.append((self.inbox.emails[-1], self.trackable_emails(message)))
        self.wait(3600)

    def test_what_comes_at_once_is_one(self):
        for delivered, _email in self.sent:
            self.hit(delivered.image_urls[0])
        (toast,) = self.toasts()
        self.assertEqual(toast["count"], self.count)
        self.assertEqual(len(toast["people"]), self.count)
        self.assertEqual(len(toast["news"]), 5)
        emails = self.env["trackable.email"].union(*(email for _d, email in self.sent))
        self.assertEqual(set(toast["email_ids"]), set(emails.ids))
        self.assertIsNone(toast["target"])
        for one in toast["news"]:
            self.assertRegex(one["line"], r"^Customer (\d+) opened “Offer \1”$")

    def test_in_the_inbox_too(self):
        self.choose("inbox")
        for delivered, _email in self.sent:
            self.hit(delivered.image_urls[0])
        (message,) = self.inbox_messages()
        self.assertFalse(message.model)
        text = self.text(message)
        self.assertIn(f"{self.count} customers opened or clicked", text)
        self.assertIn(f"and {self.count - 5} more", text)
        links = lxml_html.fromstring(message.body).xpath("//a[@data-oe-id]")
        self.assertEqual(
            {(link.get("data-oe-model"), link.get("data-oe-id")) for link in links},
            {("crm.lead", str(self.lead.id))},
        )
        self.assertEqual(len(links), 5)

    def test_of_one_customer(self):
        self.choose("inbox")
        self.click("prices", "terms")
        (message,) = self.inbox_messages()
        self.assertEqual(
            self.text(message),
            "Carla Customer: 2 opens or clicks"
            " Carla Customer clicked “terms” Carla Customer clicked “prices”",
        )
        self.assertEqual((message.model, message.res_id), ("crm.lead", self.lead.id))

    def test_each_sender_is_told_of_his_own(self):
        self.colleague.group_ids += self.env.ref("base.group_partner_manager")
        delivered, email = self.send(user=self.colleague, record=self.customer)
        self.wait(3600)
        self.hit(self.image)
        self.hit(delivered.image_urls[0])
        mine, his = self.toasts(), self.toasts(self.colleague)
        self.assertEqual([toast["email_ids"] for toast in mine], [self.trackable.ids])
        self.assertEqual([toast["email_ids"] for toast in his], [email.ids])

    def test_no_query_for_each(self):
        def count_queries(number, choice):
            self.choose(choice)
            sent = self.sent[:number]
            del self.sent[:number]
            for delivered, _email in sent:
                self.hit(delivered.image_urls[0], ip=f"192.0.2.{number}")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.process()
            return self.env.cr.sql_log_count - before

        for choice in ("off", "toast"):
            count_queries(1, choice)  # fills the caches
            few, many = count_queries(2, choice), count_queries(3, choice)
            self.assertEqual(few, many)
            self.assertGreater(few, 10, "queries are counted")

    def test_what_is_no_news_costs_no_query(self):
        """Of emails that were opened before."""

        def count_queries():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.process()
            return self.env.cr.sql_log_count - before

        self.hit(self.image)
        self.process()
        self.hit(self.image)
        count_queries()
        self.hit(self.image)
        email = self.registry["trackable.email"]
        again = count_queries()
        with patch.object(email, "_plan_notices", lambda *args: {}):
            self.hit(self.image)
            without = count_queries()
        self.assertEqual(again, without)


@tagged("post_install", "-at_install")
class TestWays(NoticeCase):
    def test_where_a_toast_leads(self):
        self.hit(self.image)
        (toast,) = self.toasts()
        self.assertEqual(toast["target"], {"model": "crm.lead", "id": self.lead.id})

    def test_access_lost_or_gone(self):
        secret = self.env["ir.rule"].create(
            {
                "name": "nobody's",
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
                "name": "nobody's",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.customer.id})]",
            }
        )
        self.click("prices")
        (message,) = self.inbox_messages()
        self.assertEqual(
            (message.model, message.res_id), ("trackable.email", self.trackable.id)
        )

    def test_of_a_model_that_is_gone(self):
        self.trackable.write({"res_model": "no.such.model", "res_id": 1})
        self.hit(self.image)
        (toast,) = self.toasts()
        self.assertEqual(
            toast["target"], {"model": "res.partner", "id": self.customer.id}
        )

    def test_inbox_whatever_his_other_notifications(self):
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

    def test_nobody_else_reads_it(self):
        self.choose("inbox")
        self.click("prices")
        (message,) = self.inbox_messages()
        self.assertTrue(message.with_user(self.salesperson).has_access("read"))
        portal = new_test_user(self.env, "petra", "base.group_portal")
        self.lead.message_subscribe(portal.partner_id.ids)
        for other in (self.colleague, portal):
            self.assertFalse(message.with_user(other).has_access("read"))

    def test_nothing_in_it_is_html(self):
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
            self.text(message), "<b>Evil</b> opened “<script>alert(2)</script>”"
        )
        link = next(url for url in delivered.tracked_urls if ".gif" not in url)
        self.hit(link)
        (message,) = self.inbox_messages()
        self.assertNotIn("<img", message.body)
        self.assertIn("<img src=x onerror=alert(1)>", self.text(message))

    def test_in_the_senders_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.salesperson.lang = "fr_FR"
        languages = []
        Notice = self.registry["trackable.notice"]
        get_line = Notice._get_line

        def get_title(notice, *args):
            languages.append(notice.env.lang)
            return get_line(notice, *args)

        with patch.object(Notice, "_get_line", get_title):
            self.click("prices")
            self.assertEqual(len(self.toasts()), 1)
            self.choose("inbox")
            self.click("terms")
            self.assertEqual(len(self.inbox_messages()), 1)
        self.assertEqual(set(languages), {"fr_FR"})

    def test_a_failure_is_logged_and_not_tried_again(self):
        self.choose("inbox")
        MailThread = self.registry["mail.thread"]

        def fail(*args, **kwargs):
            raise ValueError("cannot stand it")

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
        self.assertInbox("Carla Customer clicked “terms”")

    def test_what_was_recorded_before_the_update_is_no_news(self):
        _delivered, untouched = self.send()
        self.hit(self.image)
        self.click("prices")
        self.click("terms", method="HEAD")
        self.assertEqual(len(self.toasts()), 1)
        known = self.trackable.told_news
        self.trackable.told_news = False
        self.migrate("19.0.1.3.0", "post-migration")
        self.assertEqual(sorted(self.trackable.told_news), known)
        self.assertFalse(untouched.told_news)
        self.hit(self.image)
        self.click("prices")
        self.assertToasts()
        self.click("terms")
        self.assertToasts({"clicked “terms”": "“Proposal”"})
