"""Statistics of mailings, links and traces stay correct when actions are deleted."""

from odoo.tests import new_test_user, tagged

from ..helpers.aging_case import AgingMailingCase

KINDS = ("open", "click", "download")
MAILING = [
    "tracked_sent_count",
    "tracked_maybe_people",
    "tracked_maybe_count",
    *(f"tracked_{kind}_people" for kind in KINDS),
    *(f"tracked_{kind}_rate" for kind in KINDS),
    *(f"tracked_{kind}_count" for kind in KINDS),
    *(f"tracked_raw_{kind}_count" for kind in KINDS),
]
LINK = ["label", "recipient_count", "click_count", "raw_click_count"]
REPORT = [
    "id",
    "address",
    "recipient_count",
    "click_count",
    "last_used",
    "trackable_email_id",
]
TRACE = [
    "trace_status",
    "open_datetime",
    "links_click_datetime",
    "is_open_tracked",
    "is_click_tracked",
]


@tagged("post_install", "-at_install")
class TestStatisticsAfterRetention(AgingMailingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "manon",
            "base.group_user,pipeline_tracking.group_manager,"
            "mass_mailing.group_mass_mailing_user",
        )

    def read_statistics(self, mailing):
        """Read all statistics of a mailing."""
        self.env.invalidate_all()
        mailing = mailing.with_user(self.manager)
        emails = self.env["trackable.email"].search([("mailing_id", "=", mailing.id)])
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        report = self.env["trackable.link.report"].with_user(self.manager)
        traces = mailing.mailing_trace_ids.sudo()
        return {
            "emails": self.figures_of(emails),
            "links of emails": [set(email.link_ids.ids) for email in emails],
            "mailing": mailing.read(MAILING),
            "most used": mailing.most_used_link_ids.read(LINK),
            "links": links.read(LINK),
            "report": report.search_read(
                [("mailing_id", "=", mailing.id)], REPORT, order="id"
            ),
            "report of the emails": self.env["trackable.email.report"].search_read(
                [("mailing_id", "=", mailing.id)],
                ["opened_count", "maybe_opened_count", "clicked_count"],
            ),
            "traces": traces.read(TRACE),
            "clicks": len(traces.links_click_ids),
            "ratios": mailing.read(["opened_ratio", "clicks_ratio", "replied_ratio"]),
        }

    def recompute_traces(self, mailing):
        """Recompute Odoo's statistics of a mailing."""
        emails = self.env["trackable.email"].search([("mailing_id", "=", mailing.id)])
        emails.is_trace_due = True
        self.process()

    def test_statistics_stay_the_same(self):
        self.add_contacts(9)
        mailing, _arrived = self.send_and_act_at_random(0)
        other, _arrived = self.send_and_act_at_random(1)
        self.age(400)
        self.recompute_traces(mailing)
        before = self.read_statistics(mailing)
        others = self.read_statistics(other)
        [mailing_row], [other_row] = before["mailing"], others["mailing"]
        for name in MAILING:
            self.assertTrue(
                mailing_row[name] or other_row[name], "each statistic has a value"
            )
        self.assertTrue(before["clicks"])
        self.assertTrue(self.clear()[0])
        emails = self.env["trackable.email"].search([])
        self.assertFalse(emails.action_ids)
        self.assertEqual(self.read_statistics(mailing), before)
        self.recompute_traces(mailing)
        self.assertEqual(self.read_statistics(mailing), before)
        self.assertEqual(self.read_statistics(other), others)

    def test_statistics_continue_after_retention(self):
        """Two mailings get the same hits. Expired actions of the first are deleted."""
        cleared, arrived = self.send_and_act_at_random(5)
        uncleared, uncleared_arrived = self.send_and_act_at_random(5)
        uncleared_emails = self.env["trackable.email"].search(
            [("mailing_id", "=", uncleared.id)]
        )
        uncleared_emails.company_id = self.env["res.company"].create(
            {"name": "Never", "tracking_keep_months": 0}
        )
        self.hold(0)
        for seed in (7, 8):
            self.age(400)
            self.clear()
            for arrived_by_address in (arrived, uncleared_arrived):
                self.hit(arrived_by_address["anna@customer.example.net"].image_urls[0])
                self.process()
                for url in self.urls(arrived_by_address["bert@customer.example.net"])[
                    : seed - 6
                ]:
                    self.wait(50)
                    self.hit(url)
                    self.process()
        self.assertTrue(uncleared_emails.action_ids)
        self.assertLess(
            len(self.emails_of(cleared)["anna@customer.example.net"].action_ids),
            len(self.emails_of(uncleared)["anna@customer.example.net"].action_ids),
        )
        [cleared_statistics] = cleared.read(MAILING)
        [uncleared_statistics] = uncleared.read(MAILING)
        self.assertEqual(
            {**cleared_statistics, "id": uncleared.id}, uncleared_statistics
        )
        self.assertEqual(
            sorted(self.read_link_counts(cleared), key=str),
            sorted(self.read_link_counts(uncleared), key=str),
        )

    def read_link_counts(self, mailing):
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        return [
            (link.label, link.recipient_count, link.click_count, link.raw_click_count)
            for link in links
        ]

    def test_statistics_by_hour_are_lost(self):
        mailing, _arrived = self.send_and_act_at_random(5)
        self.age(400)
        action = mailing.action_view_tracking_actions()
        actions = self.env[action["res_model"]]
        groups = action["domain"], ["occurred_at:hour"], ["__count"]
        self.assertTrue(actions.formatted_read_group(*groups))
        self.clear()
        self.assertFalse(actions.formatted_read_group(*groups))
