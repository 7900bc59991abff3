from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..fields import UnenforcedMany2one


class TrackableEmail(models.Model):
    """A tracked copy of an outgoing email, sent to one recipient.

    The table lists the fields that hold the copy's state, and the methods that change
    these fields, here and in the packages of `models` ("rooms"):

    ================== =============================== ===============================
    field              set by                          cleared by
    ================== =============================== ===============================
    sent_date          `_ensure`, before the copy is   `mail.mail._mark_not_sent`, if
                       handed over;                    the copy did not leave tracked
                       `_ensure_anonymous`
    recipient_key      `_ensure`, `_ensure_anonymous`, `_anonymize_where`
                       `_change_recipient`
    references to      `_ensure`, `_ensure_anonymous`, `_clear_tracking_references`,
    records            `_set_partners_after_commit`;   when records are deleted;
                       `_change_recipient`,            `_anonymize_where`
                       `_move_tracking` and
                       `_update_foreign_keys`, when
                       records are merged
    is_anonymous       `_ensure_anonymous`             never
    is_stopped         `_stop_tracking_where`,         never
                       `_anonymize_where`
    counters, times of `_recompute_counters`; of an    `_recompute_counters`
    opens and actions  anonymous email
                       `_count_anonymous`
    reply_date         `_set_reply_dates`              never
    last_activity_date computed from `sent_date`,      with them
                       `last_action_date` and
                       `reply_date`
    is_trace_due       `_recompute_counters`,          `_sync_due_traces`,
                       `_retry_failed_traces`,         `_clear_due_without_trace`,
                       `_mark_traces_due`              `_anonymize_where`
    is_trace_failed    `_sync_due_traces`              `_sync_due_traces`,
                                                       `_retry_failed_traces`,
                                                       `_anonymize_where`
    notice_at          `_recompute_counters`; in quiet `_notify_senders_or_postpone`,
                       hours                           `_anonymize_where`
                       `_notify_senders_or_postpone`
    notified_keys      `_notify_senders_or_postpone`   never
    notice_message_ids `_put_into_inbox`               with the messages
    oldest_action_date `create` of an action,          `_replace_actions_by_totals`,
                       `_replace_actions_by_totals`    with the last action
    ================== =============================== ===============================
    """

    _name = "trackable.email"
    _inherit = "trackable.mixin"
    _description = "Tracked Email"
    _order = "id desc"
    _rec_name = "subject"
    # `create_uid` and `write_uid` would be foreign keys: see UnenforcedMany2one.
    _log_access = False

    mail_mail_id_int = fields.Integer("Outgoing Email", readonly=True, aggregator=None)
    # A retry finds the trackable email of the first try by its message and this key
    # (see `_get_recipient_key`). The key does not change with the contact's address.
    recipient_key = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    partner_id = UnenforcedMany2one(
        "res.partner", "Recipient", readonly=True, index=True
    )
    recipient_name = fields.Char(
        compute="_compute_recipient_name", search="_search_recipient_name"
    )
    email_to = fields.Char("Email Address", readonly=True, index="btree_not_null")
    subject = fields.Char(readonly=True)
    template_id = UnenforcedMany2one(
        "mail.template", "Template", readonly=True, index="btree_not_null"
    )
    res_model = fields.Char("Record Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    source_name = fields.Char(
        "Sent from",
        compute="_compute_source_name",
        help="The record that the email was sent from.",
    )
    mailing_trace_id = UnenforcedMany2one(
        "mailing.trace", "Mailing Trace", readonly=True, index="btree_not_null"
    )
    # The mailing trace must be synchronized with the actions.
    is_trace_due = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    is_trace_failed = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    # When to notify the sender. Empty if there is no news.
    notice_at = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    # Keys of the news that the sender was notified about: see
    # `feedback/trackable_email_notice.py`. Corrected actions do not remove keys.
    notified_keys = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    notice_message_ids = fields.Many2many(
        "mail.message",
        "trackable_email_notice",
        "trackable_email_id",
        "mail_message_id",
        help="Notifications about this email in the sender's messages menu.",
        groups=fields.NO_ACCESS,
    )
    # An anonymous email stands for all recipients of a mailing who have neither
    # consented nor objected to tracking. It counts their opens and has no actions.
    is_anonymous = fields.Boolean(readonly=True)
    is_stopped = fields.Boolean(
        "Tracking Stopped",
        readonly=True,
        default=False,  # not NULL: bool_and would ignore the email
        help="Opens and clicks of this email are no longer recorded. Its links still"
        " work.",
    )
    link_count = fields.Integer("Number of Links", readonly=True)
    sent_date = fields.Datetime(
        "Sent on",
        readonly=True,
        index=True,
        help="Time at which Odoo began to send the email.",
    )
    open_count = fields.Integer(
        "Opens",
        readonly=True,
        help="Opens by the recipient. Security scanners and colleagues are not"
        " counted.",
    )
    click_count = fields.Integer(
        "Clicks",
        readonly=True,
        help="Clicks and downloads by the recipient. Security scanners and colleagues"
        " are not counted.",
    )
    download_count = fields.Integer(
        "Downloads",
        readonly=True,
        help="Downloads by the recipient. They are also part of the clicks.",
    )
    unknown_open_count = fields.Integer(
        "Possible Opens",
        readonly=True,
        help="The email's image was loaded, but perhaps automatically. Apple Mail, for"
        " example, loads images of emails that nobody reads.",
    )
    # Requests by any actor.
    raw_open_count = fields.Integer("All Image Requests", readonly=True)
    raw_click_count = fields.Integer("All Link Requests", readonly=True)
    # The codes are also the states of a message's badge: see `tracking_text.js`.
    status = fields.Selection(
        [
            ("replied", "Replied"),
            ("downloaded", "Downloaded"),
            ("clicked", "Clicked"),
            ("opened", "Opened"),
            ("maybe", "May have been opened"),
            ("stopped", "No longer tracked"),
            ("unopened", "Not opened yet"),
        ],
        compute="_compute_status",
    )
    first_open_date = fields.Datetime("First Opened on", readonly=True)
    last_open_date = fields.Datetime("Last Opened on", readonly=True)
    last_action_date = fields.Datetime(
        "Last Opened or Clicked on",
        readonly=True,
        help="Time of the recipient's last open, click or download.",
    )
    reply_date = fields.Datetime(
        "Replied on", readonly=True, help="Time of the first reply."
    )
    last_activity_date = fields.Datetime(
        "Last Activity",
        compute="_compute_last_activity_date",
        store=True,
        index=True,
        help="Time at which the email was sent, or last opened, clicked or answered.",
    )
    action_ids = fields.One2many(
        "trackable.email.action", "trackable_email_id", "Actions"
    )
    # The time of the oldest action that is not deleted.
    oldest_action_date = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    total_ids = fields.One2many(
        "trackable.action.total", "trackable_email_id", groups=fields.NO_ACCESS
    )
    link_ids = fields.One2many(
        "trackable.link", string="Links", compute="_compute_link_ids", compute_sudo=True
    )
    # The links of `link_ids` that are no files, and those that are.
    address_link_ids = fields.One2many(
        "trackable.link",
        string="Links to Addresses",
        compute="_compute_link_kinds",
        compute_sudo=True,
    )
    file_link_ids = fields.One2many(
        "trackable.link",
        string="Files",
        compute="_compute_link_kinds",
        compute_sudo=True,
    )
    # A document, or empty with a notice that says why.
    click_map = fields.Text(
        "Email with Clicks", compute="_compute_click_map", exportable=False
    )
    click_map_notice = fields.Char(compute="_compute_click_map", exportable=False)
    follow_up_date = fields.Date(
        "Follow-Up",
        compute="_compute_follow_up_date",
        help="Date of the activity that follows up on this email.",
    )
    has_objected = fields.Boolean(
        "Opted Out",
        compute="_compute_has_objected",
        help="The recipient opted out of tracking.",
    )

    _message_recipient_uniq = models.UniqueIndex("(mail_message_id, recipient_key)")
    _mailing_anonymous_uniq = models.UniqueIndex("(mailing_id) WHERE is_anonymous")
    _record_idx = models.Index("(res_id, res_model)")
    _trace_due_idx = models.Index("(id) WHERE is_trace_due")
    _trace_failed_idx = models.Index("(id) WHERE is_trace_failed")
    _oldest_action_idx = models.Index(
        "(COALESCE(company_id, 0), oldest_action_date)"
        " WHERE oldest_action_date IS NOT NULL"
    )
    _notice_at_idx = models.Index("(notice_at) WHERE notice_at IS NOT NULL")

    @api.depends("sent_date", "last_action_date", "reply_date")
    def _compute_last_activity_date(self):
        for email in self:
            dates = [email.sent_date, email.last_action_date, email.reply_date]
            email.last_activity_date = max(filter(None, dates), default=False)

    @api.model
    def _ensure(self, vals_list):
        """Find or create the trackable emails with these values.

        A retry has the same message and recipient, so it finds the trackable email of
        the first try. An email that was already handed over is not changed: the process
        that classifies its hits may have locked its row.

        :param list[dict] vals_list: as `_prepare_trackable_email_values` returns them
        :return: all the emails in the order of ``vals_list``; the emails handed over
            for the first time
        :rtype: tuple[TrackableEmail, TrackableEmail]
        """
        message_ids = {vals["mail_message_id"] for vals in vals_list}
        email_by_key = {
            (email.mail_message_id.id, email.recipient_key): email
            for email in self.search([("mail_message_id", "in", list(message_ids))])
        }
        keys = [(vals["mail_message_id"], vals["recipient_key"]) for vals in vals_list]
        vals_by_key = dict(zip(keys, vals_list, strict=True))
        missing_keys = [key for key in vals_by_key if key not in email_by_key]
        retried = self.union(
            *(email_by_key[key] for key in vals_by_key if key in email_by_key)
        ).filtered(lambda email: not email.sent_date)
        retried.write({"sent_date": fields.Datetime.now()})
        created = self.create([vals_by_key[key] for key in missing_keys])
        email_by_key |= zip(missing_keys, created, strict=True)
        emails = self.browse(email_by_key[key].id for key in keys)
        return emails, retried | created

    @api.model
    def _find_by_token(self, email_token):
        """Return the trackable email of a verified token.

        :param tracking_token.Token email_token:
        :return: no record if the trackable email is deleted, or if its id belongs to
            another trackable email (in a restored database)
        :rtype: TrackableEmail
        """
        email = self.browse(email_token.email_id).exists()
        return email.filtered(lambda email: email.nonce == email_token.email_nonce)

    @api.model
    def _get_recipient_key(self, partner, address=""):
        """Return the key of a recipient, unique among the recipients of a message.

        :param res.partner partner: the recipient, or no record
        :param str address: normalized address of a recipient without a contact
        :rtype: str
        """
        return f"res.partner,{partner.id}" if partner else address

    def _change_recipient(self, partners, new_partner):
        """Replace merged contacts as recipients of these trackable emails.

        If a message went to several merged contacts, a retry finds the first trackable
        email.

        :param res.partner partners: the merged contacts
        :param res.partner new_partner: the contact they were merged into
        """
        self.partner_id = new_partner
        new_key = self._get_recipient_key(new_partner)
        old_keys = {self._get_recipient_key(partner) for partner in partners}
        emails_with_new_key = self.search(
            [
                ("mail_message_id", "in", self.mail_message_id.ids),
                ("recipient_key", "=", new_key),
            ]
        )
        first_by_message = {}
        for email in self.sorted("id"):
            if email.recipient_key in old_keys:
                first_by_message.setdefault(email.mail_message_id, email)
        for message in emails_with_new_key.mail_message_id:
            first_by_message.pop(message, None)
        first_emails = self.browse().union(*first_by_message.values())
        first_emails.recipient_key = new_key

    @api.model
    def _ensure_anonymous(self, vals_list):
        """Find or create the anonymous trackable emails of mailings. Each email stands
        for all recipients of its mailing who have neither consented nor objected.

        :param list[dict] vals_list: as `_prepare_anonymous_values` returns them, one
            for each mailing
        :return: in the order of ``vals_list``
        :rtype: TrackableEmail
        """
        mailing_ids = [vals["mailing_id"] for vals in vals_list]
        emails = self.search(
            [("mailing_id", "in", mailing_ids), ("is_anonymous", "=", True)]
        )
        existing_ids = set(emails.mailing_id.ids)
        emails |= self.create(
            [vals for vals in vals_list if vals["mailing_id"] not in existing_ids]
        )
        email_by_mailing = emails.grouped(lambda email: email.mailing_id.id)
        return self.browse(
            email_by_mailing[mailing_id].id for mailing_id in mailing_ids
        )

    def _get_tracking_settings(self):
        """Return the settings of the company that sent this email.

        :rtype: TrackingSettings
        """
        self.ensure_one()
        return self.company_id._get_tracking_settings()

    def _get_address_key(self):
        """Return a text that is equal for emails to the same person.

        :rtype: str
        """
        self.ensure_one()
        return self.email_to or self.recipient_key

    def _filter_no_longer_tracked(self):
        """Return the emails whose opens and clicks must no longer be recorded.

        The room (package) `receiving` calls this method, other rooms override it.

        :rtype: TrackableEmail
        """
        return self.filtered("is_stopped")

    def _get_repeat_window(self):
        """Return how long after an open a repeated open does not count.

        :rtype: timedelta
        """
        settings = self._get_tracking_settings()
        return timedelta(seconds=settings.tracking_repeat_seconds)

    def _get_sender_zone(self):
        """Return the time zone in which days are counted and times are shown.

        :rtype: pytz.BaseTzInfo
        """
        return self.user_id._get_tracking_zone()

    def _to_sender_time(self, moment):
        """Convert a moment to the sender's time zone.

        :param datetime moment: UTC, naive
        :return: with the time zone
        :rtype: datetime
        """
        return pytz.utc.localize(moment).astimezone(self._get_sender_zone())

    def _get_start_of_sender_day(self, day):
        """Return when a day begins in the sender's time zone.

        :param date day:
        :return: UTC, naive
        :rtype: datetime
        """
        self.ensure_one()
        zone = self._get_sender_zone()
        midnight = datetime.combine(day, time.min)
        # If clocks change at midnight, this midnight exists twice or not at all.
        first, second = (
            zone.localize(midnight, is_dst=is_dst).astimezone(pytz.utc)
            for is_dst in (True, False)
        )
        start = first if first.astimezone(zone).date() == day else second
        return start.replace(tzinfo=None)

    def unlink(self):
        """Also delete chatter entries, notifications to senders, and queued hits."""
        messages = self._get_feedback_messages()
        # Before the rest: nothing may change if the user may not delete the emails.
        result = super().unlink()
        # sudo: trackable.hit - users who may delete an email cannot access the queue
        hits = self.env["trackable.hit"].sudo()
        hits.search([("trackable_email_id", "in", self.ids)]).unlink()
        self._delete_bus_notifications(messages, self.ids)
        messages.unlink()
        return result

    def action_open_record(self):
        """Open the record that the email was sent from. Its access rules apply.

        :raise UserError: the email was not sent from a record, or the record is deleted
        """
        self.ensure_one()
        if not self.res_model or not self.res_id:
            raise UserError(
                self.env._(
                    "No record to open: this email was not sent from a record in Odoo."
                )
            )
        if self.res_model not in self.env:
            raise UserError(
                self.env._(
                    "No record to open: the record's app is no longer installed. Ask"
                    " your administrator to install the app again."
                )
            )
        record = self.env[self.res_model].browse(self.res_id)
        if not record.exists():
            raise UserError(
                self.env._(
                    "No record to open: the record that this email was sent from was"
                    " deleted."
                )
            )
        return record._get_records_action()
