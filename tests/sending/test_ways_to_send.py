"""Every way to send an email respects the user's choice."""

from datetime import timedelta

from odoo import fields
from odoo.tests import Form, new_test_user, tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestWaysToSend(TrackingCase):
    def composer(self, *, user=None, records=None, **values):
        return self.full_composer(user=user, records=records).create(
            {
                "subject": "Hi",
                "body": "Hi",
                "partner_ids": self.customer.ids,
                **values,
            }
        )

    def test_composer_follows_the_users_setting(self):
        self.assertTrue(self.composer().is_tracked)
        self.salesperson.with_user(self.salesperson).track_emails = False
        self.assertFalse(self.composer().is_tracked)

    def test_composer(self):
        _mails, message = self.composer()._action_send_mail()
        self.assertTrue(message.is_tracked)
        self.assertTracked(*self.inbox.emails)

    def test_composer_untracked(self):
        _mails, message = self.composer(is_tracked=False)._action_send_mail()
        self.assertRefused(message, False)

    def test_composer_shows_the_reason_before_sending(self):
        composer = self.composer()
        self.assertFalse(composer.untracked_reason)
        composer.partner_ids += self.other
        self.assertEqual(composer.untracked_reason, "several_recipients")
        composer.partner_ids = self.colleague.partner_id
        self.assertEqual(composer.untracked_reason, "no_recipient")
        composer.partner_ids = self.customer
        self.assertFalse(composer.untracked_reason)
        self.lead.message_subscribe(self.other.ids)
        composer.invalidate_recordset()
        self.assertEqual(composer.untracked_reason, "several_recipients")
        self.lead.message_unsubscribe(self.other.ids)
        self.set_base_url("http://127.0.0.1")
        composer.invalidate_recordset()
        self.assertEqual(composer.untracked_reason, "private_url")
        composer.is_tracked = False
        self.assertFalse(composer.untracked_reason)

    def test_composer_shows_the_reason_that_is_stored_later(self):
        """The reason shown before sending is the reason stored afterwards."""
        composer = self.composer(partner_ids=(self.customer + self.other).ids)
        shown_reason = composer.untracked_reason
        _mails, message = composer._action_send_mail()
        self.assertRefused(message, shown_reason)

    def test_composer_form(self):
        """The web client asks for the reason before the composer is stored."""
        form = Form(self.full_composer(clicked_on_full_composer=True))
        self.assertTrue(form.is_tracked)
        form.partner_ids.add(self.customer)
        self.assertFalse(form.tracking_preview["reason"])
        form.partner_ids.add(self.other)
        self.assertEqual(form.tracking_preview["reason"], "several_recipients")
        form.is_tracked = False
        self.assertFalse(form.tracking_preview)

    def test_composer_to_many_records_shows_shared_reasons_only(self):
        composer = self.composer(composition_mode="mass_mail", partner_ids=[])
        self.assertFalse(composer.untracked_reason)
        self.set_base_url("http://localhost:8069")
        composer.invalidate_recordset()
        self.assertEqual(composer.untracked_reason, "private_url")

    def test_automated_notifications_are_not_tracked(self):
        """Odoo sends automated notifications with a composer, too."""
        template = self.env["mail.template"].create(
            {
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "body_html": "<p>Hi</p>",
                "partner_to": "{{ object.partner_id.id }}",
                "use_default_to": False,
            }
        )
        for user in (self.salesperson, self.env.ref("base.user_root")):
            message = self.lead.with_user(user).message_post_with_source(
                template, subtype_xmlid="mail.mt_comment"
            )
            self.assertRefused(message, False)
        self.env["ir.actions.server"].create(
            {
                "name": "x",
                "model_id": template.model_id.id,
                "state": "mail_post",
                "mail_post_method": "comment",
                "template_id": template.id,
            }
        ).with_context(active_model="crm.lead", active_id=self.lead.id).run()
        for delivered in self.inbox.emails:
            self.assertUntracked(delivered)

    def test_account_emails_are_not_tracked(self):
        self.inbox.emails.clear()
        portal = new_test_user(
            self.env, "petra", "base.group_portal", email="petra@portal.example.org"
        )
        portal.with_user(self.env.ref("base.user_admin")).action_reset_password()
        self.assertTrue(self.inbox.emails)
        for delivered in self.inbox.emails:
            self.assertUntracked(delivered)

    def test_composer_on_a_record_without_chatter(self):
        record = self.env.ref("base.EUR")
        composer = self.composer(records=record)
        self.assertFalse(composer.untracked_reason)
        composer.partner_ids += self.other
        self.assertEqual(composer.untracked_reason, "several_recipients")
        composer.partner_ids = self.customer
        composer._action_send_mail()
        self.assertTracked(*self.inbox.emails)

    def test_composer_log_note(self):
        note = self.env.ref("mail.mt_note")
        composer = self.composer(subtype_id=note.id, is_tracked=True)
        self.assertFalse(composer.untracked_reason)
        _mails, message = composer._action_send_mail()
        self.assertRefused(message, False)

    def test_composer_to_many_records_tracks_each_copy(self):
        other_lead = {"partner_id": self.other.id, "email_from": self.other.email}
        leads = self.lead + self.lead.copy(other_lead)
        self.inbox.emails.clear()  # the assignment
        composer = self.composer(
            records=leads, composition_mode="mass_mail", partner_ids=[], force_send=True
        )
        self.assertTrue(composer.is_tracked)
        mails, _messages = composer._action_send_mail()
        self.assertEqual(mails.mail_message_id.mapped("is_tracked"), [True, True])
        self.assertEqual(len(self.inbox.emails), 2)
        for delivered in self.inbox.emails:
            self.assertTracked(delivered)

    def test_template(self):
        template = self.env["mail.template"].create(
            {
                "name": "Proposal",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "subject": "Hi {{ object.name }}",
                "body_html": '<p>Hi <a href="https://x.com">x</a></p>',
                "partner_to": "{{ object.partner_id.id }}",
                "use_default_to": False,
            }
        )
        _mails, message = self.composer(template_id=template.id)._action_send_mail()
        self.assertTrue(message.is_tracked)
        self.assertTracked(*self.inbox.emails)
        self.assertEqual(self.trackable_emails(message).template_id, template)

        self.inbox.emails.clear()
        template.with_user(self.salesperson).send_mail(
            self.lead.id, force_send=True, email_values={"is_tracked": True}
        )
        self.assertTracked(*self.inbox.emails)

        self.inbox.emails.clear()
        message = self.lead.with_user(self.salesperson).message_post_with_source(
            template, is_tracked=True, subtype_xmlid="mail.mt_comment"
        )
        self.assertTracked(*self.inbox.emails)
        trackable = self.trackable_emails(message)
        self.assertEqual(trackable.template_id, template)

        template.unlink()
        self.assertFalse(trackable.template_id)

    def test_scheduled_for_later(self):
        later = fields.Datetime.now() + timedelta(days=1)
        composer = self.composer(scheduled_date=fields.Datetime.to_string(later))
        scheduled = composer._action_schedule_message()
        self.assertFalse(self.inbox.emails)
        scheduled.post_message()
        self.assertTracked(*self.inbox.emails)

    def test_scheduled_for_later_with_a_deleted_template(self):
        template = self.env["mail.template"].create(
            {"name": "Proposal", "model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        later = fields.Datetime.now() + timedelta(days=1)
        composer = self.composer(
            template_id=template.id, scheduled_date=fields.Datetime.to_string(later)
        )
        composer.write({"subject": "Hi", "body": "Hi"})
        composer.partner_ids = self.customer
        scheduled = composer._action_schedule_message()
        template.unlink()
        self.env.flush_all()
        scheduled.post_message()
        self.assertTracked(*self.inbox.emails)
        trackable = self.env["trackable.email"].search([], limit=1)
        self.assertEqual(trackable.email_to, self.customer.email)
        self.assertFalse(trackable.template_id)

    def test_scheduled_for_later_untracked(self):
        later = fields.Datetime.now() + timedelta(days=1)
        composer = self.composer(
            scheduled_date=fields.Datetime.to_string(later), is_tracked=False
        )
        composer._action_schedule_message().post_message()
        self.assertUntracked(*self.inbox.emails)

    def test_notified_later_counts_the_followers_at_that_time(self):
        """Tracking is decided when the message is sent, for the recipients then."""
        later = fields.Datetime.now() + timedelta(days=1)
        message = self.post(scheduled_date=later, partner_ids=self.other.ids)
        self.lead.message_subscribe(self.customer.ids)
        self.assertTrue(message.is_tracked)
        self.env["mail.message.schedule"].search(
            [("mail_message_id", "=", message.id)]
        )._send_notifications()
        self.assertRefused(message, "several_recipients")

    def test_notified_later(self):
        later = fields.Datetime.now() + timedelta(days=1)
        message = self.post(scheduled_date=later)
        self.assertFalse(self.inbox.emails)
        self.env["mail.message.schedule"].search(
            [("mail_message_id", "=", message.id)]
        )._send_notifications()
        self.assertTracked(*self.inbox.emails)

    def test_test_sends_of_a_mailing(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env["ir.model"]._get_id("mailing.list"),
                "body_html": '<p><a href="https://x.com">x</a></p>',
            }
        )
        self.env["mailing.mailing.test"].create(
            {"mass_mailing_id": mailing.id, "email_to": "someone@test.example.org"}
        ).send_mail_test()
        for delivered in self.inbox.emails:
            self.assertUntracked(delivered)
        self.assertTrue(self.inbox.emails)
