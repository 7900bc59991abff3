"""The heat map shows opens by weekday and hour."""

import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from lxml import etree

from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import TrackingCase, TrackingMixin
from ..helpers.mailing_case import MailingMixin

DAY, HOUR = "occurred_at:day_of_week", "occurred_at:hour_number"
ACTION = "pipeline_tracking.trackable_email_heat_map_action_window"
PARTNER_ACTION = "pipeline_tracking.trackable_email_heat_map_partner_action_window"
SEED = 7


class HeatMapMixin:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Action = cls.env["trackable.email.action"]

    def make(self, trackable, *times, **values):
        """Create actions of a recipient, by default opens, at these times (UTC)."""
        return self.Action.create(
            [
                {
                    "trackable_email_id": trackable.id,
                    "kind": "open",
                    "actor": "recipient",
                    "occurred_at": occurred_at,
                    **values,
                }
                for occurred_at in times
            ]
        )

    def default_domain(self, action, active_id=None, without=None):
        """Return the domain of the records that an action shows first.

        :param str without: name of a default filter that the user removes
        """
        action = self.env.ref(action)
        context = safe_eval(action.context, {"active_id": active_id})
        arch = self.Action.with_user(self.salesperson).get_view(view_type="search")
        search = etree.fromstring(arch["arch"])
        domain = Domain.TRUE
        for key, value in context.items():
            name = key.removeprefix("search_default_")
            if name == without:
                continue
            if filters := search.xpath(f"//filter[@name='{name}']"):
                domain &= Domain(safe_eval(filters[0].get("domain")))
            else:
                (field,) = search.xpath(f"//field[@name='{name}']")
                domain &= Domain(name, field.get("operator"), value)
        return domain

    def groups(self, domain=Domain.TRUE, tz="Europe/Paris", **context):
        """Read groups as the web client does, in one request."""
        Action = self.Action.with_user(self.salesperson)
        return Action.with_context(tz=tz, **context).formatted_read_group(
            list(domain), [DAY, HOUR], ["__count"]
        )

    def counts(self, *args, **kwargs):
        return {
            (group[DAY], group[HOUR]): group["__count"]
            for group in self.groups(*args, **kwargs)
        }


