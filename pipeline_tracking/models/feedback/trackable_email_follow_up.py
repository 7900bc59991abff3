"""Schedule follow-ups on tracked emails (extends trackable.email)."""

from collections import defaultdict

from odoo import fields, models
from odoo.fields import Domain


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_follow_up_values(self, record, user):
        """Return the values of the activity that follows up on this email.

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
        values = {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "summary": summary,
            "user_id": user.id,
            "date_deadline": fields.Date.context_today(self),
        }
        activity_type = self.env.ref(
            "mail.mail_activity_data_email", raise_if_not_found=False
        )
        if activity_type:
            values["activity_type_id"] = activity_type.id
        return values

    # ------------------------------------------------------------
    # Do not override: which records get a follow-up
    # ------------------------------------------------------------

    def action_follow_up(self):
        """Schedule a follow-up for each record of the emails that were not opened.

        The user's access rights apply.

        :return: a client action that shows the number of scheduled follow-ups, and why
            emails were skipped
        :rtype: dict
        """
        opened = self.filtered(lambda email: email.open_count or email.reply_date)
        unsent = (self - opened).filtered(lambda email: not email.sent_date)
        stopped = (self - opened - unsent).filtered("is_stopped")
        waiting = self - opened - unsent - stopped
        emails_by_record = waiting._group_by_follow_up_record()
        emails_with_record = self.browse().union(*emails_by_record.values())
        writable_records = {
            record
            for records in self._group_by_model(emails_by_record)
            for record in records._filtered_access("write")
        }
        followed_records = self._find_followed_records(writable_records)
        senders = self.user_id.exists().filtered("active")
        email_by_record = {
            record: emails[0]
            for record, emails in emails_by_record.items()
            if record in writable_records - followed_records
        }
        activities = self.env["mail.activity"].create(
            [
                email._prepare_follow_up_values(
                    record, email.user_id & senders or self.env.user
                )
                for record, email in email_by_record.items()
            ]
        )
        # sudo: mail.activity - no user has access to this field: it shows the subject
        for activity, email in zip(
            activities.sudo(), email_by_record.values(), strict=True
        ):
            activity.trackable_email_id = email
        return self._prepare_follow_up_notification(
            len(activities),
            [
                (self.env._("%s skipped: already opened"), len(opened)),
                (
                    self.env._("%s skipped: already has a follow-up"),
                    len(followed_records),
                ),
                (
                    self.env._("%s skipped: you cannot edit the record"),
                    len(emails_by_record.keys() - writable_records),
                ),
                (self.env._("%s skipped: not sent"), len(unsent)),
                (self.env._("%s skipped: no longer tracked"), len(stopped)),
                (
                    self.env._(
                        "%s skipped: the email has no record that can have activities"
                    ),
                    len(waiting - emails_with_record),
                ),
                (
                    self.env._(
                        "%s skipped: another selected email has the same record"
                    ),
                    len(emails_with_record) - len(emails_by_record),
                ),
                (
                    self.env._("%s scheduled although the email may have been opened"),
                    sum(
                        email.unknown_open_count > 0
                        for email in email_by_record.values()
                    ),
                ),
            ],
        )

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

    def _prepare_follow_up_notification(self, count, skipped):
        """Return a client action that shows the result to the user.

        :param int count: number of scheduled follow-ups
        :param list[tuple[str, int]] skipped: sentences with a placeholder, and their
            numbers; sentences with 0 are left out
        :rtype: dict
        """
        if not count:
            sentences = [self.env._("No follow-up scheduled")]
        elif count == 1:
            sentences = [self.env._("1 follow-up scheduled")]
        else:
            sentences = [self.env._("%s follow-ups scheduled", count)]
        sentences += [sentence % number for sentence, number in skipped if number]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "message": " ".join(f"{sentence}." for sentence in sentences),
            },
        }
