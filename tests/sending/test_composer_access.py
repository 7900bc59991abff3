"""The server tells composers why an email cannot be tracked, if the user may read the
record.
"""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestComposerAccess(TrackingCase):
    def ask(self, user, partners=(), emails=(), record=None):
        record = record or self.lead
        return record.with_user(user).get_tracking_preview(
            [partner.id for partner in partners], list(emails)
        )

    def ask_reason(self, *args, **kwargs):
        return self.ask(*args, **kwargs)["reason"]

    def test_reasons(self):
        ask = self.ask_reason
        self.assertFalse(ask(self.salesperson, [self.customer]))
        self.assertEqual(
            ask(self.salesperson, [self.customer, self.other]), "several_recipients"
        )
        self.assertEqual(
            ask(self.salesperson, [self.customer], ["new@customer.example.org"]),
            "several_recipients",
        )
        self.assertFalse(
            ask(self.salesperson, [self.customer], [self.customer.email]),
            "the same address",
        )
        self.assertEqual(
            ask(self.salesperson, [self.colleague.partner_id]), "no_recipient"
        )
        self.lead.message_subscribe(self.other.ids)
        self.assertEqual(
            ask(self.salesperson, [self.customer]), "several_recipients", "followers"
        )

    def test_an_objection_of_any_contact_with_the_address(self):
        """An objection of any contact with that address is enough."""
        twin = self.customer.copy({"email": "Carla@Customer.example.org"})
        self.assertFalse(self.ask_reason(self.salesperson, [self.customer]))
        twin.write({"tracking_consent": "objected", "active": False})
        self.assertEqual(self.ask_reason(self.salesperson, [self.customer]), "objected")
        self.assertRefused(self.post(), "objected")
        twin.tracking_consent = False
        self.assertTracked(self.send()[0])

    def test_only_colleagues_who_may_read_the_record(self):
        portal = new_test_user(self.env, "paul", "base.group_portal")
        self.lead.message_subscribe(portal.partner_id.ids)
        for user, record in (
            (portal, portal.partner_id),
            (portal, self.lead),
            (self.env.ref("base.public_user"), self.lead),
            (self.colleague, self.lead),  # has no access to CRM
        ):
            with self.assertRaises(AccessError):
                self.ask(user, [self.customer], record=record)

    def test_the_full_composer_does_not_reveal_followers(self):
        self.lead.message_subscribe((self.customer + self.other).ids)
        for user, reason in (
            (self.salesperson, "several_recipients"),
            (self.colleague, False),
        ):
            composer = self.env["mail.compose.message"].with_user(user)
            answer = composer.onchange(
                {"model": "crm.lead", "res_ids": str(self.lead.ids)},
                [],
                {"untracked_reason": {}, "model": {}, "res_ids": {}},
            )
            self.assertEqual(answer["value"]["untracked_reason"], reason, user.login)
