from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..fields import UnenforcedMany2one


class TrackableEmail(models.Model):
    """One outgoing copy of an email, to one recipient, that is tracked.

    Fields that hold its state, and the methods that change them (in the rooms beside):

    ================== =============================== ===============================
    field              set by                          cleared by
    ================== =============================== ===============================
    sent_date          `_ensure`, before the copy is   `_mark_not_sent`, if the mail
                       handed over                     server refused it
    is_anonymous       `_ensure_anonymous`             never
    is_stopped         `_stop`, `_anonymize_where`     never
    counters, dates of `_recompute_counters`;          the same
    opens              `_count_anonymous`
    reply_date         `_note_replies`                 never
    is_trace_due       `_recompute_counters`,          `_sync_due_traces`,
                       `_gc_failed_traces`,            `_drop_due_without_trace`,
                       `_mark_traces_due`              `_anonymize_where`
    is_trace_failed    `_sync_due_traces`              `_gc_failed_traces`
    notice_at          `_plan_notices`;                `_notify_or_wait`,
                       `_notify_or_wait` in quiet      `_anonymize_where`
                       hours
    notified_keys      `_notify_or_wait`               never
    oldest_action_date `create` of an action           `_replace_by_totals`
    fields that name   `_ensure`                       `_forget`, when the record is
    records                                            deleted; `_anonymize_where`
    ================== =============================== ===============================
    """

    _name = "trackable.email"
    _inherit = "trackable.mixin"
    _description = "Trackable Email"
    _order = "id desc"
    _rec_name = "subject"
    # No foreign keys to users either: see UnenforcedMany2one.
    _log_access = False

    mail_mail_id_int = fields.Integer("Outgoing Email", readonly=True, aggregator=None)
    # With the message, what makes a retry find the trackable email it made before:
    # the recipient as he was addressed, whatever becomes of his contact.
    recipient_key = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    partner_id = UnenforcedMany2one(
        "res.partner", "Recipient", readonly=True, index=True
    )
    email_to = fields.Char("Email Address", readonly=True, index="btree_not_null")
    subject = fields.Char(readonly=True)
    template_id = UnenforcedMany2one(
        "mail.template", "Template", readonly=True, index="btree_not_null"
    )
    res_model = fields.Char("Record Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    mailing_trace_id = UnenforcedMany2one(
        "mailing.trace", "Mailing Trace", readonly=True, index="btree_not_null"
    )
    # What its trace says of it is to be brought in step with the actions.
    is_trace_due = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    is_trace_failed = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    # When the sender is to be told of news; not set: there is none.
    notice_at = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    # What he was told, whatever was found out since: see `trackable.notice.mixin`.
    notified_keys = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    notice_message_ids = fields.Many2many(
        "mail.message",
        "trackable_email_notice",
        "trackable_email_id",
        "mail_message_id",
        help="What their senders' inboxes tell of them.",
        groups=fields.NO_ACCESS,
    )
    # Of a mailing, for all the recipients that have not agreed to be tracked: opens
    # are counted, and there are no actions.
    is_anonymous = fields.Boolean(readonly=True)
    is_stopped = fields.Boolean(
        "Stopped",
        readonly=True,
        default=False,  # and not NULL, which is neither to an aggregate
        help="Nothing is recorded any more; the links keep working.",
    )
    link_count = fields.Integer("Number of Links", readonly=True)
    sent_date = fields.Datetime(
        "Sent on",
        readonly=True,
        index=True,
        help="When the email was handed over to the outgoing mail server.",
    )
    open_count = fields.Integer(
        "Opens", readonly=True, help="By the recipient, as far as that can be told."
    )
    click_count = fields.Integer(
        "Clicks",
        readonly=True,
        help="By the recipient, as far as that can be told. Downloads included.",
    )
    unknown_open_count = fields.Integer(
        "Possible Opens",
        readonly=True,
        help="The image was loaded, but nobody can tell whether a person saw it.",
    )
    # Every request, whoever made it.
    raw_open_count = fields.Integer("All Images Loaded", readonly=True)
    raw_click_count = fields.Integer("All Links Followed", readonly=True)
    opened = fields.Selection(
        [
            ("yes", "Opened"),
            ("maybe", "May have been opened"),
            ("no", "Not opened yet"),
            ("stopped", "No longer tracked"),
        ],
        compute="_compute_opened",
    )
    first_open_date = fields.Datetime("First Opened on", readonly=True)
    last_open_date = fields.Datetime("Last Opened on", readonly=True)
    reply_date = fields.Datetime(
        "Replied on", readonly=True, help="When the first reply came in."
    )
    action_ids = fields.One2many(
        "trackable.email.action", "trackable_email_id", "Actions"
    )
    # When the first of the actions was that are kept.
    oldest_action_date = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    total_ids = fields.One2many(
        "trackable.action.total", "trackable_email_id", groups=fields.NO_ACCESS
    )
    link_ids = fields.One2many(
        "trackable.link", string="Links", compute="_compute_link_ids", compute_sudo=True
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

    @api.depends("is_stopped", "open_count", "unknown_open_count")
    def _compute_opened(self):
        for email in self:
            if email.open_count:
                email.opened = "yes"
            elif email.unknown_open_count:
                email.opened = "maybe"
            else:
                email.opened = "stopped" if email.is_stopped else "no"

    def _compute_link_ids(self):
        """Of a mailing's email, the files, and the links that were followed: which of
        the others it had is not known where they differ with the recipient.
        """
        Link = self.env["trackable.link"]
        links = Link.search(
            [
                "|",
                ("mail_message_id", "in", self.mail_message_id.ids),
                "&",
                ("mailing_id", "in", self.mailing_id.ids),
                ("is_file", "=", True),
            ]
        )
        by_owner = links.grouped(lambda link: link.mailing_id or link.mail_message_id)
        for email in self:
            owner = email.mailing_id or email.mail_message_id
            own = by_owner.get(owner, links.browse())
            if email.mailing_id:
                own |= email.action_ids.trackable_link_id
                own |= email.total_ids.trackable_link_id
            email.link_ids = own

    @api.model
    def _ensure(self, vals_list):
        """The trackable emails with these values: found, or made.

        A retry comes with the same message and recipient; the trackable email is
        then the same. One that was handed over before is left as it is: its row may
        be locked by who processes its hits.

        :param list[dict] vals_list: as `_prepare_trackable_email_values` gives them
        :return: them in the order of ``vals_list``; those handed over for the first
            time
        :rtype: tuple[TrackableEmail, TrackableEmail]
        """
        messages = {vals["mail_message_id"] for vals in vals_list}
        found = {
            (email.mail_message_id.id, email.recipient_key): email
            for email in self.search([("mail_message_id", "in", list(messages))])
        }
        keys = [(vals["mail_message_id"], vals["recipient_key"]) for vals in vals_list]
        values = dict(zip(keys, vals_list, strict=True))
        missing = [key for key in values if key not in found]
        again = self.union(*(found[key] for key in values if key in found))
        again = again.filtered(lambda email: not email.sent_date)
        again.write({"sent_date": fields.Datetime.now()})
        created = self.create([values[key] for key in missing])
        found |= zip(missing, created, strict=True)
        return self.browse(found[key].id for key in keys), again | created

    @api.model
    def _find(self, email_token):
        """The one that a verified token names.

        :param tracking_token.Token email_token:
        :return: none where its id is another's now (a restored database), or nobody's
        :rtype: TrackableEmail
        """
        found = self.browse(email_token.email_id).exists()
        return found.filtered(lambda email: email.nonce == email_token.email_nonce)

    @api.model
    def _get_recipient_key(self, partner, address=""):
        """Return what tells one recipient of a message from the others.

        :param res.partner partner: the recipient, or none
        :param str address: normalised, of a recipient without a contact
        :rtype: str
        """
        return f"res.partner,{partner.id}" if partner else address

    def _change_recipient(self, partners, new_partner):
        """Have these trackable emails name the contact that others were merged into; a
        retry names that one, too. Of one message that went to several of them, the
        first trackable email is the one that a retry finds.

        :param res.partner partners: merged
        :param res.partner new_partner: what is left
        """
        self.partner_id = new_partner
        new_key = self._get_recipient_key(new_partner)
        keys = {self._get_recipient_key(partner) for partner in partners}
        taken = self.search(
            [
                ("mail_message_id", "in", self.mail_message_id.ids),
                ("recipient_key", "=", new_key),
            ]
        )
        first_by_message = {}
        for email in self.sorted("id"):
            if email.recipient_key in keys:
                first_by_message.setdefault(email.mail_message_id, email)
        for message in taken.mail_message_id:
            first_by_message.pop(message, None)
        found = self.browse().union(*first_by_message.values())
        found.recipient_key = new_key

    @api.model
    def _ensure_anonymous(self, vals_list):
        """The trackable emails, one of each mailing, of who has not agreed: found, or
        made.

        :param list[dict] vals_list: as `_prepare_anonymous_values` gives them
        :return: in the order of ``vals_list``
        :rtype: TrackableEmail
        """
        mailing_ids = [vals["mailing_id"] for vals in vals_list]
        found = self.search(
            [("mailing_id", "in", mailing_ids), ("is_anonymous", "=", True)]
        ).grouped(lambda email: email.mailing_id.id)
        missing = [vals for vals in vals_list if vals["mailing_id"] not in found]
        found |= self.create(missing).grouped(lambda email: email.mailing_id.id)
        return self.browse(found[mailing_id].id for mailing_id in mailing_ids)

    def _get_tracking_settings(self):
        """Return the settings of the company that sent this email.

        :rtype: TrackingSettings
        """
        self.ensure_one()
        return self.company_id._get_tracking_settings()

    def _get_repeat_window(self):
        """Return how long after an open the same one, loaded again, does not count.

        :rtype: timedelta
        """
        settings = self._get_tracking_settings()
        return timedelta(seconds=settings.tracking_repeat_seconds)

    def _get_sender_zone(self):
        """Return the time zone in which days are counted and times are shown.

        :rtype: pytz.BaseTzInfo
        """
        return self.user_id._get_tracking_zone()

    def _get_start_of_day(self, day):
        """Return when a day begins by the sender's clock.

        :param date day:
        :return: UTC, naive
        :rtype: datetime
        """
        self.ensure_one()
        zone = self._get_sender_zone()
        midnight = datetime.combine(day, time.min)
        # Midnight comes twice, or not at all, if clocks change then.
        first, second = (
            zone.localize(midnight, is_dst=is_dst).astimezone(pytz.utc)
            for is_dst in (True, False)
        )
        start = first if first.astimezone(zone).date() == day else second
        return start.replace(tzinfo=None)

    def unlink(self):
        """Their chatter entries, what senders were told of them and the hits that wait
        go with them.
        """
        messages = self._get_feedback_messages()
        # First, so that nothing changes where they may not be deleted.
        result = super().unlink()
        # sudo: trackable.hit - who may delete them need not see it
        hits = self.env["trackable.hit"].sudo()
        hits.search([("trackable_email_id", "in", self.ids)]).unlink()
        self._delete_pushes(messages, self.ids)
        messages.unlink()
        return result

    def action_open_record(self):
        """Open the record the email was sent from; its own access rules decide.

        :raise UserError: there is none, or it is gone
        """
        self.ensure_one()
        if not self.res_model or not self.res_id:
            raise UserError(self.env._("This email was sent from no record."))
        if self.res_model not in self.env:
            raise UserError(
                self.env._(
                    "The record cannot be opened: the app it belongs to is not"
                    " installed any more."
                )
            )
        record = self.env[self.res_model].browse(self.res_id)
        if not record.exists():
            raise UserError(
                self.env._("The record this email was sent from was deleted.")
            )
        return record._get_records_action()
