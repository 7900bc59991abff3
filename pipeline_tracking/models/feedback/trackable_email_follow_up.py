"""Schedule follow-ups on tracked emails (extends trackable.email)."""

from collections import defaultdict, namedtuple

from odoo import models
from odoo.fields import Domain

from .record_access import filter_accessible

# `record_by_email`: email that is followed up on -> record that gets the follow-up.
# `skipped`: reason -> number of emails without a follow-up.
# `open_follow_ups`: follow-ups that the recipients have on these records (sudo).
FollowUpPlan = namedtuple("FollowUpPlan", "record_by_email skipped open_follow_ups")


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
        return {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "summary": self._describe_follow_up(record),
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

    def _describe_follow_up(self, record):
        """Return the summary of the activity that follows up on this email.

        :param record: the record that gets the activity
        :rtype: str
        """
        if not self.recipient_name:
            return self.env._("Follow up on an email")
        if not self.subject or not self._may_disclose_subject(record):
            return self.env._("Follow up with %s", self.recipient_name)
        return self.env._(
            "Follow up with %(recipient)s: %(subject)s",
            recipient=self.recipient_name,
            subject=self.subject,
        )

    def _plan_follow_ups(self):
        """Decide which emails get a follow-up. The user's access rights apply.

        If the user chose several emails, emails that were answered or are no longer
        tracked get no follow-up, and a recipient gets one follow-up on a record. A
        single email always gets its follow-up, because the user chose this email.

        :rtype: FollowUpPlan
        """
        unsent = self.filtered(lambda email: not email.sent_date)
        chosen = self - unsent
        answered = stopped = followed = doubled = self.browse()
        is_several = len(self) > 1
        if is_several:
            answered = chosen.filtered("reply_date")
            stopped = (chosen - answered).filtered("is_stopped")
            chosen -= answered + stopped
        record_by_email = chosen._get_follow_up_records()
        keys = ((record._name, record.id) for record in record_by_email.values())
        writable_records = set(filter_accessible(self.env, keys, "write").values())
        planned = chosen.filtered(
            lambda email: record_by_email.get(email) in writable_records
        )
        denied = self.browse().union(*record_by_email) - planned
        follow_ups_by_key = self._find_open_follow_ups(writable_records)
        emails_by_key = planned.grouped(
            lambda email: (record_by_email[email], email._get_follow_up_recipient())
        )
        if is_several:
            for key, emails in emails_by_key.items():
                if key in follow_ups_by_key:
                    followed |= emails
                else:
                    doubled |= emails[1:]
            planned -= followed + doubled
        reasons = {
            self.env._("already answered"): answered,
            self.env._("a follow-up is already scheduled"): followed,
            self.env._(
                "another selected email has the same record and recipient"
            ): doubled,
            self.env._("you cannot edit the record"): denied,
            self.env._("no record that can have activities"): (
                chosen - self.browse().union(*record_by_email)
            ),
            self.env._("not sent"): unsent,
            self.env._("no longer tracked"): stopped,
        }
        return FollowUpPlan(
            {email: record_by_email[email] for email in planned},
            {reason: len(emails) for reason, emails in reasons.items() if emails},
            # sudo: mail.activity - as in `_find_open_follow_ups`
            self.env["mail.activity"]
            .sudo()
            .union(*(follow_ups_by_key[key] for key in emails_by_key)),
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
                for email, record in plan.record_by_email.items()
            ]
        )
        # sudo: mail.activity - no user has access to this field: it shows the subject
        for activity, email in zip(
            activities.sudo(), plan.record_by_email, strict=True
        ):
            activity.trackable_email_id = email
        self.invalidate_recordset(["follow_up_date"])
        return plan

    def _get_follow_up_records(self):
        """Return the record that gets the follow-up on each email.

        This is the record that the email was sent from. If that record cannot have
        activities, this is the recipient.

        :return: emails without such a record are left out
        :rtype: dict[TrackableEmail, record]
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
        record_by_email = {}
        for email in self:
            # Reversed: the chatter keys begin with the recipient.
            for model, res_id in reversed(email._get_chatter_keys()):
                record = model in self.env and self.env[model].browse(res_id)
                if record in existing_records:
                    record_by_email[email] = record
                    break
        return record_by_email

    def _get_follow_up_recipient(self):
        """Return a value that is the same for all emails to a recipient.

        :rtype: record | str
        """
        self.ensure_one()
        return self.partner_id or self.email_to or self

    def _find_open_follow_ups(self, records):
        """Return the follow-ups that are scheduled on records.

        :param records: iterable of records, of any models
        :return: record and value of `_get_follow_up_recipient` -> activities (sudo),
            without activities of other keys
        :rtype: defaultdict
        """
        ids_by_model = defaultdict(list)
        for record in records:
            ids_by_model[record._name].append(record.id)
        # sudo: mail.activity - users who may write to a record may know its activities
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search_fetch(
                Domain("trackable_email_id", "!=", False)
                & Domain.OR(
                    Domain("res_model", "=", model) & Domain("res_id", "in", ids)
                    for model, ids in ids_by_model.items()
                ),
                ["res_model", "res_id", "trackable_email_id"],
            )
        )
        return defaultdict(
            activities.browse,
            activities.grouped(
                lambda activity: (
                    self.env[activity.res_model].browse(activity.res_id),
                    activity.trackable_email_id._get_follow_up_recipient(),
                )
            ),
        )
