"""The fields that the addon adds to Odoo's models are hidden from customers."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import TrackingCase

ADDON = "pipeline_tracking"
# Portal users may read these settings of their company and user, as they may read
# Odoo's settings. The settings say nothing about customers.
SETTINGS_MODELS = {"res.company", "res.users", "res.users.settings"}
SETTINGS_PREFIXES = (
    "attach_tracked_",
    "count_possible_",
    "hide_tracking_",
    "honour_privacy_",
    "is_tracking_allowed",
    "track_",
    "tracking_",
)
# The access rights of these models protect the fields.
WITHOUT_GROUPS = {
    "base.module.uninstall",
    "mail.compose.message",
    "mail.scheduled.message",
    "mailing.trace",
    "privacy.lookup.wizard.line",
    "res.config.settings",
}
USERS = "pipeline_tracking.group_user"
INTERNAL = "base.group_user"
MAILINGS = "mass_mailing.group_mass_mailing_user"
NO_ACCESS = "."
# field, in any model -> its groups
GROUPS = {
    "tracked_template_id": INTERNAL,
    "is_tracked": INTERNAL,
    "attach_files": INTERNAL,
    "untracked_reason": INTERNAL,
    "tracking_consent": INTERNAL,
    "tracking_consent_date": INTERNAL,
    "tracking_consent_origin": INTERNAL,
    "trackable_email_count": USERS,
    "trackable_email_summary": USERS,
    "trackable_last_action_date": USERS,
    "trackable_email_id": NO_ACCESS,
    "tracking_own_networks": "base.group_system",
    "tracking_scanner_networks": "base.group_system",
    "tracking_setup": NO_ACCESS,
    "most_used_link_ids": MAILINGS,
}


@tagged("post_install", "-at_install")
class TestSecurityFields(TrackingCase):
    def get_addon_fields(self):
        """Return the models of other modules, with a field that the addon adds.

        :rtype: list[tuple[BaseModel, Field]]
        """
        return [
            (self.env[name], field)
            for name in sorted(self.env.registry)
            if self.env[name]._original_module != ADDON
            for field in self.env[name]._fields.values()
            # without fields of which the addon changes only an attribute
            if field._modules
            and field._modules[-1] == ADDON
            and self.is_defined_by_addon(field)
        ]

    def is_defined_by_addon(self, field):
        """Return whether the addon defines the field, and the field it inherits."""
        related = field.related_field if field.inherited else field
        return related._modules == (ADDON,)

    def test_each_field_has_the_expected_groups(self):
        self.assertGreater(len(self.get_addon_fields()), 80)
        for model, field in self.get_addon_fields():
            with self.subTest(model=model._name, field=field.name):
                if model._name in WITHOUT_GROUPS:
                    continue
                if field.name in GROUPS:
                    self.assertEqual(field.groups, GROUPS[field.name])
                elif model._name == "mailing.mailing":
                    self.assertEqual(field.groups, MAILINGS)
                else:
                    self.assertIn(model._name, SETTINGS_MODELS)
                    self.assertTrue(
                        field.name.startswith(SETTINGS_PREFIXES), field.name
                    )

    def test_customers_read_only_settings(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            for model, field in self.get_addon_fields():
                model_of_user = model.with_user(user)
                if model_of_user._abstract or not model_of_user.has_access("read"):
                    continue
                may = model_of_user._has_field_access(field, "read")
                with self.subTest(model=model._name, field=field.name):
                    self.assertEqual(
                        may,
                        model._name in SETTINGS_MODELS and field.name not in GROUPS,
                    )

    def test_a_customer_cannot_find_out_whether_they_are_tracked(self):
        _delivered, trackable = self.send()
        portal = new_test_user(self.env, "petra", "base.group_portal")
        partner = portal.partner_id.with_user(portal)
        self.assertTrue(partner.read(["name"]))
        for name in (
            "trackable_email_count",
            "trackable_last_action_date",
            "tracking_consent",
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                partner.read([name])
            with self.subTest(field=name), self.assertRaises(AccessError):
                partner.search([(name, "!=", False)])
        with self.assertRaises(AccessError):
            partner.write({"tracking_consent": "given"})
        counted = self.customer.with_user(self.salesperson).trackable_email_count
        self.assertEqual(counted, 1, "the sender sees it")
        self.assertTrue(trackable)
