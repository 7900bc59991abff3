"""Senders are notified about news of their emails, and all news of a batch together."""

from contextlib import contextmanager
from unittest.mock import patch

from lxml import html as lxml_html

from odoo.tests import tagged

from ..common import APPLE_MPP
from ..helpers.held_clicks_case import LINKS
from ..helpers.notice_case import NoticeCase

LOGGER = "odoo.addons.pipeline_tracking.models.feedback.trackable_email_notice"


@tagged("post_install", "-at_install")
class TestNews(NoticeCase):
    def test_first_open_notifies_once(self):
        self.hit(self.image)
        self.assertToasts("opened your email “Proposal”")
        self.hit(self.image)
        self.wait(60)
        self.hit(self.image)
        self.assertToasts()
        self.assertCounts(self.trackable, opens=2, clicks=0)

    def test_first_click_of_each_link_notifies_once(self):
        self.hit(self.image)
        self.assertToasts("opened your email “Proposal”")
        self.click("prices")
        self.assertToasts("clicked “prices” in your email “Proposal”")
        self.click("prices")
        self.assertToasts()
        self.click("terms", "prices")
        self.assertToasts("clicked “terms” in your email “Proposal”")

    def test_click_without_image_notifies_once(self):
        self.click("prices")
        self.assertToasts("clicked “prices” in your email “Proposal”")
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.hit(self.image)
        self.assertToasts()

    def test_open_and_click_together_notify_once(self):
        self.hit(self.image)
        self.click("prices")
        self.assertToasts("opened your email “Proposal” and clicked “prices”")

    def test_download_notifies(self):
        delivered, _email = self.send(attachments=[("offer.txt", b"The offer")])
        self.hit(delivered.links["offer.txt"])
        self.assertToasts("downloaded “offer.txt” from your email “Hello”")

    def test_reply_without_image_notifies_once(self):
        self.reply()
        self.assertToasts("replied to your email “Proposal”")
        self.hit(self.image)
        self.assertToasts()

    def test_reply_after_open_does_not_notify(self):
        self.hit(self.image)
        self.assertToasts("opened your email “Proposal”")
        self.reply()
        self.assertToasts()

    def test_only_actions_of_recipients_notify(self):
        self.hit(self.image, method="HEAD")
        self.hit(self.image, user_agent="")
        self.hit(self.image, user_agent=APPLE_MPP)
        self.click("prices", method="HEAD")
        self.click("prices", user_id=self.colleague.id)
        self.assertToasts()
        self.assertEqual(len(self.trackable.action_ids), 5)
        self.assertFalse(self.trackable.notice_at, "no notification is due")
        self.wait(120)  # otherwise, the open belongs to the HEAD request for the link
        self.hit(self.image)
        self.assertToasts("opened your email “Proposal”")

    def test_mailings_do_not_notify(self):
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

    def test_corrected_news_is_not_repeated(self):
        self.hit(self.image)
        self.click("prices")
        self.assertToasts("opened your email “Proposal” and clicked “prices”")
        self.click(*LINKS)  # shows that a scanner made the first click
        self.assertToasts()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.wait(3600)
        self.hit(self.image)
        self.click("prices")
        self.assertToasts()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.click("terms")
        self.assertToasts("clicked “terms” in your email “Proposal”")

    def test_click_on_deleted_link_notifies(self):
        self.trackable.link_ids.unlink()
        self.click("prices", "terms")
        self.assertToasts("clicked a link in your email “Proposal”")

    def test_old_news_does_not_pop_up(self):
        self.hit(self.image)
        self.wait(26 * 3600)
        self.assertToasts()
        self.hit(self.image)
        self.assertToasts()
        self.choose("inbox")
        self.click("prices")
        self.wait(26 * 3600)
        self.assertInbox("Carla Customer clicked “prices” in your email “Proposal”")

    def test_senders_who_are_not_notified(self):
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
        with self.subTest("no sender"), self.rollback():
            self.trackable.user_id = False
            self.hit(self.image)
            self.assertToasts()
        with self.subTest("deleted sender"), self.rollback():
            self.trackable.user_id = self.env["res.users"].browse(99999999)
            self.hit(self.image)
            self.assertToasts()
        with self.subTest("OdooBot"), self.rollback():
            self.trackable.user_id = self.env.ref("base.user_root")
            self.hit(self.image)
            self.assertToasts()
        self.hit(self.image)
        self.assertToasts("opened your email “Proposal”")

    def test_earlier_news_is_dropped_while_turned_off(self):
        self.choose("off")
        self.hit(self.image)
        self.assertToasts()
        self.choose("toast")
        self.hit(self.image)
        self.assertToasts()
        self.click("prices")
        self.assertToasts("clicked “prices” in your email “Proposal”")

    @contextmanager
    def rollback(self):
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            yield
            self.env.flush_all()
            savepoint.rollback()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestSentences(NoticeCase):
    def test_open_and_download_together(self):
        delivered, _email = self.send(attachments=[("offer.txt", b"The offer")])
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["offer.txt"])
        self.assertToasts("opened your email “Hello” and downloaded “offer.txt”")

    def test_click_and_download_together(self):
        delivered, _email = self.send(
            '<a href="https://x.com/">x</a>', attachments=[("offer.txt", b"The offer")]
        )
        self.hit(delivered.links["x"])
        self.wait(60)  # no burst
        self.hit(delivered.links["offer.txt"])
        self.assertToasts("clicked “x” in your email “x” and downloaded “offer.txt”")

    def test_open_click_and_download_together(self):
        delivered, _email = self.send(
            '<a href="https://x.com/">x</a>', attachments=[("offer.txt", b"The offer")]
        )
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["x"])
        self.wait(60)  # no burst
        self.hit(delivered.links["offer.txt"])
        self.assertToasts(
            "opened your email “x”, clicked “x” and downloaded “offer.txt”"
        )

    def test_many_links_are_counted(self):
        for name in ("prices", "terms", "about us"):
            self.click(name)
            self.wait(60)  # no burst
        self.assertToasts(
            "clicked “prices”, “terms”, and “about us” in your email “Proposal”"
        )
        names = [f"page {number}" for number in range(5)]
        delivered, _email = self.send(
            "".join(f'<a href="https://x.com/{name}">{name}</a>' for name in names)
        )
        for name in names[:4]:
            self.hit(delivered.links[name])
            self.wait(60)
        self.assertToasts(
            "clicked “page 0”, “page 1”, and 2 more in your email"
            " “page 0page 1page 2page 3page 4”"
        )

    def test_email_without_subject_of_its_own_is_named_by_its_text(self):
        body = "<p>Hello Carla,</p><p>see our offer.</p><blockquote>Old</blockquote>"
        for subject in (
            False,  # as the chatter sends it: the record's name
            "Big deal",
            "Re: Big deal",
            "carla customer",
        ):
            with self.subTest(subject):
                delivered, email = self.send(body, subject=subject)
                self.assertTrue(email.subject)
                self.hit(delivered.image_urls[0])
                self.assertToasts("opened your email “Hello Carla, see our offer.”")
        delivered, _email = self.send(body, subject="Big deal for Carla")
        self.hit(delivered.image_urls[0])
        self.assertToasts("opened your email “Big deal for Carla”")

    def test_email_without_text_is_named_by_its_subject(self):
        self.trackable.mail_message_id.write({"subject": False, "body": "<p><br></p>"})
        self.trackable.subject = "Big deal"
        self.hit(self.image)
        self.assertToasts("opened your email “Big deal”")

    def test_email_whose_message_is_deleted_is_named_by_its_subject(self):
        self.trackable.mail_message_id.unlink()
        self.trackable.subject = "Big deal"
        self.hit(self.image)
        self.assertToasts("opened your email “Big deal”")

    def test_email_without_name(self):
        self.trackable.mail_message_id.write({"subject": False, "body": ""})
        self.trackable.subject = False
        self.hit(self.image)
        self.assertToasts("opened your email (no subject)")


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

    def test_news_of_a_batch_is_one_pop_up(self):
        for number, (delivered, _email) in enumerate(self.sent):
            self.hit(delivered.image_urls[0], ip=f"198.51.{number}.7")
        (toast,) = self.toasts()
        self.assertEqual(toast["count"], self.count)
        self.assertEqual(len(toast["people"]), self.count)
        self.assertEqual(toast["kinds"], ["open"])
        self.assertEqual(len(toast["lines"]), 5)
        emails = self.env["trackable.email"].union(*(email for _d, email in self.sent))
        self.assertEqual(set(toast["email_ids"]), set(emails.ids))
        self.assertIsNone(toast["target"])
        for line in toast["lines"]:
            self.assertRegex(line, r"^Customer (\d+) opened your email “Offer \1”$")

    def test_news_of_a_batch_is_one_inbox_message(self):
        self.choose("inbox")
        for number, (delivered, _email) in enumerate(self.sent):
            self.hit(delivered.image_urls[0], ip=f"198.51.{number}.7")
        (message,) = self.inbox_messages()
        self.assertFalse(message.model)
        text = self.text(message)
        self.assertIn(f"{self.count} customers opened or clicked your emails", text)
        self.assertIn(f"and {self.count - 5} more", text)
        links = lxml_html.fromstring(message.body).xpath("//a[@data-oe-id]")
        self.assertEqual(
            {(link.get("data-oe-model"), link.get("data-oe-id")) for link in links},
            {("crm.lead", str(self.lead.id))},
        )
        self.assertEqual(len(links), 5)

    def test_title_for_one_customer(self):
        delivered, _email = self.send(subject="Second offer")
        self.wait(3600)
        self.choose("inbox")
        self.click("prices", "terms")
        self.assertInbox(
            "Carla Customer clicked “prices” and “terms” in your email “Proposal”"
        )
        self.wait(60)
        self.click("contact")
        self.wait(60)
        self.hit(delivered.image_urls[0])
        (message,) = self.inbox_messages()
        self.assertEqual(
            self.text(message),
            "Carla Customer: opened and clicked"
            " Carla Customer opened your email “Second offer”"
            " Carla Customer clicked “contact” in your email “Proposal”",
        )
        self.assertFalse(message.model, "about two emails")

    def test_senders_are_notified_about_their_emails(self):
        self.colleague.group_ids += self.env.ref("base.group_partner_manager")
        delivered, email = self.send(user=self.colleague, record=self.customer)
        self.wait(3600)
        self.hit(self.image)
        self.hit(delivered.image_urls[0])
        toasts, toasts_of_colleague = self.toasts(), self.toasts(self.colleague)
        self.assertEqual([toast["email_ids"] for toast in toasts], [self.trackable.ids])
        self.assertEqual(
            [toast["email_ids"] for toast in toasts_of_colleague], [email.ids]
        )

    def test_queries_do_not_grow_with_emails(self):
        def count_queries(number, choice):
            self.choose(choice)
            sent = self.sent[:number]
            del self.sent[:number]
            for position, (delivered, _email) in enumerate(sent):
                self.hit(delivered.image_urls[0], ip=f"198.{number}.{position}.7")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.process()
            return self.env.cr.sql_log_count - before

        for choice in ("off", "toast"):
            count_queries(1, choice)  # fills the caches
            few, many = count_queries(2, choice), count_queries(3, choice)
            self.assertEqual(few, many)
            self.assertGreater(few, 10, "queries are counted")

    def test_repeated_open_costs_no_query(self):
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
        with patch.object(email, "_plan_notice_times", lambda *args: {}):
            self.hit(self.image)
            without = count_queries()
        self.assertEqual(again, without)
