"""Hits are processed even if a record is deleted or invalid."""

from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from .test_hit_processing import ProcessCase


@tagged("post_install", "-at_install")
class TestMissingRecords(ProcessCase):
    def test_deleted_record(self):
        self.lead.unlink()
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(len(self.entries(self.customer)), 1)

    def test_deleted_message(self):
        self.trackable.mail_message_id.unlink()
        self.hit(self.image)
        self.hit(self.prices)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertNotIn("/mail/message", self.entries(self.lead).body)
        self.assertIn("Proposal", self.entries(self.lead).body)

    def test_deleted_contact(self):
        """Deleting the contact anonymizes the email, and ends tracking."""
        self.lead.partner_id = False
        self.hit(self.image)
        self.customer.unlink()
        self.hit(self.image)
        self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.entries(self.lead))

    def test_recipient_without_a_contact(self):
        self.trackable.partner_id = False
        self.hit(self.image)
        self.process()
        self.assertIn(
            "carla@customer.example.org opened “Proposal”", self.entry_text(self.lead)
        )

    def test_deleted_sender(self):
        sender = new_test_user(self.env, "gone", "base.group_user")
        self.trackable.user_id = sender
        sender.unlink()
        self.assertFalse(self.trackable.user_id)
        self.hit(self.image)
        self.process()
        self.assertEqual(len(self.entries(self.customer)), 1)

    def test_missing_model(self):
        # A missing model, and a model without a chatter. The id is also an email's id.
        for model in ("gone.model", "res.partner.category"):
            self.trackable.write({"res_model": model, "res_id": self.trackable.id})
            self.hit(self.image)
            self.process()
            self.assertIn("an email", self.entry_text(self.customer))

    def test_chatter_error_does_not_affect_other_emails(self):
        other, other_trackable = self.send(record=self.customer)
        self.hit(self.image)
        self.hit(other.image_urls[0])

        def refuse(thread, values_list):
            if any(values["model"] == "crm.lead" for values in values_list):
                raise ValueError("refused")
            return create(thread, values_list)

        create = self.registry["mail.thread"]._message_create
        with (
            patch.object(self.registry["mail.thread"], "_message_create", refuse),
            self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs,
        ):
            self.process()
        self.assertEqual(len(logs.records), 1)
        self.assertFalse(self.env["trackable.hit"].search([]))
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertCounts(other_trackable, opens=1, clicks=0)
        self.assertEqual(
            len(self.entries(self.customer)), 1, "the entry of the other email"
        )

    def test_removed_time_zone(self):
        self.env.cr.execute(
            "UPDATE res_partner SET tz = 'US/Pacific-New' WHERE id = %s",
            [self.salesperson.partner_id.id],
        )
        self.env.invalidate_all()
        self.hit(self.image)
        self.process()
        self.assertEqual(len(self.entries(self.customer)), 1)

    def test_deleted_trackable_email(self):
        """The hits of a deleted email do not delay other hits."""
        other, other_trackable = self.send(record=self.customer)
        for _time in range(3):
            self.hit(self.image)
        self.trackable.unlink()
        self.hit(other.image_urls[0])
        self.process()
        self.assertFalse(self.env["trackable.hit"].search([]))
        self.assertCounts(other_trackable, opens=1, clicks=0)

    def test_deleted_entry(self):
        self.hit(self.image)
        self.process()
        self.entries(self.customer).unlink()
        self.hit(self.image)
        self.process()
        self.assertEqual(len(self.entries(self.customer)), 1)

    def test_restored_backup(self):
        """The id belongs to another email, with another nonce."""
        self.env.cr.execute("UPDATE trackable_email SET nonce = nonce # 1")
        self.hit(self.image)
        self.hit(self.prices)
        self.assertFalse(self.env["trackable.hit"].search([]))
