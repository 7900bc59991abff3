"""Follow-ups on unopened emails are activities, at most one for each record."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import APPLE_MPP, TrackingCase


@tagged("post_install", "-at_install")
class TestFollowUp(TrackingCase):
    def follow_up(self, emails, user=None):
        """Follow up as a user. Return the text and the type of the notification."""
        action = emails.with_user(user or self.salesperson).action_follow_up()
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]["message"], action["params"]["type"]

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

    def test_unopened_email_gets_an_activity(self):
        _delivered, email = self.send()
        self.assertEqual(self.follow_up(email), ("1 follow-up scheduled.", "success"))
        (activity,) = self.lead.activity_ids
        self.assertEqual(activity.summary, "Follow up: Proposal")
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertEqual(
            activity.date_deadline,
            fields.Date.context_today(self.env.user.with_user(self.salesperson)),
        )
        self.assertEqual(
            activity.activity_type_id, self.env.ref("mail.mail_activity_data_email")
        )
        self.assertFalse(self.customer.activity_ids)

    def test_opened_and_unsent_emails_are_skipped(self):
        opened, opened_email = self.send()
        maybe, maybe_email = self.send(record=self.new_lead("Maybe"))
        _answered, answered_email = self.send(record=self.new_lead("Answered"))
        unsent = self.send(record=self.new_lead("Unsent"))[1]
        _delivered, email = self.send(record=self.new_lead("Unopened"))
        self.hit(opened.image_urls[0])
        self.hit(maybe.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        answered_email.reply_date = fields.Datetime.now()
        unsent.sent_date = False
        self.assertEqual(
            self.follow_up(
                opened_email + maybe_email + answered_email + unsent + email
            ),
            (
                "2 follow-ups scheduled. 2 skipped: already opened. 1 skipped: not"
                " sent. 1 scheduled although the email may have been opened.",
                "success",
            ),
        )
        self.assertEqual(
            self.env["mail.activity"]
            .search([("trackable_email_id", "!=", False)])
            .trackable_email_id,
            maybe_email + email,
            "an email that may have been opened gets a follow-up",
        )
        self.assertEqual(
            self.follow_up(opened_email),
            ("No follow-up scheduled. 1 skipped: already opened.", "warning"),
        )

    def test_record_has_one_open_follow_up(self):
        """A record gets no second follow-up until the first is done, even if edited."""
        first, second = self.send()[1], self.send()[1]
        self.assertEqual(
            self.follow_up(first + second)[0],
            "1 follow-up scheduled."
            " 1 skipped: another selected email has the same record.",
        )
        again = "No follow-up scheduled. 1 skipped: already has a follow-up."
        self.assertEqual(
            self.follow_up(first + second)[0],
            f"{again} 1 skipped: another selected email has the same record.",
        )
        (activity,) = self.lead.activity_ids
        activity.write(
            {
                "summary": "Ring her",
                "user_id": self.colleague.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
            }
        )
        self.assertEqual(self.follow_up(second)[0], again)
        activity.action_done()
        self.assertEqual(self.follow_up(second)[0], "1 follow-up scheduled.")

    def test_other_activities_are_not_follow_ups(self):
        _delivered, email = self.send()
        self.lead.activity_schedule(
            "mail.mail_activity_data_email", summary="Follow up: Proposal"
        )
        self.assertEqual(self.follow_up(email)[0], "1 follow-up scheduled.")

    def test_recipient_gets_activity_if_record_cannot(self):
        """The summary names the subject only on the record of the email."""
        channel = self.env["discuss.channel"].create({"name": "Source"})
        _delivered, email = self.send()
        email.write({"res_model": channel._name, "res_id": channel.id})
        self.assertNotIn("activity_ids", channel._fields)
        self.assertEqual(self.follow_up(email)[0], "1 follow-up scheduled.")
        self.assertEqual(self.customer.activity_ids.summary, "Follow up on an email")
        self.customer.activity_ids.unlink()
        lead = self.new_lead("Deleted")
        _delivered, email = self.send(record=lead)
        lead.unlink()
        self.follow_up(email)
        self.assertEqual(self.customer.activity_ids.summary, "Follow up on an email")
        self.customer.activity_ids.unlink()
        _delivered, email = self.send(record=self.customer)
        self.follow_up(email)
        self.assertEqual(self.customer.activity_ids.summary, "Follow up: Proposal")
        email.write({"res_model": "gone.model", "partner_id": False})
        self.assertEqual(
            self.follow_up(email),
            (
                "No follow-up scheduled. 1 skipped: the email has no record that can"
                " have activities.",
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
                "1 follow-up scheduled. 1 skipped: you cannot edit the record.",
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
            emails.with_user(self.salesperson)._group_by_follow_up_record()
            emails._find_followed_records(emails._group_by_follow_up_record())
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(
            count_queries(self.env["trackable.email"].union(*emails)),
            count_queries(emails[0]),
        )
