"""Records with a chatter have a button that opens their tracked emails."""

from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..common import APPLE_MPP, TrackingCase

FIELDS = ["trackable_email_count", "trackable_email_summary"]
BUTTON = "//button[@name='action_open_trackable_emails']"
OPENED_FORM = {name: {} for name in ("display_name", *FIELDS)}


@tagged("post_install", "-at_install")
class TestSmartButton(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_manager()

    def read_button(self, record, user=None):
        """Read the count and the text that the button shows a user."""
        self.env.invalidate_all()
        (values,) = record.with_user(user or self.salesperson).web_read(OPENED_FORM)
        return values[FIELDS[0]], values[FIELDS[1]]

    def listed(self, record, user=None):
        """Return the emails that the button opens for a user."""
        user = user or self.salesperson
        action = record.with_user(user).action_open_trackable_emails()
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def assertLeadsTo(self, record, emails, user=None):
        """Assert that the button counts and opens exactly these emails."""
        self.assertEqual(self.listed(record, user), emails.sorted())
        self.assertEqual(self.read_button(record, user)[0], len(emails))

    def test_count_and_text(self):
        self.assertEqual(self.read_button(self.lead), (0, False))
        opened, first = self.send()
        maybe, second = self.send()
        _delivered, third = self.send()
        self.assertEqual(self.read_button(self.lead), (3, "0 of 3 opened"))
        self.hit(opened.image_urls[0])
        self.hit(maybe.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        self.assertEqual(self.read_button(self.lead), (3, "1 of 3 opened"))
        self.assertLeadsTo(self.lead, first + second + third)
        self.assertLeadsTo(self.customer, first + second + third)
        other = self.lead.copy()
        self.assertLeadsTo(other, first.browse())
        self.assertLeadsTo(self.other, first.browse())
        third.sent_date = False
        self.assertEqual(
            self.read_button(self.lead),
            (2, "1 of 2 opened"),
            "an unsent email does not count",
        )
        self.assertLeadsTo(self.lead, first + second)

    def test_text_is_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.send()
        lead = self.lead.with_user(self.salesperson)
        self.assertEqual(lead.trackable_email_summary, "0 of 1 opened")
        french = lead.with_context(lang="fr_FR")
        texts = {"%(opened_count)s of %(sent_count)s opened": "lu"}
        with patch(
            "odoo.tools.translate.CodeTranslations.get_python_translations",
            lambda _self, _module, lang: texts if lang == "fr_FR" else {},
        ):
            self.assertEqual(french.trackable_email_summary, "lu")
            self.assertEqual(lead.trackable_email_summary, "0 of 1 opened")

    def test_hooks_agree(self):
        """The three hooks find the same pairs of records and emails."""
        company = self.env["res.partner"].create({"name": "Azure"})
        self.customer.parent_id = company
        _delivered, first = self.send()
        _delivered, second = self.send(record=self.customer)
        self.post(record=company.with_user(self.salesperson), partner_ids=[])
        self.env.flush_all()
        for model in ("crm.lead", "res.partner"):
            records = self.env[model].search([])
            pairs = self.env.execute_query(records._get_trackable_emails_sql())
            self.assertEqual(len(pairs), len(set(pairs)))
            for email in first + second:
                query = records._get_records_of_trackable_emails_sql(
                    SQL("SELECT %s", email.id)
                )
                owner_ids = {row_id for (row_id,) in self.env.execute_query(query)}
                self.assertEqual(
                    owner_ids,
                    {
                        record_id
                        for record_id, email_id in pairs
                        if email_id == email.id
                    },
                )
                self.assertEqual(
                    owner_ids,
                    {
                        record.id
                        for record in records
                        if email.filtered_domain(record._get_trackable_emails_domain())
                    },
                )
        self.assertEqual(owner_ids, {self.customer.id, company.id})

    def test_emails_of_a_contact_are_found_with_indexes(self):
        """A form and a page of contacts do not read the emails of all contacts."""
        partners = self.env["res.partner"].create(
            [{"name": f"N{number}"} for number in range(400)]
        )
        self.env.cr.execute(
            """
            INSERT INTO trackable_email (nonce, recipient_key, is_stopped, partner_id,
                                         res_model, res_id)
            SELECT 0, number::text, FALSE, partner_id, 'res.partner', partner_id
              FROM generate_series(1, 50) AS number, unnest(%s) AS partner_id
            """,
            [partners.ids],
        )
        self.env.cr.execute("ANALYZE trackable_email, res_partner")
        for records in (partners[0], partners[:80]):
            query = records._get_trackable_emails_sql()
            plan = self.env.execute_query(SQL("EXPLAIN %s", query))
            self.assertNotIn("Seq Scan on trackable_email", str(plan))

    def test_emails_of_other_models_do_not_count(self):
        _delivered, email = self.send()
        email.write({"res_model": "res.partner", "res_id": self.other.id})
        self.assertLeadsTo(self.lead, email.browse())
        self.assertLeadsTo(self.other, email)

    def test_contact_counts_emails_to_it_and_from_it(self):
        """A company also counts the emails of its contacts, archived or not."""
        company = self.env["res.partner"].create({"name": "Azure", "is_company": True})
        site = self.env["res.partner"].create(
            {"name": "Paris", "is_company": True, "parent_id": company.id}
        )
        self.customer.parent_id = site
        _delivered, to_customer = self.send()
        from_company = self.post(
            record=company.with_user(self.salesperson), partner_ids=self.other.ids
        )
        from_company = self.trackable_emails(from_company)
        # This email is to the customer and from the customer's form. It counts once.
        _delivered, both = self.send(record=self.customer)
        self.assertEqual(from_company.partner_id, self.other)
        self.assertLeadsTo(self.customer, to_customer + both)
        self.assertLeadsTo(site, to_customer + both)
        self.assertLeadsTo(company, to_customer + from_company + both)
        self.assertLeadsTo(self.other, from_company)
        self.customer.active = False
        self.assertLeadsTo(company, to_customer + from_company + both)
        values = (company + self.customer + self.other).with_user(self.salesperson)
        self.assertEqual(values.mapped("trackable_email_count"), [3, 2, 1])

    def test_new_record_has_no_emails(self):
        self.send()
        for record in (self.env["crm.lead"].new(), self.env["res.partner"].new()):
            self.assertEqual(record.trackable_email_count, 0)
        edited = self.lead.new(origin=self.lead)
        self.assertEqual(edited.trackable_email_count, 1)

    def test_button_counts_readable_emails(self):
        _delivered, sallys = self.send()
        managers = self.trackable_emails(self.post(user=self.manager))
        self.assertLeadsTo(self.customer, sallys)
        self.assertLeadsTo(self.customer, sallys + managers, self.manager)
        self.assertLeadsTo(self.customer, sallys.browse(), self.colleague)
        sallys.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertLeadsTo(self.customer, sallys.browse())
        self.assertLeadsTo(self.customer, managers, self.manager)

    def test_portal_user_cannot_read_fields(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        partner = portal.partner_id
        self.assertFalse(set(FIELDS) & set(partner.with_user(portal).fields_get()))
        for name in FIELDS:
            with self.subTest(field=name), self.assertRaises(AccessError):
                partner.with_user(portal).read([name])

    def test_button_costs_one_query(self):
        self.send()
        for records in (self.customer, self.lead, self.customer + self.other):
            records = records.with_user(self.salesperson)
            records.web_read(OPENED_FORM)
            with self.subTest(records=records):
                self.env.invalidate_all()
                records.web_read({"display_name": {}})
                with self.assertQueryCount(1):
                    records.mapped("trackable_email_count")
                    records.mapped("trackable_email_summary")

    def test_lists_do_not_read_fields(self):
        for view_type in ("list", "kanban"):
            arch = self.env["res.partner"].get_view(view_type=view_type)["arch"]
            self.assertFalse(set(FIELDS) & self.names(etree.fromstring(arch)))

    def names(self, arch):
        return {node.get("name") for node in arch.iter("field")}

    # ------------------------------------------------------------
    # Forms
    # ------------------------------------------------------------

    def test_every_form_of_every_model_with_a_chatter(self):
        """Each form with a sheet and a chatter has the button, and is valid."""
        View = self.env["ir.ui.view"]
        with_button = set()
        for name, model in self.env.items():
            if model._abstract or "message_ids" not in model._fields:
                continue
            forms = View.search(
                [("model", "=", name), ("type", "=", "form"), ("mode", "=", "primary")]
            )
            for view in forms:
                with self.subTest(model=name, view=view.xml_id):
                    self.env[name].get_views([(view.id, "form")])
                    arch, view = self.env[name]._get_view(view.id, "form")
                    expected = bool(
                        arch.xpath(".//chatter[not(ancestor::field)]")
                        and arch.xpath(".//sheet[not(ancestor::field)]")
                    )
                    self.assertEqual(len(arch.xpath(BUTTON)), expected)
                    if expected:
                        with_button.add(name)
                        arch.set("__validate__", "1")
                        view._validate_view(arch, name)
        self.assertLessEqual({"crm.lead", "res.partner"}, with_button)

    def form(self, model, user, view=None):
        arch = self.env[model].with_user(user).get_view(view and view.id)["arch"]
        return etree.fromstring(arch)

    def test_place_and_group_of_button(self):
        for model in ("res.partner", "crm.lead"):
            (button,) = self.form(model, self.salesperson).xpath(BUTTON)
            self.assertEqual(button.getparent().get("name"), "button_box")
            self.assertEqual(button.get("invisible"), "not trackable_email_count")
            count, text = button.iter("field")
            self.assertEqual(count.get("invisible"), "1")
            self.assertEqual(text.get("string"), "Tracked Emails")
        # Users outside the group have no button.
        group = self.env.ref("pipeline_tracking.group_user")
        self.env.ref("base.group_user").implied_ids -= group
        self.assertFalse(group in self.colleague.all_group_ids)
        form = self.form("res.partner", self.colleague)
        self.assertFalse(form.xpath(BUTTON))
        self.assertFalse(set(FIELDS) & self.names(form))

    def make_form(self, arch):
        return self.env["ir.ui.view"].create(
            {"model": "res.partner", "type": "form", "arch": arch}
        )

    def test_form_without_button_box_gets_a_box(self):
        view = self.make_form(
            """
            <form><sheet><h1><field name="name" /></h1>
                <field name="child_ids">
                    <form><sheet><div name="button_box" /><field name="name" /></sheet>
                    </form>
                </field>
            </sheet><chatter /></form>
            """
        )
        (button,) = self.form("res.partner", self.salesperson, view).xpath(BUTTON)
        box = button.getparent()
        self.assertEqual(box.get("class"), "oe_button_box")
        self.assertEqual(box.getparent().tag, "sheet")
        self.assertEqual(box.getparent().index(box), 0)
        self.assertEqual(box.getparent().getparent().getparent(), None)

    def test_form_without_sheet_or_chatter_has_no_button(self):
        for arch in (
            '<form><sheet><field name="name" /></sheet></form>',
            '<form><field name="name" /><chatter /></form>',
            """<form><sheet><field name="child_ids"><form><sheet>
            <field name="name" /></sheet><chatter /></form></field></sheet></form>""",
        ):
            view = self.make_form(arch)
            form = self.form("res.partner", self.salesperson, view)
            self.assertFalse(form.xpath(BUTTON), arch)

    def test_button_stays_in_extended_view(self):
        view = self.env.ref("base.view_partner_form")
        before = self.form("res.partner", self.salesperson, view)
        self.assertEqual(len(before.xpath(BUTTON)), 1)
        self.env["ir.ui.view"].create(
            {
                "model": "res.partner",
                "inherit_id": view.id,
                "arch": """
                    <div name="button_box" position="inside">
                        <button name="create_company" type="object" class="added" />
                    </div>
                """,
            }
        )
        after = self.form("res.partner", self.salesperson, view)
        self.assertEqual(len(after.xpath("//button[@class='added']")), 1)
        self.assertEqual(len(after.xpath(BUTTON)), 1)
        self.assertNotIn("action_open_trackable_emails", view.arch)
