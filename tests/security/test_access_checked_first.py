"""Access is checked before records are deleted or anonymized. Code may catch the error
without a savepoint, so the error must come before any change.
"""

from functools import partial

from odoo.exceptions import AccessError, RedirectWarning
from odoo.tests import new_test_user, tagged

from ..helpers.anonymize_case import AnonymizeCase


@tagged("post_install", "-at_install")
class TestAccessFirst(AnonymizeCase):
    def setUp(self):
        super().setUp()
        self.template = self.env["mail.template"].create(
            {"name": "x", "model_id": self.env.ref("crm.model_crm_lead").id}
        )
        self.mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        self.contact = self.env["mailing.contact"].create(
            {"name": "Oscar", "email": "oscar@nobody.example.org"}
        )
        self.to_contact = self.trackable.copy(
            {
                "email_to": self.contact.email,
                "recipient_key": "oscar",
                "partner_id": False,
                "mailing_id": self.mailing.id,
                "template_id": self.template.id,
            }
        )
        self.env.flush_all()

    def snapshot(self):
        """Return the rows of each table that a deletion could change."""
        self.env.flush_all()
        tables = (
            "trackable_email",
            "trackable_email_action",
            "trackable_email_entry",
            "trackable_objection",
            "trackable_hit",
            "trackable_link",
            "mail_message",
            "bus_bus",
        )
        rows_by_table = {}
        for table in tables:
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")
            rows_by_table[table] = self.env.cr.fetchall()
        return rows_by_table

    def assertFails(self, error, work):
        """Assert that work raises an error. Odoo's `assertRaises` would roll back the
        changes of the work.
        """
        try:
            work()
        except error:
            return
        self.fail(f"no {error.__name__}")

    def assertNothingChanged(self, before):
        for table, rows in self.snapshot().items():
            self.assertEqual(rows, before[table], table)

    def test_a_refused_deletion_changes_nothing(self):
        stranger = new_test_user(self.env, "stan", "base.group_user")
        self.hit(self.delivered.image_urls[0])
        self.env.cr.precommit.run()
        self.env.flush_all()
        before = self.snapshot()
        for record in (
            self.customer,
            self.contact,
            self.salesperson,
            self.template,
            self.mailing,
            self.env.company,
            self.trackable,
            self.trackable.with_user(self.salesperson),
        ):
            user = stranger if record.env.su else record.env.user
            with self.subTest(model=record._name, user=user.login):
                self.assertFails(AccessError, record.with_user(user).unlink)
                self.assertNothingChanged(before)

    def test_a_refused_change_records_no_objection(self):
        stranger = new_test_user(self.env, "stan", "base.group_user")
        before = self.snapshot()
        for contact in (self.customer, self.contact):
            with self.subTest(model=contact._name):
                values = {"tracking_consent": "objected"}
                write = contact.with_user(stranger).write
                self.assertFails(AccessError, partial(write, values))
                self.assertNothingChanged(before)

    def test_a_contact_that_odoo_keeps_is_not_anonymized(self):
        self.trackable.partner_id = self.colleague.partner_id
        before = self.snapshot()
        self.assertFails(RedirectWarning, self.colleague.partner_id.unlink)
        after = self.snapshot()
        # Odoo has already deleted the chatter of the contact.
        for table in before.keys() - {"mail_message", "trackable_email_entry"}:
            self.assertEqual(after[table], before[table], table)
        self.assertTrue(
            self.messages_about(self.trackable), "on the lead and in the inbox"
        )

    def test_a_permitted_deletion_clears_references(self):
        self.template.unlink()
        self.assertFalse(self.to_contact.template_id)
        self.mailing.unlink()
        self.assertFalse(self.to_contact.mailing_id)
        self.contact.unlink()
        self.assertFalse(self.to_contact.email_to)
        self.assertTrue(self.trackable.email_to)
        self.lead.partner_id = False
        self.customer.unlink()
        self.assertFalse(self.trackable.email_to)
