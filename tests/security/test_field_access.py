"""Our fields on Odoo's own models: who may read them."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import TrackingCase

ADDON = "pipeline_tracking"
# Settings that a portal user may read of his company, and of himself, as Odoo's own:
# none says anything of a customer, or of what is done.
SETTINGS_OF = {"res.company", "res.users"}
SETTINGS = (
    "attach_tracked_",
    "count_possible_",
    "honour_privacy_",
    "is_tracking_allowed",
    "track_",
    "tracking_",
)
# Whoever may read the mailing, or the trace, at all.
AS_THE_RECORD = {
    "base.module.uninstall",
    "mail.compose.message",
    "mailing.trace",
    "privacy.lookup.wizard.line",
    "res.config.settings",
}
USERS = "pipeline_tracking.group_user"
INTERNAL = "base.group_user"
MAILINGS = "mass_mailing.group_mass_mailing_user"
NOBODY = "."
# By model and field, or of any model.
GROUPS = {
    "tracked_template_id": INTERNAL,
    "is_tracked": INTERNAL,
    "untracked_reason": INTERNAL,
    "tracking_consent": INTERNAL,
    "tracking_consent_date": INTERNAL,
    "tracking_consent_origin": INTERNAL,
    "trackable_email_count": USERS,
    "trackable_email_open_rate": USERS,
    "trackable_email_id": NOBODY,
    "tracking_own_networks": "base.group_system",
    "most_used_link_ids": MAILINGS,
}


@tagged("post_install", "-at_install")
class TestSecurityFields(TrackingCase):
    def our_fields(self):
        """Those that the addon adds to models of others.

        :return: model and field
        :rtype: list[tuple]
        """
        return [
            (self.env[name], field)
            for name in sorted(self.env.registry)
            if self.env[name]._original_module != ADDON
            for field in self.env[name]._fields.values()
            # not those it only has another word for
            if field._modules and field._modules[-1] == ADDON and self.is_new(field)
        ]

    def is_new(self, field):
        """Its definition is ours, and so is that of what it is inherited from."""
        related = field.related_field if field.inherited else field
        return related._modules == (ADDON,)

    def test_every_field_has_its_group(self):
        self.assertGreater(len(self.our_fields()), 80, "they are found")
        for model, field in self.our_fields():
            with self.subTest(model=model._name, field=field.name):
                if model._name in AS_THE_RECORD:
                    continue
                if field.name in GROUPS:
                    self.assertEqual(field.groups, GROUPS[field.name])
                elif model._name == "mailing.mailing":
                    self.assertEqual(field.groups, MAILINGS)
                else:
                    self.assertIn(model._name, SETTINGS_OF)
                    self.assertTrue(field.name.startswith(SETTINGS), field.name)

    def test_customers_read_settings_and_nothing_else(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            for model, field in self.our_fields():
                model_of_user = model.with_user(user)
                if model_of_user._abstract or not model_of_user.has_access("read"):
                    continue
                may = model_of_user._has_field_access(field, "read")
                with self.subTest(model=model._name, field=field.name):
                    self.assertEqual(
                        may,
                        model._name in SETTINGS_OF and field.name not in GROUPS,
                    )

    def test_a_customer_does_not_see_himself_tracked(self):
        """Nor finds it out by searching."""
        _delivered, trackable = self.send()
        portal = new_test_user(self.env, "petra", "base.group_portal")
        partner = portal.partner_id.with_user(portal)
        self.assertTrue(partner.read(["name"]))
        for name in ("trackable_email_count", "tracking_consent"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                partner.read([name])
            with self.subTest(field=name), self.assertRaises(AccessError):
                partner.search([(name, "!=", False)])
        with self.assertRaises(AccessError):
            partner.write({"tracking_consent": "given"})
        counted = self.customer.with_user(self.salesperson).trackable_email_count
        self.assertEqual(counted, 1, "who sent it does")
        self.assertTrue(trackable)
