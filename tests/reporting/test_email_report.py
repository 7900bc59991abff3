"""The report shows open, click and reply rates of the emails that a user may see."""

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..common import APPLE_MPP, TrackingCase

MEASURES = (
    "email_count",
    "opened_count",
    "maybe_opened_count",
    "clicked_count",
    "replied_count",
    "open_count",
    "click_count",
)
RATES = ("open_rate", "click_rate", "reply_rate")
LINK = '<a href="https://x.example.net">our prices</a>'


@tagged("post_install", "-at_install")
class TestReport(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_manager()
        # Emails that the database already has would be in the sums.
        cls.env["trackable.email"].search([]).unlink()

    def setUp(self):
        super().setUp()
        Report = self.env["trackable.email.report"].with_user(self.manager)
        self.search_view = etree.fromstring(Report.get_view(view_type="search")["arch"])

    def report(self, groupby=(), user=None, domain=(), **context):
        """Return the rows of the report, read as its pivot does."""
        Report = self.env["trackable.email.report"].with_user(user or self.manager)
        Report = Report.with_context(**context)
        aggregates = [f"{name}:sum" for name in MEASURES]
        aggregates += [f"{name}:avg" for name in RATES]
        (rows,) = Report.formatted_read_grouping_sets(
            list(domain), [list(groupby)], aggregates
        )
        return rows

    def sums(self, **kwargs):
        (row,) = self.report(**kwargs)
        return tuple(row[f"{name}:sum"] for name in MEASURES)

    def send_four(self):
        """Send four emails: one opened twice and clicked, one possibly opened, one
        answered and one ignored.
        """
        delivered, clicked = self.send(LINK)
        maybe, maybe_email = self.send(LINK)
        _delivered, answered = self.send()
        _delivered, waiting = self.send()
        self.wait(3600)
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["our prices"])
        self.hit(maybe.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        answered.write({"reply_date": answered.sent_date, "open_count": 1})
        clicked.open_count = 2
        return clicked, maybe_email, answered, waiting

    def test_measures_and_rates(self):
        self.send_four()
        self.assertEqual(self.sums(), (4, 2, 1, 1, 1, 3, 1))
        (row,) = self.report()
        self.assertEqual([row[f"{name}:avg"] for name in RATES], [0.5, 0.25, 0.25])

    def test_only_sent_emails_count(self):
        *_others, waiting = self.send_four()
        waiting.sent_date = False
        self.assertEqual(self.sums()[0], 3)
        (row,) = self.report()
        self.assertAlmostEqual(row["open_rate:avg"], 2 / 3)

    def test_automated_requests_and_colleagues_do_not_count(self):
        delivered, email = self.send(LINK)
        self.hit(delivered.image_urls[0], method="HEAD")
        self.hit(delivered.links["our prices"], user_id=self.colleague.id)
        self.process()
        self.assertEqual((email.raw_open_count, email.raw_click_count), (1, 1))
        self.assertEqual(self.sums(), (1, 0, 0, 0, 0, 0, 0))

    def test_the_filter_counts_automated_requests_as_well(self):
        *_others, waiting = self.send_four()
        delivered, scanned = self.send(LINK)
        for _ in range(2):
            self.hit(delivered.image_urls[0], method="HEAD")
            self.hit(delivered.links["our prices"], method="HEAD")
            self.wait(60)
        self.hit(delivered.links["our prices"], user_id=self.colleague.id)
        self.process()
        self.assertEqual(self.sums(), (5, 2, 1, 1, 1, 3, 1))
        (node,) = self.search_view.xpath("//filter[@name='with_automated']")
        switch = safe_eval(node.get("context"))
        self.assertEqual(self.sums(**switch), (5, 3, 1, 2, 1, 5, 3))
        for email, rate in ((scanned, 1), (waiting, 0)):
            (row,) = self.report(domain=[("id", "=", email.id)], **switch)
            self.assertEqual((row["open_rate:avg"], row["click_rate:avg"]), (rate,) * 2)
        opened = [("opened_count", "=", 1)]
        self.assertEqual(self.sums(domain=opened, **switch)[0], 3, "in other filters")
        self.assertEqual(self.sums(user=self.colleague, **switch)[0], 0, "access rules")
        # Totals of deleted actions count as well.
        self.env["trackable.action.total"]._replace_actions_by_totals(
            SQL("SELECT id FROM trackable_email_action")
        )
        self.assertEqual(self.sums(**switch), (5, 3, 1, 2, 1, 5, 3))
        self.assertEqual(self.sums(), (5, 2, 1, 1, 1, 3, 1))

    def test_by_sender_template_and_week(self):
        clicked, _maybe, answered, _waiting = self.send_four()
        manager_email = self.trackable_emails(self.post(user=self.manager))
        template = self.env["mail.template"].create({"name": "Offer"})
        (clicked + manager_email).template_id = template
        answered.sent_date = "2026-01-05 10:00:00"
        for groupby, expected in (
            ("user_id", {"Sally Sales": (4, 0.5), "manon": (1, 0)}),
            ("template_id", {"Offer": (2, 0.5), None: (3, 1 / 3)}),
            ("partner_id", {"Carla Customer": (5, 0.4)}),
        ):
            rows = {
                row[groupby] and row[groupby][1].split(" (")[0] or None: (
                    row["email_count:sum"],
                    row["open_rate:avg"],
                )
                for row in self.report([groupby])
            }
            with self.subTest(groupby=groupby):
                self.assertEqual(rows.keys(), expected.keys())
                for name, (count, rate) in expected.items():
                    self.assertEqual(rows[name][0], count)
                    self.assertAlmostEqual(rows[name][1], rate)
        weeks = self.report(["sent_date:week"])
        self.assertEqual([row["email_count:sum"] for row in weeks], [1, 4])
        self.assertEqual(weeks[0]["sent_date:week"][1], "W2 2026")

    def test_groups_by_missing_records(self):
        _delivered, email = self.send()
        template = self.env["mail.template"].create({"name": "Offer"})
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        email.write({"template_id": template.id, "mailing_id": mailing.id})
        self.env.flush_all()
        # Delete in SQL, as if the transaction that created them was rolled back.
        for record in (template, mailing):
            self.env.cr.execute(f"DELETE FROM {record._table} WHERE id = {record.id}")
        self.env.invalidate_all()
        for name in ("template_id", "mailing_id"):
            (row,) = self.report([name])
            self.assertEqual(row[name][1], "Deleted")
        report = self.env["trackable.email.report"].with_user(self.manager).search([])
        specification = {"template_id": {"fields": {"display_name": {}}}}
        self.assertEqual(
            report.web_read(specification)[0]["template_id"]["display_name"], "Deleted"
        )

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    def test_users_see_the_same_emails_as_in_the_list(self):
        """Senders see emails they sent, managers all, mailing users mailings."""
        self.send_four()
        manager_email = self.trackable_emails(self.post(user=self.manager))
        marta = new_test_user(
            self.env, "marta", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        manager_email.mailing_id = mailing
        for user, count in (
            (self.salesperson, 4),
            (self.manager, 5),
            (marta, 1),
            (self.colleague, 0),
        ):
            Email = self.env["trackable.email"].with_user(user)
            Report = self.env["trackable.email.report"].with_user(user)
            with self.subTest(user=user.login):
                self.assertEqual(Report.search_count([]), count)
                self.assertEqual(
                    Report.search([]).ids,
                    Email.search([], order="sent_date desc, id desc").ids,
                )
        other_company = self.env["res.company"].create({"name": "Other"})
        self.env["trackable.email"].search([]).company_id = other_company
        for user in (self.salesperson, self.manager, marta):
            self.assertFalse(
                self.env["trackable.email.report"].with_user(user).search([])
            )

    def test_record_rules_equal_those_of_trackable_emails(self):
        """A change of the rules of one model needs the same change of the other."""
        rules = self.env["ir.rule"].search(
            [("model_id.model", "in", ["trackable.email", "trackable.email.report"])]
        )
        rules_by_model = {
            model: sorted(
                (rule.domain_force, rule.groups.mapped("full_name"))
                for rule in rules_of_model
            )
            for model, rules_of_model in rules.grouped(
                lambda rule: rule.model_id.model
            ).items()
        }
        self.assertEqual(
            rules_by_model["trackable.email"],
            rules_by_model["trackable.email.report"],
        )

    def test_only_internal_users_read_and_no_user_writes(self):
        self.send()
        Report = self.env["trackable.email.report"]
        for user in (
            new_test_user(self.env, "petra", "base.group_portal"),
            self.env.ref("base.public_user"),
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                Report.with_user(user).search([])
        for user in (self.salesperson, self.manager):
            for operation in ("create", "write", "unlink"):
                self.assertFalse(Report.with_user(user).has_access(operation))

    # ------------------------------------------------------------
    # Views
    # ------------------------------------------------------------

    def test_filters(self):
        self.send_four()
        for name, count in (
            ("opened", 2),
            ("maybe_opened", 1),
            ("not_opened", 1),
            ("clicked", 1),
            ("replied", 1),
            ("no_mailings", 4),
            ("mailings", 0),
        ):
            (node,) = self.search_view.xpath(f"//filter[@name='{name}']")
            self.assertEqual(
                self.sums(domain=safe_eval(node.get("domain")))[0], count, name
            )

    def test_rates_are_shown_as_percentages(self):
        Report = self.env["trackable.email.report"].with_user(self.salesperson)
        for view_type in ("pivot", "graph", "list"):
            arch = etree.fromstring(Report.get_view(view_type=view_type)["arch"])
            shown = {
                node.get("name")
                for node in arch.iter("field")
                if node.get("widget") == "percentage"
            }
            self.assertEqual(shown, set(RATES), view_type)

    def test_a_row_opens_its_email(self):
        _delivered, email = self.send()
        action = (
            self.env["trackable.email.report"]
            .with_user(self.salesperson)
            .search([])
            .action_open_email()
        )
        self.assertEqual(
            (action["res_model"], action["res_id"]), (email._name, email.id)
        )
