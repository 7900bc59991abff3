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
        self.assertEqual(
            self.trace(self.bert).trace_status, "sent", "the open is automated"
        )
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
        self.assertEqual(trace.trace_status, "open", "a click implies an open")
        clicks = self.emails_of(self.mailing)[self.anna].action_ids.filtered(
            lambda action: action.kind == "click"
        )
        self.assertEqual(trace.links_click_datetime, max(clicks.mapped("occurred_at")))
        self.assertEqual(self.tracker("offer").count, 2)
        self.assertEqual(self.tracker("prices").count, 1)
        rows = self.tracker("offer").link_click_ids
        self.assertEqual(rows.mailing_trace_id, trace)
        self.assertEqual(rows.mass_mailing_id, self.mailing)
        self.assertFalse(any(rows.mapped("ip")), "no IP address is stored")
        self.assertFalse(self.trace(self.bert).links_click_datetime)
        self.assertEqual(self.mailing.clicked, 1)
        self.assertAlmostEqual(self.mailing.clicks_ratio, 33.33)

    def test_possible_opens_count_unless_the_setting_is_off(self):
        self.open(self.anna, user_agent=APPLE_MPP)
        trace = self.trace(self.anna)
        self.assertEqual(self.emails_of(self.mailing)[self.anna].status, "maybe")
        self.assertEqual(trace.trace_status, "open")
        self.env.company.count_possible_opens = False
        self.process()
        self.assertEqual((trace.trace_status, trace.open_datetime), ("sent", False))
        self.env["res.config.settings"].create({}).execute()
        self.assertFalse(
            self.emails_of(self.mailing)[self.anna].is_trace_due,
            "no setting was changed",
        )
        self.open(self.bert)
        self.open(self.bert, user_agent=APPLE_MPP)
        self.assertEqual(self.trace(self.bert).trace_status, "open")
        self.env.company.count_possible_opens = True
        self.process()
        self.assertEqual(trace.trace_status, "open")

    def test_actions_of_a_scanner_are_undone(self):
        self.open(self.bert)
        self.click(self.anna)
        self.assertEqual(self.trace(self.anna).trace_status, "open")
        self.assertEqual(self.tracker("offer").count, 1)
        self.click(self.anna, "prices")  # all links at once, as a scanner does
        trace = self.trace(self.anna)
        self.assertEqual(
            (trace.trace_status, trace.open_datetime, trace.links_click_datetime),
            ("sent", False, False),
        )
        self.assertEqual(self.tracker("offer").count, 0)
        self.assertFalse(self.tracker("offer").link_click_ids)
        self.assertEqual(
            self.trace(self.bert).trace_status, "open", "Bert's open stays"
        )

    def test_a_reply_is_never_undone(self):
        self.click(self.anna)
        trace = self.trace(self.anna)
        trace.set_replied()
        self.process()
        self.click(self.anna, "prices")
        self.assertEqual(trace.trace_status, "reply")
        trackable = self.emails_of(self.mailing)[self.anna]
        self.assertTrue(trackable.reply_date)
        self.assertEqual(trackable.status, "replied")

    def test_an_open_by_another_source_is_not_undone(self):
        trace = self.trace(self.anna)
        trace.set_opened()
        self.click(self.anna)
        self.click(self.anna, "prices")
        self.assertEqual(trace.trace_status, "open")

    def test_a_later_open_by_another_source_is_not_undone(self):
        self.click(self.anna)
        trace = self.trace(self.anna)
        trace.set_opened()
        trace.set_clicked()
        self.click(self.anna, "prices")
        self.assertEqual(self.tracker("offer").count, 0)
        self.assertEqual(trace.trace_status, "open")
        self.assertTrue(trace.links_click_datetime)

    def test_a_bounce_returns_when_the_click_is_undone(self):
        trace = self.trace(self.anna)
        trace.set_bounced()
        self.click(self.anna)
        self.assertEqual(trace.trace_status, "open", "Odoo does the same")
        self.click(self.anna, "prices")
        self.assertEqual(trace.trace_status, "bounce")

    def test_a_trace_that_is_being_sent_is_updated_later(self):
        trace = self.trace(self.anna)
        trace.trace_status = "outgoing"
        self.open(self.anna)
        self.assertEqual(trace.trace_status, "outgoing")
        trace.set_sent()
        self.process()
        self.assertEqual(trace.trace_status, "open")

    def test_a_trace_that_is_sent_again(self):
        """The mail server accepted an email, but its answer came too late."""
        trace = self.trace(self.anna)
        mail = self.env["mail.mail"].create({"state": "exception"})
        trace.write({"mail_mail_id": mail.id, "trace_status": "error"})
        mail.mark_outgoing()
        self.open(self.anna)
        self.assertEqual(trace.trace_status, "error", "the email is being sent")
        mail.state = "sent"
        self.process()
        self.assertEqual(trace.trace_status, "open")
        trace.set_failed(failure_type="mail_smtp")
        trace.set_sent()
        self.trace(self.bert).set_sent()
        self.process()
        self.assertEqual(trace.trace_status, "open", "the earlier open counts")
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
        self.assertTrue(trackable.is_trace_due, "the trace may not be committed yet")
        self.wait(timedelta(days=2).total_seconds())
        self.process()
        self.assertFalse(trackable.is_trace_due)

    def test_a_deleted_mailing(self):
        emails = self.env["trackable.email"].union(
            *self.emails_of(self.mailing).values()
        )
        self.mailing.unlink()
        self.open(self.anna)
        self.wait(10)  # to read the email
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

    def test_a_changed_link_tracker(self):
        self.tracker("offer").url = "https://shop.example.net/new"
        link = self.env["trackable.link"].search(
            [("mailing_id", "=", self.mailing.id), ("label", "=", "offer")]
        )
        self.assertEqual(link.url, self.tracker("offer").redirected_url)
        self.assertIn("/new?utm", link.url)

    def test_a_failing_module(self):
        """A failing trace holds up no action and no other trace. It is retried the next
        day.
        """
        model = self.registry["mailing.trace"]
        failing_trace = self.trace(self.anna)
        errors = ["of another module"]

        def set_opened(traces, domain=None):
            if errors and failing_trace in traces:
                raise ValueError(errors)
            return original(traces, domain=domain)

        original = model.set_opened
        self.patch(model, "set_opened", set_opened)
        for address in (self.anna, self.bert):
            self.hit(self.arrived[address].image_urls[0])
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs:
            self.process()
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(failing_trace.trace_status, "sent")
        self.assertEqual(self.trace(self.bert).trace_status, "open")
        self.assertEqual(self.emails_of(self.mailing)[self.anna].open_count, 1)
        self.process()
        self.assertEqual(
            failing_trace.trace_status, "sent", "the trace is not retried at once"
        )
        errors.clear()
        self.env["trackable.email"]._retry_failed_traces()
        self.process()
        self.assertEqual(failing_trace.trace_status, "open")
        self.assertFalse(
            self.env["trackable.email"].search([("is_trace_failed", "=", True)])
        )

    def test_link_clicks_have_the_date_of_the_action(self):
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

    def test_automated_requests_change_no_trace(self):
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

        count([self.cleo])  # fills caches
        self.assertLessEqual(count([self.anna, self.bert]), count([self.cleo]) + 1)
        self.assertEqual(self.tracker("offer").count, 4)

    def test_marking_a_trace_as_sent_costs_no_extra_query(self):
        trace = self.trace(self.anna)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        trace.set_sent()
        self.env.flush_all()
        self.assertEqual(self.env.cr.sql_log_count - before, 1, "the update itself")
