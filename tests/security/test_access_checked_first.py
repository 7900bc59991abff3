"""Nothing is deleted or anonymized before Odoo has checked access: code that catches
the error without a savepoint has changed nothing.
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
        self.env.flush_all()
        tables = {
            "trackable_email": "id",
            "trackable_email_action": "id",
            "trackable_email_entry": "id",
            "trackable_objection": "id",
            "trackable_hit": "id",
            "trackable_link": "id",
            "mail_message": "id",
            "bus_bus": "id",
        }
        rows_by_table = {}
        for table, key in tables.items():
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY {key}")
            rows_by_table[table] = self.env.cr.fetchall()
        return rows_by_table

    def assertFails(self, error, work):
        """As `assertRaises`, which Odoo has roll back what was done."""
        try:
            work()
        except error:
            return
        self.fail(f"no {error.__name__}")

    def assertNothingChanged(self, before):
        for table, rows in self.snapshot().items():
            self.assertEqual(rows, before[table], table)

    def test_who_may_not_delete_changes_nothing(self):
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

    def test_who_may_not_change_a_contact_records_no_objection(self):
        stranger = new_test_user(self.env, "stan", "base.group_user")
        before = self.snapshot()
        for contact in (self.customer, self.contact):
            with self.subTest(model=contact._name):
                values = {"tracking_consent": "objected"}
                write = contact.with_user(stranger).write
                self.assertFails(AccessError, partial(write, values))
                self.assertNothingChanged(before)

    def test_a_contact_that_odoo_refuses_to_delete_stays_known(self):
        self.trackable.partner_id = self.colleague.partner_id
        before = self.snapshot()
        self.assertFails(RedirectWarning, self.colleague.partner_id.unlink)
        after = self.snapshot()
        # the contact's own chatter: Odoo has deleted it by then
        for table in before.keys() - {"mail_message", "trackable_email_entry"}:
            self.assertEqual(after[table], before[table], table)
        self.assertTrue(
            self.messages_about(self.trackable), "at the lead, and in the inbox"
        )

    def test_who_may_delete_does(self):
        """The opposite: each of them is forgotten."""
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
