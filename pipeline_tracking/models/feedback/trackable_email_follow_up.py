"""Schedule follow-ups on tracked emails (extends trackable.email)."""

from collections import defaultdict, namedtuple

from odoo import models
from odoo.fields import Domain

# `email_by_record`: record that gets a follow-up -> email that it follows up on.
# `skipped`: reason -> number of emails without a follow-up.
FollowUpPlan = namedtuple("FollowUpPlan", "email_by_record skipped")


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_follow_up_values(self, record, user):
        """Return the values of the activity that follows up on this email. The dialog
        adds the type, the date and the note.

        An override adds values of more fields of `mail.activity` to the dictionary of
        super.

        :param record: the record that gets the activity
        :param res.users user: the user who gets the activity
        :rtype: dict
        """
        self.ensure_one()
        if self.subject and self._may_disclose_subject(record):
            summary = self.env._("Follow up: %s", self.subject)
        else:
            summary = self.env._("Follow up on an email")
        return {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "summary": summary,
            "user_id": user.id,
        }

    # ------------------------------------------------------------
    # Do not override: which records get a follow-up
    # ------------------------------------------------------------

    def action_follow_up(self):
        """Open the dialog that schedules follow-ups on these emails.

        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Follow Up"),
            "res_model": "trackable.follow.up",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_trackable_email_ids": self.ids},
        }

    def _compute_follow_up_date(self):
        # sudo: mail.activity - the user may read the email, and learns only the date
        dates = dict(
            self.env["mail.activity"]
            .sudo()
            ._read_group(
                [("trackable_email_id", "in", self.ids)],
                ["trackable_email_id"],
                ["date_deadline:min"],
            )
        )
        for email in self:
            email.follow_up_date = dates.get(email._origin)

    def _plan_follow_ups(self):
        """Decide which records get a follow-up. The user's access rights apply.

        If the user chose several emails, emails that were answered or are no longer
        tracked get no follow-up. A single email always gets its follow-up, because the
        user chose this email.

        :rtype: FollowUpPlan
        """
        unsent = self.filtered(lambda email: not email.sent_date)
        chosen = self - unsent
        answered = stopped = self.browse()
        if len(self) > 1:
            answered = chosen.filtered("reply_date")
            stopped = (chosen - answered).filtered("is_stopped")
            chosen -= answered + stopped
        emails_by_record = chosen._group_by_follow_up_record()
        writable_records = {
            record
            for records in self._group_by_model(emails_by_record)
            for record in records._filtered_access("write")
        }
        followed_records = self._find_followed_records(writable_records)
        email_by_record = {
            record: emails[0]
            for record, emails in emails_by_record.items()
            if record in writable_records - followed_records
        }
        emails_with_record = self.browse().union(*emails_by_record.values())
        followed = self.browse().union(*map(emails_by_record.get, followed_records))
        denied = emails_with_record - self.browse().union(
            *map(emails_by_record.get, writable_records)
        )
        doubled = emails_with_record - followed - denied
        doubled -= self.browse().union(*email_by_record.values())
        reasons = {
            self.env._("already answered"): answered,
            self.env._("a follow-up is already scheduled"): followed,
            self.env._("another selected email is from the same record"): doubled,
            self.env._("you cannot edit the record"): denied,
            self.env._("no record that can have activities"): (
                chosen - emails_with_record
            ),
            self.env._("not sent"): unsent,
            self.env._("no longer tracked"): stopped,
        }
        return FollowUpPlan(
            email_by_record,
            {reason: len(emails) for reason, emails in reasons.items() if emails},
        )

    def _schedule_follow_ups(self, values):
        """Schedule the follow-ups that `_plan_follow_ups` decides on. They are assigned
        to the senders of the emails, or to the current user if a sender is archived.

        :param dict values: values of each activity: type, date and note
        :return: the plan that was carried out
        :rtype: FollowUpPlan
        """
        plan = self._plan_follow_ups()
        senders = self.user_id.exists().filtered("active")
        activities = self.env["mail.activity"].create(
            [
                {
                    **email._prepare_follow_up_values(
                        record, email.user_id & senders or self.env.user
                    ),
                    **values,
                }
                for record, email in plan.email_by_record.items()
            ]
        )
        # sudo: mail.activity - no user has access to this field: it shows the subject
        for activity, email in zip(
            activities.sudo(), plan.email_by_record.values(), strict=True
        ):
            activity.trackable_email_id = email
        self.invalidate_recordset(["follow_up_date"])
        return plan

    def _group_by_follow_up_record(self):
        """Group these emails by the record that gets the follow-up.

        This is the record that the email was sent from. If that record cannot have
        activities, this is the recipient.

        :return: record -> emails; emails without such a record are left out
        :rtype: dict[record, TrackableEmail]
        """
        ids_by_model = defaultdict(set)
        for email in self:
            for model, res_id in email._get_chatter_keys():
                ids_by_model[model].add(res_id)
        existing_records = {
            record
            for model, res_ids in ids_by_model.items()
            if isinstance(self.env.get(model), self.pool["mail.activity.mixin"])
            for record in self.env[model].browse(res_ids).exists()
        }
        emails_by_record = defaultdict(self.browse)
        for email in self:
            # Reversed: the chatter keys begin with the recipient.
            for model, res_id in reversed(email._get_chatter_keys()):
                record = model in self.env and self.env[model].browse(res_id)
                if record in existing_records:
                    emails_by_record[record] += email
                    break
        return emails_by_record

    def _find_followed_records(self, records):
        """Return the records that already have a follow-up.

        :param records: iterable of records, of any models
        :rtype: set
        """
        # sudo: mail.activity - users who may write to a record may know its activities
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search_fetch(
                Domain("trackable_email_id", "!=", False)
                & Domain.OR(
                    Domain("res_model", "=", records_of_model._name)
                    & Domain("res_id", "in", records_of_model.ids)
                    for records_of_model in self._group_by_model(records)
                ),
                ["res_model", "res_id"],
            )
        )
        return {
            self.env[activity.res_model].browse(activity.res_id)
            for activity in activities
        }

    def _group_by_model(self, records):
        """Group records by model.

        :param records: iterable of records, of any models
        :rtype: list
        """
        ids_by_model = defaultdict(list)
        for record in records:
            ids_by_model[record._name].append(record.id)
        return [self.env[model].browse(ids) for model, ids in ids_by_model.items()]
