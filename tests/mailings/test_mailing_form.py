"""The form of a mailing shows statistics to users who may see them."""

import ast

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import APPLE_MPP
from ..helpers.mailing_case import MailingCase

STATISTICS = (
    "tracked_sent_count",
    "tracked_open_people",
    "most_used_link_ids",
)


@tagged("post_install", "-at_install")
class TestMailingForm(MailingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bert, cls.cleo = cls.contacts.mapped("email")
        cls.manager = new_test_user(
            cls.env, "marta", "base.group_user,mass_mailing.group_mass_mailing_user"
        )

    def setUp(self):
        super().setUp()
        self.mailing, arrived = self.send_mailing()
        self.wait(120)
        self.hit(arrived[self.anna].image_urls[0])
        self.hit(arrived[self.anna].links["offer"])
        self.hit(arrived[self.bert].image_urls[0], user_agent=APPLE_MPP)
        self.hit(arrived[self.cleo].image_urls[0], method="HEAD")
        self.process()
        self.env.invalidate_all()

    def listed(self, action, user, filters=()):
        """Return the records that a list shows with some of its filters.

        :param dict action: opens the list
        :param filters: names of the filters
        """
        model = self.env[action["res_model"]].with_user(user)
        search = etree.fromstring(model.get_view(view_type="search")["arch"])
        domain = list(action["domain"])
        for name in filters:
            (node,) = search.xpath(f"//filter[@name='{name}']")
            domain += ast.literal_eval(node.get("domain"))
        return model.search(domain)

    def test_mailing_users_see_statistics_and_lists(self):
        self.assertNotEqual(self.mailing.user_id, self.manager)
        mailing = self.mailing.with_user(self.manager)
        self.assertEqual(
            (mailing.tracked_open_people, mailing.tracked_open_count), (1, 1)
        )
        self.assertAlmostEqual(mailing.tracked_open_rate, 1 / 3)
        self.assertEqual(mailing.tracked_click_people, 1)
        self.assertEqual(mailing.tracked_maybe_people, 1)
        self.assertEqual(mailing.tracked_raw_open_count, 3)
        emails = mailing.action_view_trackable_emails()
        self.assertEqual(
            len(self.listed(emails, self.manager)), mailing.tracked_sent_count
        )
        for filters, addresses in (
            (["opened"], [self.anna]),
            (["maybe_opened"], [self.bert]),
            (["not_opened"], [self.cleo]),
            (["clicked"], [self.anna]),
        ):
            self.assertEqual(
                self.listed(emails, self.manager, filters).mapped("email_to"), addresses
            )
        actions = self.listed(mailing.action_view_tracking_actions(), self.manager)
        self.assertEqual(
            sorted(zip(actions.mapped("kind"), actions.mapped("actor"), strict=True)),
            [
                ("click", "recipient"),
                ("open", "machine"),
                ("open", "recipient"),
                ("open", "unknown"),
            ],
        )
        links = self.listed(mailing.action_view_tracking_links(), self.manager)
        self.assertEqual(links, mailing.most_used_link_ids)

    def test_a_salesperson_sees_only_emails_they_sent(self):
        self.mailing.user_id = self.colleague
        _delivered, single_email = self.send()
        emails = self.env["trackable.email"].with_user(self.salesperson)
        sent = self.env["trackable.email"].search(
            [("mailing_id", "=", self.mailing.id)]
        )
        self.assertEqual(
            emails.search([]), sent | single_email, "the salesperson was the sender"
        )
        self.assertFalse(emails.with_user(self.colleague).search([]))
        for user in (self.salesperson, self.colleague):
            for name in STATISTICS:
                with self.assertRaises(AccessError):
                    self.mailing.with_user(user).read([name])
        links = self.env["trackable.link"]
        self.assertTrue(links.with_user(self.salesperson).search([]))
        self.assertFalse(links.with_user(self.colleague).search([]))
        self.assertFalse(
            self.env["trackable.email.action"].with_user(self.colleague).search([])
        )

    def test_statistics_count_the_emails_in_the_lists(self):
        """Emails of another company are in neither the statistics nor the lists."""
        email, *_others = self.emails_of(self.mailing).values()
        email.company_id = self.env["res.company"].create({"name": "Other"})
        self.env.invalidate_all()
        mailing = self.mailing.with_user(self.manager)
        self.assertEqual(mailing.tracked_sent_count, 2)
        self.assertEqual(
            len(self.listed(mailing.action_view_trackable_emails(), self.manager)),
            2,
        )
        actions = self.listed(mailing.action_view_tracking_actions(), self.manager)
        self.assertEqual(
            mailing.tracked_raw_open_count,
            len(actions.filtered(lambda action: action.kind == "open")),
        )

    def graph(self, groupby, **context):
        """Read the graph of the mailing's opens as the web client does.

        :return: the label of the time, the actor and the number of each group
        :rtype: list[tuple]
        """
        action = self.mailing.action_view_tracking_actions()
        actions = self.env[action["res_model"]].with_user(self.manager)
        groups = actions.with_context(**context).formatted_read_group(
            [*action["domain"], ("kind", "=", "open")], groupby, ["__count"]
        )
        date, actor = groupby
        return [
            (group[date][1], group[actor], group["__count"])
            for group in groups
            if group["__count"]
        ]

    def test_the_graph_shows_opens_by_hour_and_by_day(self):
        action = self.mailing.action_view_tracking_actions()
        context = ast.literal_eval(action["context"])
        by_hour = context["graph_groupbys"]
        self.assertEqual(by_hour, ["occurred_at:hour", "actor"])
        opens = self.env["trackable.email.action"].search(
            [*action["domain"], ("kind", "=", "open")]
        )
        times = {
            "recipient": "2026-03-01 18:10:00",
            "unknown": "2026-03-01 18:50:00",
            "machine": "2026-03-01 06:10:00",
        }
        for open_action in opens:
            open_action.occurred_at = times[open_action.actor]
        self.assertEqual(
            self.graph(by_hour, tz="UTC"),
            [
                ("06:00 01 Mar 2026", "machine", 1),
                ("18:00 01 Mar 2026", "recipient", 1),
                ("18:00 01 Mar 2026", "unknown", 1),
            ],
        )
        self.assertEqual(
            self.graph(["occurred_at:day", "actor"], tz="Asia/Kolkata"),
            [
                ("01 Mar 2026", "machine", 1),
                ("01 Mar 2026", "recipient", 1),
                ("02 Mar 2026", "unknown", 1),
            ],
        )

    def test_a_mailing_that_was_not_sent_has_no_statistics(self):
        mailing = self.create_mailing().with_user(self.manager)
        (values,) = mailing.read(STATISTICS)
        self.assertEqual(values["tracked_sent_count"], 0)
        self.assertEqual(values["tracked_open_people"], 0)
        self.assertEqual(values["most_used_link_ids"], [])
        new = self.env["mailing.mailing"].with_user(self.manager).new({})
        self.assertFalse(new.tracked_sent_count or new.tracked_open_rate)
        self.assertFalse(new.most_used_link_ids)

    def test_a_draft_that_was_sent_before_can_be_edited(self):
        """Call onchange as the web client does, with the fields of the shown links."""
        self.assertTrue(self.mailing.most_used_link_ids)
        self.mailing.state = "draft"
        shown = ("label", "kind", "recipient_count", "click_count", "raw_click_count")
        answer = self.mailing.with_user(self.manager).onchange(
            {"email_from": "other@acme.example.com"},
            ["email_from"],
            {
                "email_from": {},
                "tracked_open_people": {},
                "most_used_link_ids": {"fields": dict.fromkeys(shown, {})},
            },
        )
        self.assertNotIn("warning", answer)

    # ------------------------------------------------------------
    # A mailing that does not exist any longer
    # ------------------------------------------------------------

    def read_as_web_client(self, user):
        """Read the list, the form and the groups of the emails of the mailing.

        :return: the mailings in the list; the mailings and sizes of the groups
        """
        model = self.env["trackable.email"].with_user(user)
        domain = [("email_to", "in", self.contacts.mapped("email"))]
        names = {"mailing_id": {"fields": {"display_name": {}}}, "subject": {}}
        records = model.web_search_read(domain, names)["records"]
        for record in model.search(domain):
            self.assertEqual(
                record.web_read(names)[0]["mailing_id"], records[0]["mailing_id"]
            )
        groups = model.web_read_group(domain, ["mailing_id"], ["__count"])["groups"]
        for group in groups:
            self.assertEqual(
                model.search_count(domain + group["__extra_domain"]), group["__count"]
            )
        return (
            [record["mailing_id"] for record in records],
            [(group["mailing_id"], group["__count"]) for group in groups],
        )

    def test_a_missing_mailing_breaks_no_view(self):
        # The salesperson may not read the mailing, but may see emails they sent.
        users = (self.env.user, self.manager, self.salesperson)
        name = {"id": self.mailing.id, "display_name": "News"}
        for user in users:
            mailings, groups = self.read_as_web_client(user)
            self.assertEqual(mailings, [name] * 3)
            self.assertEqual(
                groups, [((self.mailing.id, self.mailing.display_name), 3)]
            )
        self.env.flush_all()
        missing_id = 2**31 - 1
        self.env.cr.execute(
            "UPDATE trackable_email SET mailing_id = %s WHERE mailing_id = %s",
            [missing_id, self.mailing.id],
        )
        for user in users:
            self.env.invalidate_all()
            mailings, groups = self.read_as_web_client(user)
            self.assertEqual(
                mailings, [{"id": missing_id, "display_name": "Deleted"}] * 3
            )
            self.assertEqual(groups, [((missing_id, "Deleted"), 3)])
        self.env.invalidate_all()
        emails = self.env["trackable.email"].search([("mailing_id", "=", missing_id)])
        self.assertEqual(len(emails), 3, "reading does not change the emails")


@tagged("post_install", "-at_install")
class TestMailingFormInBrowser(MailingCase, HttpCase):
    def test_the_page_shows_the_statistics_of_each_mailing(self):
        """The pager leads to the next mailing and its statistics."""
        marta = new_test_user(
            self.env, "marta", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        self.env["mailing.mailing"].search([]).unlink()
        anna, bert, cleo = self.contacts.mapped("email")
        for subject, opened_by in (("Second news", [anna]), ("First news", None)):
            self.inbox.emails.clear()
            _mailing, arrived = self.send_mailing(subject=subject, user_id=marta.id)
            self.wait(120)
            for address in opened_by or [anna, bert]:
                self.hit(arrived[address].image_urls[0])
            if not opened_by:
                self.hit(arrived[cleo].image_urls[0], user_agent=APPLE_MPP)
                self.wait(100)
                self.hit(arrived[anna].image_urls[0])
                self.hit(arrived[anna].links["prices"])
            self.process()
        self.start_tour(
            "/odoo/action-mass_mailing.mailing_mailing_action_mail",
            "pipeline_tracking_mailing",
            login="marta",
        )
