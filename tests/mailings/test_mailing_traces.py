"""Odoo's own mailing traces follow the actions of recipients."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import APPLE_MPP
from ..helpers.mailing_case import MailingCase

SCANNER = "Barracuda Sentinel (EE)"


@tagged("post_install", "-at_install")
class TestMailingTraces(MailingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bert, cls.cleo = cls.contacts.mapped("email")

    def setUp(self):
        super().setUp()
        self.mailing, self.arrived = self.send_mailing()
        self.wait(60)

    def trace(self, address):
        return self.mailing.mailing_trace_ids.filtered(
            lambda trace: trace.email == address
        )

    def open(self, address, **request):
        (image,) = self.arrived[address].image_urls
        self.hit(image, **request)
        self.process()

    def click(self, address, text="offer", **request):
        self.hit(self.arrived[address].links[text], **request)
        self.process()

    def tracker(self, label):
        return self.env["link.tracker"].search(
            [("mass_mailing_id", "=", self.mailing.id), ("label", "=", label)]
        )

    def test_an_open(self):
        self.open(self.bert, user_agent=SCANNER, method="HEAD")
        self.open(self.anna)
        self.assertEqual(self.trace(self.anna).trace_status, "open")
        action = self.emails_of(self.mailing)[self.anna].action_ids
        self.assertEqual(self.trace(self.anna).open_datetime, action.occurred_at)
        self.assertEqual(self.trace(self.bert).trace_status, "sent", "a machine")
        self.assertEqual(self.trace(self.cleo).trace_status, "sent")
        self.assertEqual(self.mailing.opened, 1)

    def test_a_click(self):
        self.click(self.bert, user_agent=SCANNER, method="HEAD")
        self.click(self.anna)
        self.wait(5)
        self.click(self.anna, "prices")
        self.wait(5)
        self.click(self.anna)
        trace = self.trace(self.anna)
        self.assertEqual(trace.trace_status, "open", "a click is by who has it open")
        clicks = self.emails_of(self.mailing)[self.anna].action_ids.filtered(
            lambda action: action.kind == "click"
        )
        self.assertEqual(trace.links_click_datetime, max(clicks.mapped("occurred_at")))
        self.assertEqual(self.tracker("offer").count, 2)
        self.assertEqual(self.tracker("prices").count, 1)
        rows = self.tracker("offer").link_click_ids
        self.assertEqual(rows.mailing_trace_id, trace)
        self.assertEqual(rows.mass_mailing_id, self.mailing)
        self.assertFalse(any(rows.mapped("ip")), "not kept")
        self.assertFalse(self.trace(self.bert).links_click_datetime)
        self.assertEqual(self.mailing.clicked, 1)
        self.assertAlmostEqual(self.mailing.clicks_ratio, 33.33)

    def test_what_cannot_be_told_counts_unless_it_is_set_otherwise(self):
        self.open(self.anna, user_agent=APPLE_MPP)
        trace = self.trace(self.anna)
        self.assertEqual(self.emails_of(self.mailing)[self.anna].opened, "maybe")
        self.assertEqual(trace.trace_status, "open")
        self.env.company.count_possible_opens = False
        self.process()
        self.assertEqual((trace.trace_status, trace.open_datetime), ("sent", False))
        self.env["res.config.settings"].create({}).execute()
        self.assertFalse(
            self.emails_of(self.mailing)[self.anna].is_trace_due, "nothing was changed"
        )
        self.open(self.bert)
        self.open(self.bert, user_agent=APPLE_MPP)
        self.assertEqual(self.trace(self.bert).trace_status, "open")
        self.env.company.count_possible_opens = True
        self.process()
        self.assertEqual(trace.trace_status, "open")

    def test_what_turns_out_to_be_a_scanner_is_undone(self):
        self.open(self.bert)
        self.click(self.anna)
        self.assertEqual(self.trace(self.anna).trace_status, "open")
        self.assertEqual(self.tracker("offer").count, 1)
        self.click(self.anna, "prices")  # at once: all of its links
        trace = self.trace(self.anna)
        self.assertEqual(
            (trace.trace_status, trace.open_datetime, trace.links_click_datetime),
            ("sent", False, False),
        )
        self.assertEqual(self.tracker("offer").count, 0)
        self.assertFalse(self.tracker("offer").link_click_ids)
        self.assertEqual(self.trace(self.bert).trace_status, "open", "his is left")

    def test_a_reply_is_never_lowered(self):
        self.click(self.anna)
        trace = self.trace(self.anna)
        trace.set_replied()
        self.process()
        self.click(self.anna, "prices")
        self.assertEqual(trace.trace_status, "reply")
        trackable = self.emails_of(self.mailing)[self.anna]
        self.assertTrue(trackable.reply_date)
        self.assertEqual(trackable.opened, "yes")

    def test_what_others_told_is_not_undone(self):
        trace = self.trace(self.anna)
        trace.set_opened()
        self.click(self.anna)
        self.click(self.anna, "prices")
        self.assertEqual(trace.trace_status, "open")

    def test_what_others_told_since_is_not_undone(self):
        self.click(self.anna)
        trace = self.trace(self.anna)
        trace.set_opened()
        trace.set_clicked()
        self.click(self.anna, "prices")
        self.assertEqual(self.tracker("offer").count, 0)
        self.assertEqual(trace.trace_status, "open")
        self.assertTrue(trace.links_click_datetime)

    def test_a_bounce_is_one_again(self):
        trace = self.trace(self.anna)
        trace.set_bounced()
        self.click(self.anna)
        self.assertEqual(trace.trace_status, "open", "as Odoo itself has it")
        self.click(self.anna, "prices")
        self.assertEqual(trace.trace_status, "bounce")

    def test_while_it_is_sent_a_trace_is_left_for_later(self):
        trace = self.trace(self.anna)
        trace.trace_status = "outgoing"
        self.open(self.anna)
        self.assertEqual(trace.trace_status, "outgoing")
        trace.set_sent()
        self.process()
        self.assertEqual(trace.trace_status, "open")

    def test_one_that_is_sent_once_more(self):
        """The server took it, and said so too late."""
        trace = self.trace(self.anna)
        mail = self.env["mail.mail"].create({"state": "exception"})
        trace.write({"mail_mail_id": mail.id, "trace_status": "error"})
        mail.mark_outgoing()
        self.open(self.anna)
        self.assertEqual(trace.trace_status, "error", "it is on its way")
        mail.state = "sent"
        self.process()
        self.assertEqual(trace.trace_status, "open")
        trace.set_failed(failure_type="mail_smtp")
        trace.set_sent()
        self.trace(self.bert).set_sent()
        self.process()
        self.assertEqual(trace.trace_status, "open", "it was read before")
        self.assertEqual(self.trace(self.bert).trace_status, "sent")

    def test_a_bounce_after_the_open(self):
        self.open(self.anna, user_agent=APPLE_MPP)
        trace = self.trace(self.anna)
        trace.set_bounced()
        self.env.company.count_possible_opens = False
        self.process()
        self.env.company.count_possible_opens = True
        self.hit(self.arrived[self.bert].image_urls[0])
        self.process()
        self.assertEqual(self.trace(self.bert).trace_status, "open")
        self.open(self.cleo)
        self.trace(self.cleo).set_bounced()
        self.click(self.cleo)
        self.assertEqual(self.trace(self.cleo).trace_status, "bounce")

    def test_a_deleted_trace(self):
        trackable = self.emails_of(self.mailing)[self.anna]
        self.trace(self.anna).unlink()
        self.open(self.anna)
        self.assertEqual(trackable.open_count, 1)
        self.assertTrue(trackable.is_trace_due, "it may be still to come")
        self.wait(timedelta(days=2).total_seconds())
        self.process()
        self.assertFalse(trackable.is_trace_due)

    def test_a_deleted_mailing(self):
        emails = self.env["trackable.email"].union(
            *self.emails_of(self.mailing).values()
        )
        self.mailing.unlink()
        self.open(self.anna)
        self.click(self.anna)
        self.assertEqual(sum(emails.mapped("open_count")), 1)
        self.assertFalse(emails.mailing_id)

    def test_a_deleted_link_tracker(self):
        tracker = self.tracker("offer")
        self.click(self.anna)
        tracker.unlink()
        self.click(self.anna)
        self.click(self.bert)
        self.assertEqual(self.mailing.clicked, 2)
        self.assertFalse(self.env["link.tracker.click"].search([]))

    def test_a_link_tracker_that_is_changed(self):
        self.tracker("offer").url = "https://shop.example.net/new"
        link = self.env["trackable.link"].search(
            [("mailing_id", "=", self.mailing.id), ("label", "=", "offer")]
        )
        self.assertEqual(link.url, self.tracker("offer").redirected_url)
        self.assertIn("/new?utm", link.url)

    def test_a_module_that_fails(self):
        """Neither the actions nor the traces of others are held up, and this one is
        tried again the next day.
        """
        model = self.registry["mailing.trace"]
        bad = self.trace(self.anna)
        mistake = ["of another module"]

        def set_opened(traces, domain=None):
            if mistake and bad in traces:
                raise ValueError(mistake)
            return original(traces, domain=domain)

        original = model.set_opened
        self.patch(model, "set_opened", set_opened)
        for address in (self.anna, self.bert):
            self.hit(self.arrived[address].image_urls[0])
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs:
            self.process()
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(bad.trace_status, "sent")
        self.assertEqual(self.trace(self.bert).trace_status, "open")
        self.assertEqual(self.emails_of(self.mailing)[self.anna].open_count, 1)
        self.process()
        self.assertEqual(bad.trace_status, "sent", "not at once")
        mistake.clear()
        self.env["trackable.email"]._gc_failed_traces()
        self.process()
        self.assertEqual(bad.trace_status, "open")
        self.assertFalse(
            self.env["trackable.email"].search([("is_trace_failed", "=", True)])
        )

    def test_clicks_over_time_are_of_when_they_were(self):
        self.hit(self.arrived[self.anna].links["offer"])
        self.wait(3600)
        self.process()
        (click,) = self.tracker("offer").link_click_ids
        self.assertLess(
            click.create_date, fields.Datetime.now() - timedelta(minutes=50)
        )

    def test_each_trace_is_synchronized_once(self):
        for address in self.arrived:
            self.click(address)
        self.process()
        self.assertEqual(self.tracker("offer").count, 3)
        self.assertEqual(self.env["link.tracker.click"].search_count([]), 3)

    def test_what_machines_do_is_in_no_trace(self):
        self.open(self.anna, user_agent=SCANNER, method="HEAD")
        trackable = self.emails_of(self.mailing)[self.anna]
        self.assertEqual(trackable.raw_open_count, 1)
        before = self.trace(self.anna).write_date
        self.hit(self.arrived[self.anna].image_urls[0], method="HEAD")
        self.env["trackable.hit"]._process_batch()
        self.assertFalse(trackable.is_trace_due)
        self.hit(self.arrived[self.anna].image_urls[0])
        self.env["trackable.hit"]._process_batch()
        self.assertTrue(trackable.is_trace_due)
        self.assertEqual(self.trace(self.anna).write_date, before)

    def test_queries_do_not_grow_with_recipients(self):
        def count(addresses):
            for address in addresses:
                self.hit(self.arrived[address].links["offer"])
            self.env["trackable.hit"]._process_batch()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(
                self.env["trackable.email"]._sync_due_traces(), len(addresses)
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count([self.cleo])  # what is found out once
        self.assertLessEqual(count([self.anna, self.bert]), count([self.cleo]) + 1)
        self.assertEqual(self.tracker("offer").count, 4)

    def test_to_say_that_it_was_sent_costs_no_more(self):
        trace = self.trace(self.anna)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        trace.set_sent()
        self.env.flush_all()
        self.assertEqual(self.env.cr.sql_log_count - before, 1, "the update itself")
