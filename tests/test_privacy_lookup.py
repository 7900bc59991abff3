"""Odoo's privacy lookup finds what tracking knows of somebody, and erases it."""

from odoo.tests import new_test_user, tagged

from .erasing import ErasingCase


@tagged("post_install", "-at_install")
class TestPrivacyLookup(ErasingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env, "ada", "base.group_system,base.group_erp_manager"
        )

    def look_up(self, name, email):
        wizard = (
            self.env["privacy.lookup.wizard"]
            .with_user(self.admin)
            .create({"name": name, "email": email})
        )
        wizard.action_lookup()
        return wizard

    def found(self, wizard, model):
        """The records of a model among the lines; each once."""
        lines = wizard.line_ids.filtered(lambda line: line.res_model == model)
        self.assertEqual(len(lines), len(set(lines.mapped("res_id"))))
        return self.env[model].browse(lines.mapped("res_id"))

    def test_emails_and_what_was_done_with_them(self):
        self.send_and_act(self.other)
        _delivered, again = self.send_and_act(self.customer)
        again.partner_id = False
        emails = self.trackable | again
        for name, address in (
            (self.customer.name, "Carla <CARLA@customer.example.org>"),
            ("Nobody", self.customer.email),
        ):
            wizard = self.look_up(name, address)
            self.assertEqual(self.found(wizard, "trackable.email"), emails.sorted("id"))
            self.assertEqual(
                self.found(wizard, "trackable.email.action"),
                emails.action_ids.sorted("id"),
            )
        # by the name of a contact with another address
        self.assertEqual(
            self.found(
                self.look_up(self.customer.name, "x@x.example.org"), "trackable.email"
            ),
            self.trackable,
        )
        wizard = self.look_up("Nobody", "nobody@x.example.org")
        self.assertFalse(wizard.line_ids)

    def test_what_was_said_about_tracking(self):
        self.env["trackable.consent"]._object("nobody@x.example.org", "a letter")
        wizard = self.look_up("Nobody", "nobody@x.example.org")
        self.assertEqual(
            self.found(wizard, "trackable.consent").email_normalized,
            "nobody@x.example.org",
        )

    def test_erasing_from_there(self):
        told = self.told(self.trackable)
        wizard = self.look_up(self.customer.name, self.customer.email)
        line = wizard.line_ids.filtered(lambda one: one.res_model == "trackable.email")
        self.assertEqual(line.res_id, self.trackable.id)
        self.assertFalse(line.has_active)
        line.action_unlink()
        self.assertTrue(line.is_unlinked)
        self.assertIn(f"Erased Trackable Email #{line.res_id}", line.execution_details)
        self.assertIn(line.execution_details, wizard.execution_details)
        self.assertErased(self.trackable, self.delivered, told)

    def test_erasing_everything_there_is(self):
        self.lead.partner_id = False
        other_delivered, other = self.send_and_act(self.other)
        told = self.told(self.trackable)
        wizard = self.look_up(self.customer.name, self.customer.email)
        lines = wizard.line_ids.filtered(
            lambda one: one.res_model.startswith("trackable.")
        )
        lines.action_archive_all()  # what cannot be, is left
        lines.action_unlink_all()
        self.assertTrue(self.trackable.exists())
        self.assertFalse(self.trackable.email_to or self.trackable.partner_id)
        self.assertFalse(self.trackable.action_ids)
        self.assertFalse(told.exists())
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertKept(other, other_delivered)
        wizard = self.look_up(self.customer.name, self.customer.email)
        self.assertFalse(self.found(wizard, "trackable.email"))
        self.assertFalse(self.found(wizard, "trackable.email.action"))

    def test_erasing_one_action(self):
        self.wait(36 * 3600)
        self.act_again(self.delivered)
        opens = self.trackable.open_count
        wizard = self.look_up(self.customer.name, self.customer.email)
        lines = wizard.line_ids.filtered(
            lambda one: one.res_model == "trackable.email.action"
        )
        first = min(lines, key=lambda one: one.res_id)
        first.action_unlink()
        self.assertEqual(len(self.trackable.action_ids), len(lines) - 1)
        self.assertEqual(self.trackable.open_count, opens)
        self.assertEqual(self.trackable.email_to, self.customer.email)
        self.act_again(self.delivered)
        self.assertEqual(self.trackable.open_count, opens + 1)

    def test_a_contact_deleted_from_there(self):
        self.lead.partner_id = False
        told = self.told(self.trackable)
        wizard = self.look_up(self.customer.name, self.customer.email)
        line = wizard.line_ids.filtered(lambda one: one.res_model == "res.partner")
        line.action_unlink()
        self.assertErased(self.trackable, self.delivered, told)