@tagged("post_install", "-at_install")
class TestHeatMap(HeatMapMixin, MailingMixin, TrackingCase):
    def setUp(self):
        super().setUp()
        _delivered, self.trackable = self.send()

    def test_hours_are_in_the_users_time_zone(self):
        self.make(
            self.trackable,
            "2026-03-28 08:30:00",  # a Saturday, in winter
            "2026-03-30 08:30:00",  # a Monday, in summer
            "2026-03-29 22:30:00",  # a Monday in Paris
            "2026-10-25 00:30:00",  # both 2:30 in Paris
            "2026-10-25 01:30:00",
        )
        self.assertEqual(self.counts(), {(6, 9): 1, (1, 10): 1, (1, 0): 1, (0, 2): 2})
        self.assertEqual(
            self.counts(tz="Asia/Kolkata"),
            {(6, 14): 1, (1, 14): 1, (1, 4): 1, (0, 6): 1, (0, 7): 1},
        )
        self.assertEqual(
            self.counts(tz=False),
            {(6, 8): 1, (1, 8): 1, (0, 22): 1, (0, 0): 1, (0, 1): 1},
        )

    def test_every_hour_of_a_year_and_its_domain(self):
        """Cells agree with Python's calendar, and open the records that they count."""
        chance = random.Random(SEED)
        start = datetime(2025, 10, 1)
        times = [
            start + timedelta(seconds=chance.randrange(365 * 86400)) for _ in range(400)
        ]
        actions = self.make(self.trackable, *times)
        for tz in ("Europe/Paris", "America/St_Johns", "Australia/Lord_Howe"):
            cells = {}
            for action in actions:
                local = action.occurred_at.replace(tzinfo=timezone.utc).astimezone(
                    ZoneInfo(tz)
                )
                cell = (local.isoweekday() % 7, local.hour)
                cells[cell] = cells.get(cell, self.Action) | action
            self.assertEqual(
                self.counts(tz=tz),
                {cell: len(actions) for cell, actions in cells.items()},
            )
            Action = self.Action.with_user(self.salesperson).with_context(tz=tz)
            for group in self.groups(tz=tz)[::20]:
                actions_of_group = Action.search(group["__extra_domain"])
                self.assertEqual(
                    actions_of_group.sudo(), cells[group[DAY], group[HOUR]].sorted()
                )

    def test_the_first_day_of_the_week_follows_the_language(self):
        self.make(self.trackable, "2026-03-01 12:00:00", "2026-03-02 12:00:00")
        language = self.env["res.lang"]._lang_get("en_US")
        for week_start, days in (("1", [1, 0]), ("7", [0, 1])):
            language.week_start = week_start
            self.assertEqual([group[DAY] for group in self.groups(lang="en_US")], days)

    def test_default_filters(self):
        now = datetime.now().replace(microsecond=0)
        counted = self.make(self.trackable, now - timedelta(days=300))
        for values in (
            {"actor": "unknown"},
            {"actor": "machine"},
            {"actor": "internal"},
            {"is_repeat": True},
            {"kind": "click"},
            {"kind": "download"},
        ):
            self.make(self.trackable, now, **values)
        long_ago = self.make(self.trackable, now - timedelta(days=370))
        _delivered, others = self.send(subject="Others")
        others.user_id = self.colleague
        self.make(others, now)
        mailing, _arrived = self.send_mailing()
        mailing_email = self.emails_of(mailing)[self.contacts[0].email]
        mailing_email.write(
            {"partner_id": self.customer.id, "user_id": self.salesperson.id}
        )
        of_mailing = self.make(mailing_email, now)
        Action = self.Action.with_user(self.salesperson)
        self.assertEqual(Action.search(self.default_domain(ACTION)), counted)
        with_mailings = self.default_domain(ACTION, without="without_mailings")
        self.assertEqual(Action.search(with_mailings), of_mailing | counted)
        partner_domain = self.default_domain(PARTNER_ACTION, self.customer.id)
        self.assertEqual(Action.search(partner_domain), counted | long_ago)
        self.assertEqual(sum(self.counts(partner_domain).values()), 2)

    def test_the_filter_for_automated_requests_adds_them(self):
        """Filters of one group are alternatives: "Counted or Automated"."""
        self.make(self.trackable, "2026-03-01 12:00:00", actor="internal")
        counted = self.make(self.trackable, "2026-03-01 12:00:00")
        automated = self.make(self.trackable, "2026-03-01 13:00:00", actor="machine")
        arch = self.Action.get_view(view_type="search")["arch"]
        filters = etree.fromstring(arch).findall("filter")
        names = [node.get("name") for node in filters]
        group = etree.fromstring(arch).xpath(
            "//filter[@name='counting']/following-sibling::*"
        )
        between = group[: [node.get("name") for node in group].index("machine")]
        self.assertNotIn("separator", [node.tag for node in between])
        domains = [
            safe_eval(filters[names.index(name)].get("domain"))
            for name in ("counting", "machine")
        ]
        self.assertEqual(
            self.Action.search(Domain.OR(map(Domain, domains))), automated | counted
        )

    def test_a_company_includes_its_contacts(self):
        company = self.env["res.partner"].create({"name": "C", "is_company": True})
        opened = self.make(self.trackable, "2026-03-01 12:00:00")
        for partner, parent, actions in (
            (company, company, opened),
            (company, self.env["res.partner"], self.Action),
            (self.other, company, self.Action),
        ):
            self.customer.parent_id = parent
            domain = self.default_domain(PARTNER_ACTION, partner.id)
            self.assertEqual(self.Action.search(domain), actions)

    def test_search_by_sender_recipient_template_and_mailing(self):
        template = self.env["mail.template"].create({"name": "Offer"})
        self.trackable.template_id = template
        action = self.make(self.trackable, "2026-03-01 12:00:00")
        mailing, _arrived = self.send_mailing()
        mailing_email = self.emails_of(mailing)[self.contacts[0].email]
        mailing_action = self.make(mailing_email, "2026-03-01 13:00:00")
        for domain, actions in (
            ([("partner_id", "=", self.customer.id)], action),
            ([("template_id", "=", template.id)], action),
            ([("mailing_id", "=", mailing.id)], mailing_action),
            ([("sender_id", "=", self.salesperson.id)], action | mailing_action),
            ([("sender_id", "=", self.colleague.id)], self.Action),
        ):
            self.assertEqual(self.Action.search(domain), actions.sorted())
        # A mailing whose transaction was rolled back after its copies were sent.
        mailing_email.mailing_id = missing_mailing = mailing.browse(mailing.id + 999)
        for name, values in (
            ("partner_id", {self.customer.id, False}),
            ("template_id", {template.id, False}),
            ("sender_id", {self.salesperson.id}),
            ("mailing_id", {missing_mailing.id, False}),
        ):
            groups = self.Action.web_read_group([], [name], ["__count"])["groups"]
            ids = {group[name] and group[name][0] for group in groups}
            self.assertEqual(ids, values)
            mailing_action.web_read({name: {"fields": {"display_name": {}}}})

    def test_an_invalid_arch_is_refused(self):
        def create(fields):
            return self.env["ir.ui.view"].create(
                {
                    "name": "x",
                    "model": "trackable.email",
                    "arch": f"<heat_map>{fields}</heat_map>",
                }
            )

        date = '<field name="sent_date"/>'
        measure = '<field name="open_count" type="measure"/>'
        self.assertEqual(create(date + measure).type, "heat_map")
        for invalid_fields in (
            "",
            measure,
            date + '<field name="first_open_date"/>',
            '<field name="subject"/>',
            date + measure + '<field name="click_count" type="measure"/>',
            date + '<field name="subject" type="measure"/>',
            date + '<field name="unknown_field"/>',
        ):
            with self.subTest(invalid_fields), self.assertRaises(ValidationError):
                create(invalid_fields)


