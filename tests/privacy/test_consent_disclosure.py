"""Composers and badges reveal a consent only to users who may read the consent."""

from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from ..common import TrackingCase

ADDRESS = "olga@objecting.example.org"
OBJECTED = "Not tracked: the recipient opted out of tracking"
NOT_AGREED = "Not tracked: no consent for this address yet"


@tagged("post_install", "-at_install")
class TestConsentDisclosure(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.hidden = cls.env["res.partner"].create(
            {"name": "Olga", "email": ADDRESS, "company_id": cls.elsewhere.id}
        )
        cls.both_companies = new_test_user(
            cls.env,
            "bob",
            "base.group_user,sales_team.group_sale_salesman_all_leads",
            company_ids=[(6, 0, (cls.env.company + cls.elsewhere).ids)],
            email="bob@acme.example.com",
        )
        # The salesperson's own contact with the same address.
        cls.visible = cls.env["res.partner"].create({"name": "O.", "email": ADDRESS})
        cls.lead.partner_id = cls.visible

    def ask(self, user, partners=(), emails=()):
        lead = self.lead.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return lead.get_tracking_preview(
            [partner.id for partner in partners], list(emails)
        )["reason"]

    def ask_composer(self, user, partners):
        composer = self.env["mail.compose.message"].with_user(user)
        composer = composer.with_context(allowed_company_ids=user.company_ids.ids)
        return composer.create(
            {
                "is_tracked": True,
                "model": "crm.lead",
                "partner_ids": [(6, 0, partners.ids)],
                "res_ids": str(self.lead.ids),
            }
        ).untracked_reason

    def badge(self, message, user):
        message = message.with_user(user)
        (values,) = Store().add(message).get_result()["mail.message"]
        return values.get("tracking")

    # ------------------------------------------------------------
    # Before sending
    # ------------------------------------------------------------

    def test_an_objection_that_the_user_may_not_read(self):
        self.hidden.tracking_consent = "objected"
        self.assertFalse(self.ask(self.salesperson, emails=[ADDRESS]))
        # also after the user created a contact with this address
        self.assertFalse(self.ask(self.salesperson, [self.visible]))
        self.assertFalse(self.ask_composer(self.salesperson, self.visible))

    def test_an_objection_that_the_user_may_read(self):
        self.hidden.tracking_consent = "objected"
        bob = self.both_companies
        self.assertEqual(self.ask(bob, emails=[ADDRESS]), "objected")
        self.assertEqual(self.ask(bob, [self.visible]), "objected")
        self.assertEqual(self.ask_composer(bob, self.visible), "objected")
        self.visible.tracking_consent = "objected"
        self.assertEqual(self.ask(self.salesperson, [self.visible]), "objected")

    def test_consent_that_the_user_may_not_read(self):
        """The address looks like an address without consent."""
        self.env.companies.tracking_consent_mode = "when_agreed"
        self.visible.unlink()
        self.hidden.tracking_consent = "agreed"
        for address in (ADDRESS, "nobody@objecting.example.org"):
            self.assertEqual(
                self.ask(self.salesperson, emails=[address]), "not_agreed", address
            )
        self.assertFalse(self.ask(self.both_companies, emails=[ADDRESS]))

    def test_an_objection_on_a_mailing_contact(self):
        self.env["mailing.contact"].create(
            {"email": ADDRESS, "tracking_consent": "objected"}
        )
        self.assertFalse(self.ask(self.salesperson, emails=[ADDRESS]))
        self.salesperson.group_ids += self.env.ref(
            "mass_mailing.group_mass_mailing_user"
        )
        self.assertEqual(self.ask(self.salesperson, emails=[ADDRESS]), "objected")

    def test_an_objection_without_a_contact(self):
        self.env["trackable.objection"]._record_objection("nobody@x.com", "A call")
        self.assertFalse(self.ask(self.salesperson, emails=["nobody@x.com"]))
        self.salesperson.group_ids += self.env.ref("pipeline_tracking.group_manager")
        self.assertEqual(
            self.ask(self.salesperson, emails=["nobody@x.com"]), "objected"
        )

    def test_one_query_for_all_addresses(self):
        Objection = self.env["trackable.objection"].with_user(self.salesperson)
        addresses = [f"a{n}@x.com" for n in range(20)]
        Objection._read_consents(addresses, readable_only=True)  # fills caches
        with self.assertQueryCount(1):
            Objection._read_consents(addresses, readable_only=True)

    # ------------------------------------------------------------
    # After sending
    # ------------------------------------------------------------

    def refuse(self):
        message = self.post(partner_ids=self.visible.ids)
        self.assertRefused(message, "objected")
        return message

    def test_the_badge_hides_an_objection_that_the_user_may_not_read(self):
        self.hidden.tracking_consent = "objected"
        message = self.refuse()
        self.assertEqual(
            self.badge(message, self.salesperson), {"untracked": NOT_AGREED}
        )
        self.assertEqual(
            self.badge(message, self.both_companies), {"untracked": OBJECTED}
        )

    def test_a_hidden_objection_looks_like_missing_consent(self):
        self.env.companies.tracking_consent_mode = "when_agreed"
        badges = []
        for consent in (False, "objected"):
            self.hidden.tracking_consent = consent
            message = self.post(partner_ids=self.visible.ids)
            badges.append(self.badge(message, self.salesperson))
        self.assertEqual(badges, [{"untracked": NOT_AGREED}] * 2)

    def test_the_objection_of_a_colleague_does_not_reveal_the_customers(self):
        self.hidden.tracking_consent = "objected"
        self.colleague.partner_id.tracking_consent = "objected"
        message = self.post(partner_ids=(self.visible + self.colleague.partner_id).ids)
        self.assertRefused(message, "objected")
        self.assertEqual(
            self.badge(message, self.salesperson), {"untracked": NOT_AGREED}
        )

    def test_the_stored_reason_hides_an_objection_that_the_user_may_not_read(self):
        self.hidden.tracking_consent = "objected"
        message = self.refuse()
        self.assertEqual(message.sudo().untracked_reason, "objected")
        for user, reason in (
            (self.salesperson, "not_agreed"),
            (self.both_companies, "objected"),
        ):
            visible_message = message.with_user(user)
            domain = [("id", "=", message.id)]
            specification = {"untracked_reason": {}}
            for rows in (
                visible_message.read(["untracked_reason"]),
                visible_message.search_read(domain, ["untracked_reason"]),
                visible_message.web_read(specification),
                visible_message.web_search_read(domain, specification)["records"],
            ):
                self.assertEqual([row["untracked_reason"] for row in rows], [reason])

    def test_pushed_badges_hide_an_objection_that_the_reader_may_not_read(self):
        self.hidden.tracking_consent = "objected"
        message = self.refuse()
        for user, text in (
            (self.salesperson, NOT_AGREED),
            (self.both_companies, OBJECTED),
        ):
            store = Store(bus_channel=user).add(message.sudo())
            (values,) = store.get_result()["mail.message"]
            self.assertEqual(values["tracking"], {"untracked": text})

    def test_badges_of_many_messages_take_as_many_queries_as_one(self):
        self.hidden.tracking_consent = "objected"
        messages = self.env["mail.message"]
        for _n in range(5):
            messages |= self.refuse()
            self.inbox.emails.clear()
        counts = []
        for badge_messages in (messages[:1], messages):
            badge_messages = badge_messages.with_user(self.salesperson)
            badge_messages._get_tracking_badges()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            badge_messages._get_tracking_badges()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
