"""Filters, groups and cards show a salesperson's tracked emails."""

from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..common import APPLE_MPP, TrackingCase

DAYS = 24 * 3600


@tagged("post_install", "-at_install")
class TestTrackableEmailViews(TrackingCase):
    def setUp(self):
        super().setUp()
        Email = self.env["trackable.email"].with_user(self.salesperson)
        self.search_view = etree.fromstring(Email.get_view(view_type="search")["arch"])

    def filtered_by(self, name):
        """Return the emails that the salesperson finds with a filter.

        :param str name: name of the filter
        """
        (node,) = self.search_view.xpath(f"//filter[@name='{name}']")
        domain = safe_eval(node.get("domain"), {"uid": self.salesperson.id})
        return self.env["trackable.email"].with_user(self.salesperson).search(domain)

    def grouped_by(self, name):
        """Return the names of the groups of the salesperson's emails."""
        (node,) = self.search_view.xpath(f"//filter[@name='{name}']")
        groupby = safe_eval(node.get("context"))["group_by"]
        groups = (
            self.env["trackable.email"]
            .with_user(self.salesperson)
            .formatted_read_group([], [groupby], ["__count"])
        )
        return [group[groupby] and group[groupby][1] for group in groups]

    def test_not_opened_after_three_days(self):
        """Possible opens, emails with a reply, and newer emails are left out."""
        _delivered, waiting = self.send()
        opened, opened_email = self.send()
        maybe, maybe_email = self.send()
        _answered, answered_email = self.send()
        self.wait(2 * DAYS)
        _young, young_email = self.send()
        self.hit(opened.image_urls[0])
        self.hit(maybe.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        answered_email.reply_date = answered_email.sent_date
        self.assertFalse(self.filtered_by("not_opened_after_3_days"))
        self.assertEqual(len(self.filtered_by("mine")), 5)
        self.wait(DAYS + 60)
        self.assertEqual(self.filtered_by("not_opened_after_3_days"), waiting)
        self.assertEqual(self.filtered_by("opened"), opened_email)
        self.assertEqual(self.filtered_by("opened_last_7_days"), opened_email)
        self.assertEqual(self.filtered_by("maybe_opened"), maybe_email)
        self.assertEqual(self.filtered_by("replied"), answered_email)
        self.assertEqual(
            self.filtered_by("not_opened"), young_email + answered_email + waiting
        )

    def test_opened_long_ago(self):
        delivered, email = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        self.wait(6 * DAYS)
        self.assertEqual(self.filtered_by("opened_last_7_days"), email)
        self.wait(2 * DAYS + 60)
        self.assertFalse(self.filtered_by("opened_last_7_days"))

    def test_clicks_downloads_and_answers(self):
        body = '<a href="https://x.com/">x</a>'
        unused = self.send(body)[1]
        clicked, clicked_email = self.send(body)
        answered, answered_email = self.send(body)
        downloaded, downloaded_email = self.send(
            attachments=[("offer.pdf", b"%PDF-1.4")]
        )
        self.wait(60)
        self.hit(clicked.links["x"])
        self.hit(answered.links["x"])
        self.hit(downloaded.links["offer.pdf"])
        self.process()
        answered_email.reply_date = answered_email.sent_date
        used = clicked_email + answered_email + downloaded_email
        self.assertEqual(self.filtered_by("clicked"), used.sorted("id", reverse=True))
        self.assertEqual(self.filtered_by("downloaded"), downloaded_email)
        self.assertEqual(
            self.filtered_by("clicked_not_answered"), downloaded_email + clicked_email
        )
        self.assertNotIn(unused, self.filtered_by("clicked"))

    def test_mailings(self):
        _delivered, personal = self.send()
        _delivered, copy = self.send()
        copy.mailing_id = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        self.assertEqual(self.filtered_by("without_mailings"), personal)
        self.assertEqual(self.filtered_by("mailings"), copy)

    def test_the_most_recent_activity_comes_first(self):
        sent = [self.send() for _number in range(3)]
        self.wait(DAYS)
        self.hit(sent[1][0].image_urls[0])
        self.process()
        for view_type in ("list", "kanban"):
            view = etree.fromstring(
                self.env["trackable.email"].get_view(view_type=view_type)["arch"]
            )
            emails = (
                self.env["trackable.email"]
                .with_user(self.salesperson)
                .search([], order=view.get("default_order"))
            )
            self.assertEqual(
                list(emails), [sent[1][1], sent[2][1], sent[0][1]], view_type
            )

    def test_default_filters_of_the_menu(self):
        """The menu shows the user's emails without mailings; buttons show all emails of
        their record.
        """
        action = self.env.ref("pipeline_tracking.trackable_email_action_window")
        defaults = safe_eval(action.context)
        self.assertEqual(
            defaults, {"search_default_mine": 1, "search_default_without_mailings": 1}
        )
        names = {node.get("name") for node in self.search_view.iter("filter")}
        self.assertLessEqual(
            {name.removeprefix("search_default_") for name in defaults}, names
        )
        self.assertEqual(self.lead.action_open_trackable_emails()["context"], {})
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        self.assertEqual(mailing.action_view_trackable_emails()["context"], {})

    def test_an_email_that_was_not_sent_is_not_listed(self):
        action = self.env.ref("pipeline_tracking.trackable_email_action_window")
        domain = safe_eval(action.domain)
        emails = self.send()[1] + self.send()[1]
        emails[0].sent_date = False
        self.assertEqual(emails.filtered_domain(domain), emails[1])

    def test_unsent_email_is_not_found_as_unopened(self):
        _delivered, email = self.send()
        self.wait(4 * DAYS)
        self.assertEqual(self.filtered_by("not_opened_after_3_days"), email)
        email.sent_date = False
        self.assertFalse(self.filtered_by("not_opened_after_3_days"))

    def test_groups(self):
        """Emails are also grouped by deleted records."""
        _delivered, email = self.send()
        template = self.env["mail.template"].create({"name": "Second offer"})
        email.template_id = template
        for name, label in (
            ("group_by_user", "Sally Sales"),
            ("group_by_partner", "Carla Customer"),
            ("group_by_template", "Second offer"),
        ):
            self.assertEqual(self.grouped_by(name), [label])
        (week,) = self.grouped_by("group_by_sent_date")
        self.assertRegex(week, r"^W\d+ \d{4}$")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM mail_template WHERE id = %s", [template.id])
        self.env.invalidate_all()
        self.assertEqual(self.grouped_by("group_by_template"), ["Deleted"])

    def test_salesperson_can_read_fields_of_card(self):
        self.send()
        Email = self.env["trackable.email"].with_user(self.salesperson)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pipeline_tracking.trackable_email_action_window"
        )
        self.assertIn("kanban", action["view_mode"])
        self.assertEqual(action["mobile_view_mode"], "kanban")
        card = etree.fromstring(Email.get_view(view_type="kanban")["arch"])
        names = {node.get("name") for node in card.iter("field")}
        (values,) = Email.search([]).read(list(names))
        self.assertEqual(values["subject"], "Proposal")
        self.assertEqual(values["status"], "unopened")

    def test_status_is_the_strongest_action(self):
        _delivered, email = self.send()
        for values, status in (
            ({}, "unopened"),
            ({"is_stopped": True}, "stopped"),
            ({"unknown_open_count": 1}, "maybe"),
            ({"open_count": 2}, "opened"),
            ({"click_count": 1}, "clicked"),
            ({"download_count": 1}, "downloaded"),
            ({"reply_date": "2026-01-02 03:04:05"}, "replied"),
        ):
            email.write(values)
            self.assertEqual(email.status, status)
