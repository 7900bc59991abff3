"""Follow-ups on emails are activities."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestFollowUp(TrackingCase):
    def open_dialog(self, emails, user=None):
        """Open the dialog as a user, as the button Follow Up does.

        :rtype: TrackableFollowUp
        """
        action = emails.with_user(user or self.salesperson).action_follow_up()
        self.assertEqual(action["target"], "new")
        Dialog = self.env[action["res_model"]].with_user(user or self.salesperson)
        return Dialog.with_context(**action["context"]).create({})

    def follow_up(self, emails, user=None):
        """Follow up as a user. Return the text and the type of the notification.

        The text is without the link to the record.
        """
        action = self.open_dialog(emails, user).action_schedule()
        self.assertEqual(action["tag"], "display_notification")
        params = action["params"]
        return params["message"].removesuffix(" %s"), params["type"]

    def activities(self, *records):
        return self.env["mail.activity"].search(
            [
                ("trackable_email_id", "!=", False),
                ("res_model", "in", [record._name for record in records]),
                ("res_id", "in", [record.id for record in records]),
            ]
        )

    def new_lead(self, name, **values):
        return self.lead.copy({"name": name, **values})

    def test_email_gets_an_activity(self):
        _delivered, email = self.send()
        self.assertEqual(
            self.follow_up(email), ("1 follow-up is scheduled.", "success")
        )
        (activity,) = self.lead.activity_ids
        self.assertEqual(activity.summary, "Follow up with Carla Customer: Proposal")
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertEqual(
            activity.date_deadline,
            fields.Date.context_today(self.env.user.with_user(self.salesperson)),
        )
        self.assertEqual(
            activity.activity_type_id, self.env.ref("mail.mail_activity_data_call")
        )
        self.assertFalse(self.customer.activity_ids)
        self.assertEqual(email.follow_up_date, activity.date_deadline)

    def test_type_date_and_note_are_chosen_in_the_dialog(self):
        _delivered, email = self.send()
        dialog = self.open_dialog(email)
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        with Form(dialog) as form:
            self.assertIn("Proposal", form.plan_text)
            self.assertIn("Carla Customer", form.plan_text)
            self.assertIn("Big deal", form.plan_text)
            form.activity_type_id = meeting
            form.date_deadline = "2040-02-03"
            form.note = "<p>Ask for the budget</p>"
        dialog.action_schedule()
        (activity,) = self.lead.activity_ids
        self.assertEqual(activity.activity_type_id, meeting)
        self.assertEqual(str(activity.date_deadline), "2040-02-03")
        self.assertIn("Ask for the budget", activity.note)
        self.assertEqual(activity.summary, "Follow up with Carla Customer: Proposal")

    def test_default_type_is_to_do_without_call(self):
        self.env.ref("mail.mail_activity_data_call").active = False
        _delivered, email = self.send()
        self.assertEqual(
            self.open_dialog(email).activity_type_id,
            self.env.ref("mail.mail_activity_data_todo"),
        )

    def test_notification_links_to_the_only_record(self):
        email, other = self.send()[1], self.send(record=self.new_lead("Other"))[1]
        params = self.open_dialog(email).action_schedule()["params"]
        self.assertEqual(
            params["links"],
            [{"label": "View", "url": f"/odoo/crm.lead/{self.lead.id}"}],
        )
        self.assertEqual(params["message"].count("%s"), 1)
        third = self.send(record=self.new_lead("Third"))[1]
        params = self.open_dialog(other + third).action_schedule()["params"]
        self.assertEqual(params["links"], [])
        self.assertNotIn("%s", params["message"])

    def test_an_opened_email_gets_a_follow_up(self):
        """The salesperson calls because the email was opened."""
        delivered, email = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        self.assertEqual(self.follow_up(email)[0], "1 follow-up is scheduled.")

    def test_answered_stopped_and_unsent_emails_among_several(self):
        emails = {
            name: self.send(record=self.new_lead(name))[1]
            for name in ("Answered", "Stopped", "Unsent", "Opened", "Maybe", "Waiting")
        }
        emails["Answered"].reply_date = fields.Datetime.now()
        emails["Stopped"].is_stopped = True
        emails["Unsent"].sent_date = False
        emails["Opened"].open_count = 1
        emails["Maybe"].unknown_open_count = 1
        every_email = self.env["trackable.email"].union(*emails.values())
        dialog = self.open_dialog(every_email)
        skipped = [
            "1 email is skipped: already answered.",
            "1 email is skipped: not sent.",
            "1 email is skipped: no longer tracked.",
        ]
        self.assertEqual(dialog.follow_up_count, 3)
        self.assertEqual(dialog.plan_text, "3 emails get a follow-up.")
        self.assertEqual(dialog.skipped_text, "\n".join(skipped))
        self.assertEqual(
            self.follow_up(every_email),
            (" ".join(["3 follow-ups are scheduled.", *skipped]), "success"),
        )
        self.assertEqual(
            self.env["mail.activity"]
            .search([("trackable_email_id", "!=", False)])
            .trackable_email_id,
            emails["Opened"] + emails["Maybe"] + emails["Waiting"],
        )

    def test_a_single_answered_or_stopped_email_gets_a_follow_up(self):
        _delivered, answered = self.send()
        answered.reply_date = fields.Datetime.now()
        self.assertIn("already answered", self.open_dialog(answered).plan_text)
        self.assertEqual(self.follow_up(answered)[1], "success")
        _delivered, stopped = self.send(record=self.new_lead("Stopped"))
        stopped.is_stopped = True
        self.assertEqual(self.follow_up(stopped)[1], "success")
        _delivered, unsent = self.send(record=self.new_lead("Unsent"))
        unsent.sent_date = False
        dialog = self.open_dialog(unsent)
        self.assertEqual(dialog.follow_up_count, 0)
        self.assertEqual(dialog.plan_text, "No follow-up can be scheduled: not sent.")
        self.assertFalse(dialog.skipped_text)

    def test_sentences_in_the_plural(self):
        answered = [
            self.send(record=self.new_lead(name))[1] for name in ("A", "B", "C")
        ]
        answered[0].reply_date = answered[1].reply_date = fields.Datetime.now()
        self.assertEqual(
            self.follow_up(self.env["trackable.email"].union(*answered))[0],
            "1 follow-up is scheduled. 2 emails are skipped: already answered.",
        )

    def send_to_two(self):
        """Return an email to the customer, and one to another contact."""
        message = self.post(subject="Proposal", partner_ids=self.other.ids)
        return self.send()[1], self.trackable_emails(message)

    def test_several_emails_give_one_follow_up_to_a_recipient(self):
        """A recipient gets no second follow-up on a record until the first is done,
        even if edited.
        """
        first, to_other = self.send_to_two()
        second = self.send()[1]
        self.assertEqual(
            self.follow_up(first + second)[0],
            "1 follow-up is scheduled."
            " 1 email is skipped: another selected email has the same record and"
            " recipient.",
        )
        again = (
            "No follow-up was scheduled. 2 emails are skipped: a follow-up is already"
            " scheduled."
        )
        self.assertEqual(self.follow_up(first + second)[0], again)
        (activity,) = self.lead.activity_ids
        activity.write(
            {
                "summary": "Ring her",
                "user_id": self.colleague.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
            }
        )
        self.assertEqual(self.follow_up(first + second)[0], again)
        self.assertEqual(
            self.follow_up(second + to_other)[0],
            "1 follow-up is scheduled. 1 email is skipped: a follow-up is already"
            " scheduled.",
        )
        activity.action_done()
        self.assertEqual(
            self.lead.activity_ids.mapped("summary"),
            ["Follow up with Oscar Other: Proposal"],
        )
        self.assertIn("1 follow-up is scheduled.", self.follow_up(first + second)[0])

    def test_several_recipients_of_a_record_get_follow_ups(self):
        first, to_other = self.send_to_two()
        params = self.open_dialog(first + to_other).action_schedule()["params"]
        self.assertEqual(params["message"], "2 follow-ups are scheduled. %s")
        self.assertEqual(len(params["links"]), 1, "both are on one record")
        self.assertEqual(
            self.lead.activity_ids.sudo().trackable_email_id, first + to_other
        )

    def test_a_single_email_always_gets_another_follow_up(self):
        """The dialog names the open follow-ups of the recipient on the record."""
        first, to_other = self.send_to_two()
        _delivered, second = self.send(subject="Second offer")
        _delivered, elsewhere = self.send(record=self.new_lead("Elsewhere"))
        self.assertFalse(self.open_dialog(first).open_follow_ups_text)
        self.follow_up(first)
        (activity,) = self.lead.activity_ids
        activity.date_deadline = "2040-11-30"
        scheduled = "Call is already scheduled for Nov 30, 2040, assigned to %s."
        for email in (first, second):
            dialog = self.open_dialog(email)
            self.assertEqual(
                dialog.open_follow_ups_text, scheduled % self.salesperson.name
            )
            self.assertEqual(dialog.follow_up_count, 1)
        for email in (to_other, elsewhere):
            self.assertFalse(self.open_dialog(email).open_follow_ups_text)
        self.assertFalse(self.open_dialog(first + to_other).open_follow_ups_text)
        activity.user_id = False
        self.assertEqual(
            self.open_dialog(second).open_follow_ups_text,
            "Call is already scheduled for Nov 30, 2040.",
        )
        for email in (first, second, to_other):
            self.assertEqual(self.follow_up(email)[0], "1 follow-up is scheduled.")
        self.assertEqual(
            self.lead.activity_ids.sorted("id").mapped("summary"),
            [
                "Follow up with Carla Customer: Proposal",
                "Follow up with Carla Customer: Proposal",
                "Follow up with Carla Customer: Second offer",
                "Follow up with Oscar Other: Proposal",
            ],
        )
        activity.action_done()
        self.lead.activity_ids.action_done()
        self.assertFalse(self.open_dialog(first).open_follow_ups_text)

    def test_recipients_without_a_contact_are_told_apart_by_address(self):
        emails = self.send()[1] + self.send()[1] + self.send()[1]
        emails.partner_id = False
        emails[0].email_to = emails[1].email_to = "ann@x.example.net"
        emails[2].email_to = "bert@x.example.net"
        self.assertEqual(
            self.follow_up(emails)[0],
            "2 follow-ups are scheduled. 1 email is skipped: another selected email has"
            " the same record and recipient.",
        )
        self.assertEqual(
            self.lead.activity_ids.sorted("id").mapped("summary"),
            [
                "Follow up with ann@x.example.net: Proposal",
                "Follow up with bert@x.example.net: Proposal",
            ],
        )
        emails[0].email_to = False
        self.assertEqual(self.follow_up(emails[0])[0], "1 follow-up is scheduled.")
        self.assertIn("Follow up on an email", self.lead.activity_ids.mapped("summary"))

    def test_other_activities_are_not_follow_ups(self):
        _delivered, email = self.send()
        self.lead.activity_schedule(
            "mail.mail_activity_data_email", summary="Follow up: Proposal"
        )
        self.assertFalse(self.open_dialog(email).open_follow_ups_text)
        self.assertEqual(
            self.follow_up(email + self.send()[1])[0],
            "1 follow-up is scheduled. 1 email is skipped: another selected email has"
            " the same record and recipient.",
        )

    def test_recipient_gets_activity_if_record_cannot(self):
        """The summary names the subject only on the record of the email."""
        channel = self.env["discuss.channel"].create({"name": "Source"})
        _delivered, email = self.send()
        email.write({"res_model": channel._name, "res_id": channel.id})
        self.assertNotIn("activity_ids", channel._fields)
        self.assertEqual(self.follow_up(email)[0], "1 follow-up is scheduled.")
        self.assertEqual(
            self.customer.activity_ids.summary, "Follow up with Carla Customer"
        )
        self.customer.activity_ids.unlink()
        lead = self.new_lead("Deleted")
        _delivered, email = self.send(record=lead)
        lead.unlink()
        self.follow_up(email)
        self.assertEqual(
            self.customer.activity_ids.summary, "Follow up with Carla Customer"
        )
        self.customer.activity_ids.unlink()
        _delivered, email = self.send(record=self.customer)
        self.follow_up(email)
        self.assertEqual(
            self.customer.activity_ids.summary,
            "Follow up with Carla Customer: Proposal",
        )
        email.write({"res_model": "gone.model", "partner_id": False})
        self.assertEqual(
            self.follow_up(email),
            (
                "No follow-up was scheduled."
                " 1 email is skipped: no record that can have activities.",
                "warning",
            ),
        )

    def test_activity_is_assigned_to_the_sender(self):
        manager = new_test_user(
            self.env,
            "manon",
            "base.group_user,sales_team.group_sale_manager,"
            "pipeline_tracking.group_manager",
            email="manon@acme.example.com",
        )
        _delivered, email = self.send()
        other = self.new_lead("Sender has left")
        _delivered, orphan = self.send(record=other)
        leaver = new_test_user(self.env, "leo", "base.group_user")
        orphan.user_id = leaver
        leaver.active = False
        self.follow_up(email + orphan, user=manager)
        self.assertEqual(self.activities(self.lead).user_id, self.salesperson)
        self.assertEqual(self.activities(other).user_id, manager)

    def test_records_without_write_access_are_skipped(self):
        _delivered, email = self.send()
        other = self.new_lead("Of a colleague", user_id=self.colleague.id)
        _delivered, denied = self.send(record=other, user=self.env.user)
        denied.user_id = self.salesperson
        with self.assertRaises(AccessError):
            other.with_user(self.salesperson).check_access("write")
        self.assertEqual(
            self.follow_up(email + denied),
            (
                "1 follow-up is scheduled. 1 email is skipped: you cannot edit the"
                " record.",
                "success",
            ),
        )
        self.assertTrue(self.activities(self.lead))
        self.assertFalse(self.activities(other))
        with self.assertRaises(AccessError):
            self.follow_up(email, user=self.colleague)

    def test_queries_do_not_grow_with_emails(self):
        emails = [
            self.send(record=self.new_lead(f"Deal {number}"))[1] for number in range(6)
        ]
        self.follow_up(emails[0])
        self.env.flush_all()

        def count_queries(emails):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            emails.with_user(self.salesperson)._plan_follow_ups()
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(
            count_queries(self.env["trackable.email"].union(*emails)),
            count_queries(emails[0]),
        )

    def test_no_follow_up_on_emails_of_others(self):
        """A user who may not read an email cannot follow up on it."""
        _delivered, email = self.send()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        manager = self.new_manager()
        dialog = self.open_dialog(email, manager)
        self.assertEqual(dialog.follow_up_count, 1)
        Dialog = self.env["trackable.follow.up"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            Dialog.create({"trackable_email_ids": email.ids}).action_schedule()
        with self.assertRaises(AccessError):
            dialog.with_user(self.colleague).action_schedule()
        email.company_id = elsewhere
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            dialog.trackable_email_ids = email.ids
            dialog.action_schedule()
        self.assertFalse(self.activities(self.lead))
