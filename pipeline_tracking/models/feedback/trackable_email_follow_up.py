from collections import defaultdict

from odoo import fields, models
from odoo.fields import Domain


class TrackableEmail(models.Model):
    """Schedule follow-ups on tracked emails (extends trackable.email)."""

    _inherit = "trackable.email"

    def action_follow_up(self):
        """Schedule a follow-up for those that were not opened, one on each record,
        with the user's own rights.

        :return: a notification that says what was done, and what was left out
        :rtype: dict
        """
        opened = self.filtered(lambda email: email.open_count or email.reply_date)
        unsent = (self - opened).filtered(lambda email: not email.sent_date)
        stopped = (self - opened - unsent).filtered("is_stopped")
        waiting = self - opened - unsent - stopped
        emails = waiting._get_follow_up_emails()
        placed = self.browse().union(*emails.values())
        allowed = {
            record
            for records in self._group_by_model(emails)
            for record in records._filtered_access("write")
        }
        pending = self._find_follow_ups(allowed)
        senders = self.user_id.exists().filtered("active")
        chosen = {
            record: own[0]
            for record, own in emails.items()
            if record in allowed - pending
        }
        activities = self.env["mail.activity"].create(
            [
                email._prepare_follow_up_values(
                    record, email.user_id & senders or self.env.user
                )
                for record, email in chosen.items()
            ]
        )
        # sudo: mail.activity - a field that nobody reads: it has the subject
        for activity, email in zip(activities.sudo(), chosen.values(), strict=True):
            activity.trackable_email_id = email
        return self._notify_follow_ups(
            len(activities),
            [
                (self.env._("Opened already: %s"), len(opened)),
                (self.env._("Has a follow-up already: %s"), len(pending)),
                (
                    self.env._("Not yours to change: %s"),
                    len(emails.keys() - allowed),
                ),
                (self.env._("Not sent: %s"), len(unsent)),
                (self.env._("No longer tracked: %s"), len(stopped)),
                (self.env._("Nowhere to put it: %s"), len(waiting - placed)),
                (
                    self.env._("On the same record as another: %s"),
                    len(placed) - len(emails),
                ),
                (
                    self.env._("Of these may have been opened: %s"),
                    sum(email.unknown_open_count > 0 for email in chosen.values()),
                ),
            ],
        )

    def _get_follow_up_emails(self):
        """Where to follow up, and on which of these: on the record each was sent from
        if that can have activities, else on the recipient.

        :return: record -> those of these emails that belong there
        :rtype: dict
        """
        ids = defaultdict(set)
        for email in self:
            for model, res_id in email._get_chatter_keys():
                ids[model].add(res_id)
        existing = {
            record
            for model, res_ids in ids.items()
            if isinstance(self.env.get(model), self.pool["mail.activity.mixin"])
            for record in self.env[model].browse(res_ids).exists()
        }
        emails = defaultdict(self.browse)
        for email in self:
            # The recipient comes first in the chatter, and last here.
            for model, res_id in reversed(email._get_chatter_keys()):
                record = model in self.env and self.env[model].browse(res_id)
                if record in existing:
                    emails[record] += email
                    break
        return emails

    def _find_follow_ups(self, records):
        """Those that somebody is about to follow up already.

        :param records: iterable of records, of any models
        :return: of ``records``
        :rtype: set
        """
        # sudo: mail.activity - whether there is one on a record that may be written to
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search_fetch(
                Domain("trackable_email_id", "!=", False)
                & Domain.OR(
                    Domain("res_model", "=", own._name)
                    & Domain("res_id", "in", own.ids)
                    for own in self._group_by_model(records)
                ),
                ["res_model", "res_id"],
            )
        )
        return {
            self.env[activity.res_model].browse(activity.res_id)
            for activity in activities
        }

    def _group_by_model(self, records):
        """Records of any models as a recordset of each.

        :rtype: list
        """
        ids = defaultdict(list)
        for record in records:
            ids[record._name].append(record.id)
        return [self.env[model].browse(res_ids) for model, res_ids in ids.items()]

    def _prepare_follow_up_values(self, record, user):
        """Values of the activity to follow up. To be extended.

        :param record: that it is to be on
        :param res.users user: who is to do it
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
        kind = self.env.ref("mail.mail_activity_data_email", raise_if_not_found=False)
        return {**values, "activity_type_id": kind.id} if kind else values

    def _notify_follow_ups(self, count, left_out):
        """What was done, in plain words.

        :param int count: of follow-ups
        :param list[tuple[str, int]] left_out: why, with a place for how many; and how
            many
        :rtype: dict
        """
        sentences = [self.env._("Follow-ups scheduled: %s", count)]
        sentences += [words % number for words, number in left_out if number]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "message": ". ".join(sentences),
            },
        }
