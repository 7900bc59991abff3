"""Lists, cards and filters show when a recipient last opened or clicked."""

from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import APPLE_MPP, TrackingCase

LAST_ACTION_FIELD = "trackable_last_action_date"
COLUMN = f"//field[@name='{LAST_ACTION_FIELD}']"
FILTER = "//filter[@name='trackable_last_7_days']"
DAY = 24 * 3600


@tagged("post_install", "-at_install")
class TestLastActionDate(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_manager()

    def last_action(self, record, user=None):
        self.env.invalidate_all()
        return record.with_user(user or self.salesperson)[LAST_ACTION_FIELD]

    def find(self, model, operator, value, user=None):
        """Return the records, among those of this test, that a search finds."""
        user = user or self.salesperson
        records = self.env[model].with_user(user).with_context(active_test=False)
        return (
            records.search([(LAST_ACTION_FIELD, operator, value)]) & self.records[model]
        )

    @property
    def records(self):
        return {
            "crm.lead": self.lead | self.env["crm.lead"].search([("name", "=", "B")]),
            "res.partner": self.customer | self.other | self.customer.parent_id,
        }

    def open(self, delivered):
        self.hit(delivered.image_urls[0])
        self.process()

    def test_last_open_or_click_by_the_recipient(self):
        delivered, trackable = self.send('<a href="https://x.example.net">prices</a>')
        self.hit(delivered.image_urls[0], user_agent=APPLE_MPP)
        self.hit(delivered.image_urls[0], method="HEAD")
        self.process()
        self.assertFalse(self.last_action(self.lead), "not by the recipient")
        self.open(delivered)
        opened_at = trackable.last_open_date
        self.assertTrue(opened_at)
        for record in (self.lead, self.customer):
            self.assertEqual(self.last_action(record), opened_at)
        self.assertFalse(self.last_action(self.other))
        self.wait(600)
        self.hit(delivered.links["prices"])
        self.process()
        clicked_at = self.last_action(self.lead)
        self.assertGreater(clicked_at, opened_at - timedelta(seconds=600))
        second, _email = self.send()
        self.wait(600)
        self.assertEqual(
            self.last_action(self.lead), clicked_at - timedelta(seconds=600)
        )
        self.open(second)
        self.assertEqual(
            self.last_action(self.lead),
            max(self.env["trackable.email"].search([]).mapped("last_action_date")),
        )

    def test_contacts_and_their_company(self):
        company = self.env["res.partner"].create({"name": "Azure", "is_company": True})
        self.customer.parent_id = company
        delivered, trackable = self.send()
        self.open(delivered)
        self.assertEqual(self.last_action(company), trackable.last_action_date)
        self.assertEqual(
            self.find("res.partner", ">=", "today -7d"), self.customer + company
        )
        trackable.sent_date = False
        self.assertFalse(self.last_action(company))
        self.assertFalse(self.find("res.partner", ">=", "today -7d"))

    def test_other_senders_and_companies(self):
        delivered, trackable = self.send()
        self.open(delivered)
        for user, sees in (
            (self.salesperson, True),
            (self.manager, True),
            (self.colleague, False),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(bool(self.last_action(self.customer, user)), sees)
                found = self.find("res.partner", ">=", "today -7d", user)
                self.assertEqual(found, self.customer if sees else found.browse())
                not_found = self.find("res.partner", "=", False, user)
                self.assertEqual(self.customer in not_found, not sees)
        trackable.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        for user in (self.salesperson, self.manager):
            self.assertFalse(self.last_action(self.customer, user))
            self.assertFalse(self.find("res.partner", "!=", False, user))

    def test_search(self):
        """A search compares with the last action, not with an earlier one."""
        second_lead = self.lead.copy({"name": "B"})
        for record in (self.lead, self.lead, second_lead):
            delivered, _email = self.send(record=record)
            self.open(delivered)
            self.wait(10 * DAY)
        # The lead was opened 30 and 20 days ago, and the second lead 10 days ago.
        both = self.lead + second_lead
        self.env["crm.lead"].create({"name": "B", "user_id": self.salesperson.id})
        now = fields.Datetime.now()
        lead_date, second_date = map(self.last_action, both)
        self.assertEqual(round((now - lead_date) / timedelta(days=1)), 20)
        for operator, value, expected in (
            (">=", "today -7d", both.browse()),
            (">=", "today -15d", second_lead),
            (">=", "now -25d", both),
            (">", second_date, both.browse()),
            (">=", second_date, second_lead),
            ("<=", second_date, both),
            ("<", second_date, self.lead),
            ("<", now - timedelta(days=25), both.browse()),
            ("=", lead_date, self.lead),
            ("!=", lead_date, self.records["crm.lead"] - self.lead),
            ("in", [lead_date, second_date], both),
            ("not in", [lead_date, False], second_lead),
            ("=", False, self.records["crm.lead"] - both),
            ("!=", False, both),
            (">=", False, both.browse()),
        ):
            with self.subTest(operator=operator, value=value):
                found = self.find("crm.lead", operator, value)
                self.assertEqual(found.sorted("id"), expected.sorted("id"))
        negated = self.env["crm.lead"].with_user(self.salesperson)
        found = negated.search(["!", (LAST_ACTION_FIELD, ">=", "today -15d")])
        self.assertEqual(
            found & self.records["crm.lead"], self.records["crm.lead"] - second_lead
        )

    def test_email_without_a_record(self):
        """NULL in a subquery would make a negative search find nothing."""
        delivered, email = self.send()
        self.open(delivered)
        email.write({"res_id": False, "partner_id": False})
        self.assertEqual(self.find("crm.lead", "=", False), self.lead)
        self.assertIn(self.customer, self.find("res.partner", "=", False))
        self.assertFalse(self.find("crm.lead", "!=", False))

    def test_each_model_with_a_chatter_can_be_searched(self):
        delivered, _email = self.send(record=self.customer)
        self.open(delivered)
        for name, model in self.env.items():
            if not model._abstract and LAST_ACTION_FIELD in model._fields:
                self.assertIsNotNone(
                    model.search([(LAST_ACTION_FIELD, ">=", "today -7d")]), name
                )

    def assertCostsOneQuery(self, read):
        """Assert that the field costs one query.

        :param read: function of a specification, as of `web_read`
        """
        without_field = {"display_name": {}}
        with_field = {**without_field, LAST_ACTION_FIELD: {}}
        read(with_field)  # fills the caches
        costs = [
            self.count_queries(lambda fields=fields: read(fields))
            for fields in (without_field, with_field)
        ]
        self.assertEqual(costs[1] - costs[0], 1)

    def test_page_costs_one_query(self):
        """The numbers of records, of emails and of columns do not matter."""
        leads = self.lead | self.env["crm.lead"].create(
            [{"name": f"N{n}", "user_id": self.salesperson.id} for n in range(50)]
        )
        stages = self.env["crm.stage"].search([], limit=3)
        for lead, stage in zip(leads, [*stages] * 20, strict=False):
            lead.stage_id = stage
        partners = self.env["res.partner"].create([{"name": "N"} for n in range(50)])
        partners |= self.customer
        for _number in range(2):  # without and with tracked emails
            self.assertCostsOneQuery(partners.with_user(self.salesperson).web_read)
            self.assertCostsOneQuery(leads.with_user(self.salesperson).web_read)
            self.assertCostsOneQuery(
                lambda fields: leads.with_user(self.salesperson).web_read_group(
                    [("id", "in", leads.ids)],
                    ["stage_id"],
                    auto_unfold=True,
                    unfold_read_specification=fields,
                )
            )
            self.open(self.send()[0])

    def test_search_costs_one_query(self):
        lead = self.env["crm.lead"].with_user(self.salesperson)

        def count(*domain):
            return self.count_queries(lambda: lead.search_count(list(domain)))

        count((LAST_ACTION_FIELD, ">=", "today -7d"))  # fills the caches
        self.assertEqual(
            count((LAST_ACTION_FIELD, ">=", "today -7d")), count(("name", "=", "x"))
        )

    def test_search_uses_an_index(self):
        """The search does not read the emails of all years."""
        self.env.cr.execute(
            """
            INSERT INTO trackable_email (nonce, recipient_key, is_stopped, res_model,
                                         res_id, sent_date, last_action_date,
                                         last_activity_date)
            SELECT 0, number::text, FALSE, 'crm.lead', number, moment, moment, moment
              FROM generate_series(1, 20000) AS number,
                   LATERAL (SELECT now() AT TIME ZONE 'UTC'
                                   - make_interval(hours => number) AS moment) times
            """
        )
        # With few opportunities, PostgreSQL looks up the emails of each of them.
        self.env.cr.execute(
            """
            INSERT INTO crm_lead (name, type, active)
            SELECT 'Lead', 'opportunity', TRUE FROM generate_series(1, 20000)
            """
        )
        self.env.cr.execute("ANALYZE trackable_email, crm_lead")
        query = self.env["crm.lead"]._search([(LAST_ACTION_FIELD, ">=", "today -7d")])
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        self.assertIn("trackable_email__last_activity_date_index", str(plan))
        self.assertNotIn("Seq Scan on trackable_email", str(plan))


@tagged("post_install", "-at_install")
class TestLastActionInViews(TrackingCase):
    def arch(self, model, view_type, user=None, view=None):
        model = self.env[model].with_user(user or self.salesperson)
        return etree.fromstring(model.get_view(view and view.id, view_type)["arch"])

    def test_lists(self):
        for model, optional in (("crm.lead", "show"), ("res.partner", "hide")):
            (column,) = self.arch(model, "list").xpath(COLUMN)
            self.assertEqual(column.get("optional"), optional)
            # Odoo adds the fields that conditions of the view use.
            following = column.xpath("following-sibling::field[not(@data-used-by)]")
            self.assertFalse(following, "after the other columns")

    def test_cards(self):
        for model in ("crm.lead", "res.partner"):
            (field,) = self.arch(model, "kanban").xpath(COLUMN)
            self.assertTrue(field.xpath("ancestor::footer"))
            self.assertEqual(field.get("invisible"), f"not {LAST_ACTION_FIELD}")
            # The last element of a footer is at the right edge.
            self.assertNotEqual(field.xpath("ancestor::footer/*")[-1], field)

    def test_filters(self):
        for model in ("crm.lead", "res.partner"):
            search = self.arch(model, "search")
            (week,) = search.xpath(FILTER)
            self.assertEqual(week.get("string"), "Opened in Last 7 Days")
            self.assertFalse(week.xpath("ancestor::group | preceding::group"))
            domain = f"[('{LAST_ACTION_FIELD}', '>=', 'today -7d')]"
            self.assertEqual(week.get("domain"), domain)

    def test_every_view_of_opportunities_and_contacts(self):
        """Each list, card and search has the field once, and is valid."""
        for model in ("crm.lead", "res.partner"):
            views = self.env["ir.ui.view"].search(
                [
                    ("model", "=", model),
                    ("type", "in", ["list", "kanban", "search"]),
                    ("mode", "=", "primary"),
                ]
            )
            self.assertLessEqual(
                {"list", "kanban", "search"}, set(views.mapped("type"))
            )
            for view in views:
                with self.subTest(model=model, view=view.xml_id):
                    self.env[model].get_views([(view.id, view.type)])
                    arch, view = self.env[model]._get_view(view.id, view.type)
                    path = FILTER if view.type == "search" else COLUMN
                    self.assertEqual(len(arch.xpath(path)), 1)
                    arch.set("__validate__", "1")
                    view._validate_view(arch, model)

    def test_view_extended_by_another_module(self):
        """An addition after the last field, or a replaced footer, changes nothing."""
        view = self.env.ref("crm.crm_case_kanban_view_leads")
        self.env["ir.ui.view"].create(
            {
                "model": "crm.lead",
                "inherit_id": view.id,
                "arch": """
                    <xpath expr="//footer" position="replace">
                        <div><field name="date_deadline" /></div>
                    </xpath>
                """,
            }
        )
        (field,) = self.arch("crm.lead", "kanban", view=view).xpath(COLUMN)
        self.assertEqual(field.getparent().get("t-name"), "card")
        view = self.env.ref("crm.crm_case_tree_view_oppor")
        self.env["ir.ui.view"].create(
            {
                "model": "crm.lead",
                "inherit_id": view.id,
                "arch": """
                    <list position="inside"><field name="date_closed" /></list>
                """,
            }
        )
        (column,) = self.arch("crm.lead", "list", view=view).xpath(COLUMN)
        self.assertEqual(column.getprevious().get("name"), "date_closed")
        self.assertNotIn(LAST_ACTION_FIELD, view.arch)

    def test_views_without_a_place(self):
        """A list without columns and a search without groups stay valid."""
        View = self.env["ir.ui.view"]
        for view_type, arch, count in (
            ("list", "<list><button name='create_company' type='object'/></list>", 0),
            ("search", "<search><field name='name'/></search>", 1),
            ("kanban", "<kanban><templates><t t-name='menu'/></templates></kanban>", 0),
        ):
            view = View.create({"model": "res.partner", "arch": arch})
            shown = self.arch("res.partner", view_type, view=view)
            self.assertEqual(len(shown.xpath(f"{COLUMN} | {FILTER}")), count, arch)

    def test_other_models_and_users(self):
        for view_type in ("list", "kanban", "search"):
            arch = self.arch("mailing.mailing", view_type, self.env.user)
            self.assertFalse(arch.xpath(f"{COLUMN} | {FILTER}"))
        # Users outside the group see no field.
        group = self.env.ref("pipeline_tracking.group_user")
        self.env.ref("base.group_user").implied_ids -= group
        for view_type in ("list", "kanban", "search"):
            arch = self.arch("res.partner", view_type, self.colleague)
            self.assertFalse(arch.xpath(f"{COLUMN} | {FILTER}"))
