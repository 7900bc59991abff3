"""Managers anonymize, stop, withdraw and delete only emails of their companies."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..helpers.anonymize_case import AnonymizeCase

OTHERS = "Other companies also sent tracked emails"


@tagged("post_install", "-at_install")
class TestCompanies(AnonymizeCase):
    """Two companies each send an email to a contact without a company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create(
            {"name": "Elsewhere", "tracking_keep_ip": "full"}
        )
        cls.manager = cls.new_manager()
        cls.manager_elsewhere = new_test_user(
            cls.env,
            "eve",
            "base.group_user,pipeline_tracking.group_manager",
            company_id=cls.elsewhere.id,
            company_ids=[(6, 0, cls.elsewhere.ids)],
        )
        cls.admin = new_test_user(cls.env, "ada", "base.group_system")

    def setUp(self):
        super().setUp()
        self.delivered_elsewhere, self.trackable_elsewhere = self.send_and_act(
            self.customer
        )
        self.trackable_elsewhere.company_id = self.elsewhere
        self.trackable_elsewhere.link_ids.company_id = self.elsewhere
        self.env.flush_all()

    def anonymize(self, user, companies=None):
        """Anonymize the emails to the customer, as the cog menu of the contact does."""
        wizard = (
            self.env["trackable.anonymize"]
            .with_user(user)
            .with_context(
                active_model="res.partner",
                active_ids=self.customer.ids,
                allowed_company_ids=(companies or user.company_ids).ids,
            )
            .create({})
        )
        return wizard.action_anonymize()["params"]

    # ------------------------------------------------------------
    # Anonymize
    # ------------------------------------------------------------

    def test_a_manager_anonymizes_only_emails_of_their_company(self):
        self.assertFalse(
            self.trackable.with_user(self.manager_elsewhere).has_access("read")
        )
        messages = self.messages_about(self.trackable_elsewhere)
        shown = self.anonymize(self.manager_elsewhere)
        self.assertAnonymized(
            self.trackable_elsewhere, self.delivered_elsewhere, messages
        )
        self.assertNotAnonymized(self.trackable, self.delivered)
        self.assertIn("anonymized: 1.", shown["message"])
        self.assertIn(OTHERS, shown["message"])
        self.assertNotIn(self.env.company.name, shown["message"])
        self.assertEqual(shown["type"], "warning")
        # The manager of the other company anonymizes the remaining email.
        shown = self.anonymize(self.manager)
        self.assertEqual(shown["message"], "Tracked emails anonymized: 1.")
        self.assertFalse(self.trackable.email_to)

    def test_an_administrator_anonymizes_emails_of_all_companies(self):
        shown = self.anonymize(self.admin)
        self.assertEqual(shown["message"], "Tracked emails anonymized: 2.")
        self.assertFalse(self.trackable.email_to)
        self.assertFalse(self.trackable_elsewhere.email_to)

    def test_any_manager_anonymizes_emails_without_a_company(self):
        self.trackable.company_id = False
        self.trackable.partner_id = False  # found by the address
        self.env.flush_all()
        shown = self.anonymize(self.manager_elsewhere)
        self.assertEqual(shown["message"], "Tracked emails anonymized: 2.")
        self.assertFalse(self.trackable.email_to)

    def test_only_emails_of_chosen_companies_are_anonymized(self):
        self.manager.company_ids |= self.elsewhere
        shown = self.anonymize(self.manager, self.elsewhere)
        self.assertNotAnonymized(self.trackable, self.delivered)
        self.assertFalse(self.trackable_elsewhere.email_to)
        self.assertIn(
            f"Emails of {self.env.company.name} were not anonymized", shown["message"]
        )
        self.assertNotIn(OTHERS, shown["message"])
        self.anonymize(self.manager, self.env.company | self.elsewhere)
        self.assertFalse(self.trackable.email_to)

    def test_a_manager_cannot_choose_another_company(self):
        with self.assertRaises(AccessError):
            self.anonymize(self.manager_elsewhere, self.elsewhere | self.env.company)
        self.assertNotAnonymized(self.trackable, self.delivered)

    def test_emails_without_a_contact_are_separated_too(self):
        (self.trackable | self.trackable_elsewhere).partner_id = False
        self.env.flush_all()
        self.anonymize(self.manager_elsewhere)
        self.assertNotAnonymized(self.trackable, self.delivered)
        self.assertFalse(self.trackable_elsewhere.email_to)

    def test_deleting_a_contact_anonymizes_emails_of_all_companies(self):
        user = new_test_user(
            self.env, "dora", "base.group_user,base.group_partner_manager"
        )
        self.lead.partner_id = False
        self.customer.with_user(user).unlink()
        self.assertFalse(self.trackable.email_to)
        self.assertFalse(self.trackable_elsewhere.email_to)

    # ------------------------------------------------------------
    # Stop, withdraw, delete
    # ------------------------------------------------------------

    def test_a_manager_stops_and_deletes_only_emails_of_their_company(self):
        for name in ("action_stop", "action_object", "unlink"):
            with self.subTest(method=name), self.assertRaises(AccessError):
                getattr(self.trackable.with_user(self.manager_elsewhere), name)()
        with self.assertRaises(AccessError):
            self.trackable.link_ids.with_user(
                self.manager_elsewhere
            ).action_withdraw_file()
        self.assertNotAnonymized(self.trackable, self.delivered)
        email_elsewhere = self.trackable_elsewhere.with_user(self.manager_elsewhere)
        email_elsewhere.action_stop()
        self.assertTrue(self.trackable_elsewhere.is_stopped)
        email_elsewhere.link_ids.action_withdraw_file()
        email_elsewhere.unlink()
        self.assertFalse(self.trackable_elsewhere.exists())

    # ------------------------------------------------------------
    # Objections
    # ------------------------------------------------------------

    def test_an_objection_applies_to_all_companies(self):
        self.trackable._record_objection_by_link()
        self.assertTrue(self.trackable.is_stopped)
        self.assertTrue(self.trackable_elsewhere.is_stopped)

    def test_only_an_administrator_deletes_an_objection(self):
        Objection = self.env["trackable.objection"]
        self.trackable._record_objection_by_link()
        objection = Objection.search([("email_normalized", "=", self.customer.email)])
        for user in (self.manager, self.manager_elsewhere):
            with self.assertRaises(AccessError):
                objection.with_user(user).unlink()
            with self.assertRaises(AccessError):
                objection.with_user(user).tracking_consent_origin = "x"
        self.assertTrue(objection.exists())
        objection.with_user(self.admin).tracking_consent_origin = "A letter"
        self.assertEqual(objection.tracking_consent_origin, "A letter")
        objection.with_user(self.admin).unlink()
        self.assertFalse(objection.exists())

    def test_a_contact_lifts_only_objections_recorded_on_it(self):
        # The recipient used the link: changing contacts keeps the objection.
        Objection = self.env["trackable.objection"]
        Partner = self.env["res.partner"]
        address = self.customer.email
        by_recipient = [("email_normalized", "=", address)]
        self.trackable._record_objection_by_link()
        self.customer.tracking_consent = "agreed"
        contact = Partner.create({"name": "x", "email": address})
        for value in ("agreed", "objected", False):
            contact.tracking_consent = value
        self.assertTrue(Objection.search(by_recipient))
        self.assertEqual(Objection._read_consents({address}), {address: "objected"})
        # A colleague recorded it on a contact, and withdraws it there.
        partner = Partner.create(
            {"name": "y", "email": "y@x.com", "tracking_consent": "objected"}
        )
        other = Partner.create({"name": "y", "email": "y@x.com"})
        other.tracking_consent = "agreed"
        Partner.create({"name": "z", "email": "y@x.com", "tracking_consent": "agreed"})
        self.assertEqual(Objection._read_consents({"y@x.com"}), {"y@x.com": "objected"})
        partner.tracking_consent = "agreed"
        self.assertEqual(Objection._read_consents({"y@x.com"}), {"y@x.com": "agreed"})

    def test_a_manager_adds_an_objection(self):
        Objection = self.env["trackable.objection"]
        objection = Objection.with_user(self.manager_elsewhere).create(
            {"email_normalized": "Carla <CARLA@customer.example.org>"}
        )
        self.assertEqual(objection.email_normalized, "carla@customer.example.org")
        self.assertEqual(objection.tracking_consent, "objected")
        self.assertIn(
            self.manager_elsewhere.name, objection.sudo().tracking_consent_origin
        )
        self.assertTrue(self.trackable.is_stopped)
        self.assertTrue(self.trackable_elsewhere.is_stopped)
        with self.assertRaises(AccessError):
            Objection.with_user(self.salesperson).create(
                {"email_normalized": "x@x.com"}
            )

    def test_the_list_refuses_consent_and_invalid_addresses(self):
        # Consent in this list would lift an objection.
        Objection = self.env["trackable.objection"]
        manager = Objection.with_user(self.manager)
        for values in (
            {"email_normalized": "x@x.com", "tracking_consent": "agreed"},
            {"email_normalized": "nobody"},
            {"email_normalized": False},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                manager.create(values)
        objection = Objection.create({"email_normalized": "x@x.com"})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            objection.with_user(self.admin).tracking_consent = "agreed"
        self.assertEqual(Objection._read_consents(["x@x.com"]), {"x@x.com": "objected"})