@tagged("post_install", "-at_install")
class TestHeatMapTour(HeatMapMixin, TrackingMixin, HttpCase):
    def test_from_the_menu_and_from_the_partner(self):
        """Two recipients open on Tuesdays at 9 and at other times."""
        _delivered, trackable = self.send()
        message = self.post(record=self.other, partner_ids=self.other.ids)
        others = self.trackable_emails(message)
        now = datetime.now(ZoneInfo("Europe/Paris"))
        tuesday = (now - timedelta(days=(now.weekday() - 1) % 7 + 7)).replace(
            minute=15, second=0, microsecond=0
        )

        def at(days, hour):
            local = (tuesday + timedelta(days=days)).replace(hour=hour)
            return local.astimezone(timezone.utc).replace(tzinfo=None)

        self.make(trackable, at(0, 9), at(-7, 9), at(0, 10), at(2, 16))
        self.make(trackable, at(0, 9), actor="machine")
        self.make(trackable, at(1, 11), kind="click")
        self.make(others, at(0, 9), at(-2, 23))
        of_mailing = others.copy({"recipient_key": "mailing"})
        of_mailing.mailing_id = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.make(of_mailing, at(3, 13))
        self.start_tour(
            "/odoo/action-pipeline_tracking.trackable_email_action_window",
            "pipeline_tracking_heat_map",
            login=self.salesperson.login,
        )
        self.start_tour(
            f"/odoo/contacts/{self.customer.id}",
            "pipeline_tracking_heat_map_partner",
            login=self.salesperson.login,
        )
