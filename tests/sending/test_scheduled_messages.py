"""Scheduled emails show and keep whether they are tracked and how their files are sent,
and their editor changes it.
"""

import json
from datetime import timedelta

from odoo import fields
from odoo.tests import Form, tagged

from odoo.addons.mail.tools.discuss import Store

from ..helpers.files_case import PDF, FilesCase


@tagged("post_install", "-at_install")
class TestScheduledMessages(FilesCase):
    def schedule(self, **values):
        """Schedule an email with a file from the full composer."""
        later = fields.Datetime.now() + timedelta(days=1)
        composer = self.full_composer().create(
            {
                "subject": "Hi",
                "body": "Hi",
                "attachment_ids": self.attach(
                    "a.pdf", PDF, res_model="mail.compose.message"
                ).ids,
                "partner_ids": self.customer.ids,
                "scheduled_date": fields.Datetime.to_string(later),
                **values,
            }
        )
        self.inbox.emails.clear()
        return composer._action_schedule_message()

    def deliver(self, scheduled):
        """Send a scheduled email; return how it arrived."""
        scheduled.post_message()
        (delivered,) = self.inbox.emails
        return delivered

    def shown(self, scheduled):
        """Return the values that the chatter receives."""
        (values,) = Store().add(scheduled).get_result()["mail.scheduled.message"]
        return values

    def test_tracked(self):
        scheduled = self.schedule()
        self.assertTrue(scheduled.is_tracked)
        self.assertFalse(scheduled.attach_files)
        self.assertTrue(self.shown(scheduled)["is_tracked"])
        self.assertFalse(scheduled.tracking_preview["reason"])
        self.assertEqual(scheduled.tracking_preview["file_count"], 1)
        delivered = self.deliver(scheduled)
        self.assertTracked(delivered)
        self.assertIn("a.pdf", delivered.links)

    def test_not_tracked(self):
        scheduled = self.schedule(is_tracked=False)
        self.assertFalse(self.shown(scheduled)["is_tracked"])
        self.assertFalse(scheduled.tracking_preview)
        self.assertUntracked(self.deliver(scheduled))

    def test_files_attached(self):
        scheduled = self.schedule(attach_files=True)
        self.assertTrue(scheduled.attach_files)
        delivered = self.deliver(scheduled)
        self.assertTracked(delivered)
        self.assertEqual(len(delivered.attachments), 1)

    def test_turned_off_in_the_editor(self):
        scheduled = self.schedule()
        with Form(scheduled) as form:
            form.is_tracked = False
            self.assertFalse(form.tracking_preview)
        self.assertFalse(self.shown(scheduled)["is_tracked"])
        self.assertUntracked(self.deliver(scheduled))

    def test_a_file_added_in_the_editor(self):
        file = self.attach("b.pdf", PDF)
        with Form(self.schedule()) as form:
            form.attachment_ids.add(file)
            form.is_tracked = True  # as the web client does after a change of the files
            self.assertEqual(form.tracking_preview["file_count"], 2)

    def test_a_file_of_an_untracked_email_costs_no_query(self):
        file = self.attach("b.pdf", PDF)
        form = Form(self.schedule(is_tracked=False))
        with self.assertQueryCount(0):
            form.attachment_ids.add(file)

    def test_turned_on_in_the_editor(self):
        template = self.env["mail.template"].create(
            {"name": "Proposal", "model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        scheduled = self.schedule(is_tracked=False, template_id=template.id)
        scheduled.write({"subject": "Hi", "partner_ids": self.customer.ids})
        with Form(scheduled) as form:
            form.is_tracked = True
            self.assertFalse(form.tracking_preview["reason"])
        self.assertTracked(self.deliver(scheduled))
        trackable = self.env["trackable.email"].search([], limit=1)
        self.assertEqual(trackable.template_id, template)

    def test_files_attached_later(self):
        scheduled = self.schedule()
        for is_attached in (True, False, True):
            scheduled.attach_files = is_attached
            self.assertTrue(scheduled.is_tracked, "the other choice stays")
        delivered = self.deliver(scheduled)
        self.assertTracked(delivered)
        self.assertEqual(len(delivered.attachments), 1)

    def test_both_choices_at_once(self):
        scheduled = self.schedule(is_tracked=False)
        scheduled.write({"is_tracked": True, "attach_files": True})
        self.assertTrue(scheduled.is_tracked and scheduled.attach_files)
        scheduled.invalidate_recordset()
        self.assertTrue(scheduled.is_tracked and scheduled.attach_files)

    def test_the_other_parameters_stay(self):
        scheduled = self.schedule()
        before = json.loads(scheduled.notification_parameters)
        scheduled.is_tracked = False
        after = json.loads(scheduled.notification_parameters)
        self.assertEqual(after, {**before, "is_tracked": False})

    def test_the_editor_shows_a_reason(self):
        scheduled = self.schedule()
        with Form(scheduled) as form:
            form.partner_ids.add(self.other)
            self.assertEqual(form.tracking_preview["reason"], "several_recipients")
            self.assertTrue(form.tracking_preview["remedy"])
            form.partner_ids.remove(self.other.id)
            self.assertFalse(form.tracking_preview["reason"])
        self.assertTracked(self.deliver(scheduled))

    def test_a_scheduled_note(self):
        scheduled = self.schedule(subtype_id=self.env.ref("mail.mt_note").id)
        self.assertTrue(scheduled.is_note)
        self.assertFalse(scheduled.tracking_preview)
        self.assertNotIn("attach_files", scheduled.notification_parameters)

    def test_messages_scheduled_without_a_choice(self):
        """Other modules schedule messages without the addon's parameters."""
        scheduled = self.schedule()
        for parameters in (False, "{}"):
            scheduled.notification_parameters = parameters
            self.assertFalse(scheduled.is_tracked or scheduled.attach_files)
        scheduled.is_tracked = True
        self.assertTracked(self.deliver(scheduled))

    def test_showing_many_takes_no_more_queries_than_one(self):
        scheduled = self.schedule() + self.schedule() + self.schedule()

        def count(messages):
            return self.count_queries(lambda: messages.mapped("is_tracked"))

        count(scheduled)  # fills caches
        self.assertEqual(count(scheduled[:1]), count(scheduled))
