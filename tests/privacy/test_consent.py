"""Consent and objections decide whether emails are tracked, sent emails included."""

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestConsent(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["mailing.contact"].create(
            {"name": "Carla", "email": "Carla@Customer.example.org"}
        )

    def when_agreed(self):
        self.env.company.tracking_consent_mode = "when_agreed"

    def consent_of(self, address="carla@customer.example.org"):
        return self.env["trackable.objection"]._read_consents([address])[address]

    # ------------------------------------------------------------
    # Consents and objections
    # ------------------------------------------------------------

    def test_date_and_origin(self):
        partner = self.customer.with_user(self.salesperson)
        partner.tracking_consent = "agreed"
        self.assertEqual(partner.tracking_consent_origin, "Entered by Sally Sales")
        self.assertTrue(partner.tracking_consent_date)
        first = partner.tracking_consent_date = "2026-01-02 03:04:05"
        partner.tracking_consent = "agreed"
        self.assertEqual(
            str(partner.tracking_consent_date), first, "the consent did not change"
        )
        partner.write(
            {"tracking_consent": "objected", "tracking_consent_origin": "A call"}
        )
        self.assertEqual(partner.tracking_consent_origin, "A call")
        self.assertNotEqual(str(partner.tracking_consent_date), first)
        partner.tracking_consent = False
        self.assertFalse(partner.tracking_consent_date)
        self.assertFalse(partner.tracking_consent_origin)

    def test_consent_is_entered_in_forms(self):
        for record in (self.customer, self.contact):
            with Form(record) as form:
                form.tracking_consent = "agreed"
                form.tracking_consent_origin = "The form of the fair"
            self.assertEqual(record.tracking_consent_origin, "The form of the fair")
            self.assertTrue(record.tracking_consent_date)

    def test_consent_is_given_at_creation(self):
        partner, other = self.env["res.partner"].create(
            [
                {"name": "x", "email": "x@x.com", "tracking_consent": "agreed"},
                {"name": "y", "email": "y@x.com"},
            ]
        )
        self.assertTrue(partner.tracking_consent_date)
        self.assertFalse(other.tracking_consent_date)
        self.assertFalse(partner.copy().tracking_consent, "the copy is another person")

    def test_portal_users_cannot_read_consent(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        with self.assertRaises(AccessError):
            portal.partner_id.with_user(portal).read(["tracking_consent"])

    def test_the_most_restrictive_consent_holds(self):
        self.assertIsNone(self.consent_of())
        self.customer.tracking_consent = "agreed"
        self.assertIsNone(self.consent_of(), "the mailing contact was not asked")
        self.contact.tracking_consent = "agreed"
        self.assertEqual(self.consent_of(), "agreed")
        self.contact.tracking_consent = "objected"
        self.assertEqual(self.consent_of(), "objected")
        self.contact.unlink()
        self.assertEqual(
            self.consent_of(), "objected", "the objection outlives the contact"
        )
        self.customer.tracking_consent = False
        self.customer.tracking_consent = "agreed"
        self.assertEqual(self.consent_of(), "objected", "despite another contact")
        self.env["trackable.objection"].search([]).unlink()  # by an administrator
        self.assertEqual(self.consent_of(), "agreed")

    def test_an_objection_is_withdrawn_on_its_contact(self):
        self.contact.unlink()
        self.customer.tracking_consent = "objected"
        self.assertEqual(self.consent_of(), "objected")
        self.customer.tracking_consent = "agreed"
        self.assertEqual(self.consent_of(), "agreed")

    def test_consent_of_archived_contacts(self):
        self.contact.unlink()
        self.customer.tracking_consent = "agreed"
        twin = self.customer.copy({"email": self.customer.email, "active": False})
        self.assertEqual(self.consent_of(), "agreed", "an archived contact is ignored")
        twin.tracking_consent = "objected"
        self.assertEqual(self.consent_of(), "objected", "an archived objection counts")

    def test_consents_are_read_in_one_query(self):
        self.consent_of()
        with self.assertQueryCount(1):
            self.env["trackable.objection"]._read_consents(
                {f"x{n}@x.com" for n in range(100)}
            )

    def test_objections_are_stored_in_one_query(self):
        Objection = self.env["trackable.objection"]
        Objection._store_objections_by_address({"x@x.com": "A call"})
        with self.assertQueryCount(1):
            Objection._store_objections_by_address(
                dict.fromkeys((f"x{n}@x.com" for n in range(100)), "A call")
                | {"x@x.com": "A call"}
            )
        consents = Objection._read_consents({"x@x.com", "x7@x.com"})
        self.assertEqual(set(consents.values()), {"objected"})

    def test_an_objection_survives_a_merge(self):
        self.other.write(
            {"tracking_consent": "objected", "tracking_consent_origin": "A call"}
        )
        self.customer.tracking_consent = "agreed"
        merge = self.env["base.partner.merge.automatic.wizard"]._merge
        merge((self.customer | self.other).ids, self.customer)
        self.assertEqual(self.customer.tracking_consent, "objected")
        self.assertEqual(self.customer.tracking_consent_origin, "A call")
        third = self.env["res.partner"].create({"name": "z", "email": "z@x.com"})
        merge((self.customer | third).ids, third)
        self.assertEqual(third.tracking_consent, "objected")

    # ------------------------------------------------------------
    # Outgoing emails
    # ------------------------------------------------------------

    def test_mode_only_if_they_agreed(self):
        self.when_agreed()
        self.contact.unlink()
        self.assertRefused(self.post(), "not_agreed")
        self.customer.tracking_consent = "agreed"
        delivered, _trackable = self.send()
        self.assertTracked(delivered)

    def test_mode_unless_they_opted_out(self):
        delivered, _trackable = self.send()
        self.assertTracked(delivered)
        self.contact.tracking_consent = "objected"
        self.inbox.emails.clear()
        self.assertRefused(self.post(), "objected")

    def test_each_company_has_its_mode(self):
        other = self.env["res.company"].create(
            {"name": "Other", "tracking_consent_mode": "when_agreed"}
        )
        self.salesperson.company_ids += other
        self.lead.company_id = other
        self.assertRefused(self.post(), "not_agreed")
        self.inbox.emails.clear()
        self.lead.company_id = self.env.company
        self.assertTracked(self.send()[0])

    # ------------------------------------------------------------
    # Emails already sent
    # ------------------------------------------------------------

    def follow(self, delivered):
        for url in (delivered.image_urls[0], delivered.links["x"]):
            self.hit(url)

    def test_objecting_stops_the_tracking_of_sent_emails(self):
        body = '<a href="https://x.com/">x</a>'
        delivered, trackable = self.send(body)
        others, to_other = self.send(body, partner_ids=self.other.ids)
        self.follow(delivered)
        self.process()
        self.assertCounts(trackable, opens=1, clicks=1)
        self.follow(delivered)
        self.assertTrue(self.env["trackable.hit"].search([]), "waiting")
        self.contact.tracking_consent = "objected"
        self.assertFalse(self.env["trackable.hit"].search([]), "not recorded")
        self.assertTrue(trackable.is_stopped)
        self.assertFalse(to_other.is_stopped)
        self.follow(delivered)
        self.assertFalse(self.env["trackable.hit"].search([]))
        self.process()
        self.assertCounts(trackable, opens=1, clicks=1)
        self.follow(others)
        self.process()
        self.assertCounts(to_other, opens=1, clicks=1)

    def send(self, body="<p>Hello</p>", **values):
        if values.get("partner_ids") == self.other.ids:
            self.inbox.emails.clear()
            message = self.post(body, **values)
            (delivered,) = self.inbox.emails
            return delivered, self.trackable_emails(message)
        return super().send(body, **values)

    def test_a_reply_is_not_recorded_after_an_objection(self):
        _delivered, trackable = self.send()
        self.customer.tracking_consent = "objected"
        reply = self.lead.message_post(
            body="Thanks", message_type="email", email_from=self.customer.email
        )
        self.process()
        self.assertTrue(reply)
        self.assertFalse(trackable.reply_date)
        self.assertCounts(trackable, opens=0, clicks=0)

    def test_a_change_of_mode_applies_to_sent_emails(self):
        self.contact.unlink()
        delivered, trackable = self.send('<a href="https://x.com/">x</a>')
        self.follow(delivered)
        self.when_agreed()
        self.process()
        self.assertCounts(trackable, opens=0, clicks=0)
        self.assertFalse(self.env["trackable.hit"].search([]), "deleted")
        self.customer.tracking_consent = "agreed"
        self.follow(delivered)
        self.process()
        self.assertCounts(trackable, opens=1, clicks=1)
        self.customer.tracking_consent = False
        self.wait(100)
        self.follow(delivered)
        self.process()
        self.assertCounts(trackable, opens=1, clicks=1)

    def test_global_privacy_control(self):
        delivered, trackable = self.send()
        (image,) = delivered.image_urls
        self.hit(image, wants_privacy=True)
        self.process()
        self.assertCounts(trackable, opens=1, clicks=0)
        self.env.company.honour_privacy_control = True
        self.wait(100)
        self.hit(image, wants_privacy=True)
        self.process()
        self.assertCounts(trackable, opens=1, clicks=0)
        self.hit(image)
        self.process()
        self.assertCounts(trackable, opens=2, clicks=0)
