"""Show in a message's badge what its recipients did (extends mail.message).

Every colleague who may read the message sees its badge, as they see chatter entries.
"""

from odoo import fields, models

from odoo.addons.mail.tools.discuss import Store

from ...tools import consent
from .trackable_email_entry import SUBTYPE

# The fields of `trackable.email` that badges show.
BADGE_FIELDS = frozenset(
    (
        "click_count",
        "download_count",
        "is_stopped",
        "last_action_date",
        "open_count",
        "reply_date",
        "unknown_open_count",
    )
)


def _get_last(times):
    """Return the last of these times, as a text.

    :param list[datetime | bool] times:
    :rtype: str | bool
    """
    return fields.Datetime.to_string(max(filter(None, times), default=False))


class MailMessage(models.Model):
    _inherit = "mail.message"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_tracking_badge(self, emails):
        """Return the badge of this tracked message.

        An override adds keys to the dictionary of super. It may read any field of the
        message and of the emails. A patch of the web client's component `TrackingBadge`
        shows the keys. Times are texts in UTC, or False.

        :param trackable.email emails: the tracked copies that were handed over, as
            superuser; of one recipient in the timeline; empty before sending
        :return:
            - ``opens``, ``clicks``, ``downloads``: how often recipients did this;
              a download is not a click
            - ``possible_opens``: opens that may not be by recipients
            - ``recipients``: number of recipients outside the company, tracked or not
            - ``opened``, ``clicked``, ``downloaded``, ``replied``: number of recipients
              who did this
            - ``last_action``: time of the last open, click or download
            - ``last_reply``: time at which the last recipient replied first
            - ``stopped``: tracking is stopped for all tracked recipients
        :rtype: dict[str, int | bool | str]
        """
        self.ensure_one()
        clicks = {email: email.click_count - email.download_count for email in emails}
        replied = emails.filtered("reply_date")
        return {
            "opens": sum(emails.mapped("open_count")),
            "clicks": sum(clicks.values()),
            "downloads": sum(emails.mapped("download_count")),
            "possible_opens": sum(emails.mapped("unknown_open_count")),
            # An anonymized email does not say which notification is its recipient's.
            "recipients": max(len(self._get_sent_notifications()), len(emails)),
            "opened": len(emails.filtered("open_count")),
            "clicked": sum(map(bool, clicks.values())),
            "downloaded": len(emails.filtered("download_count")),
            "replied": len(replied),
            "last_action": _get_last(emails.mapped("last_action_date")),
            "last_reply": _get_last(replied.mapped("reply_date")),
            "stopped": bool(emails) and all(emails.mapped("is_stopped")),
        }

    # ------------------------------------------------------------
    # Do not override: the badge of each message
    # ------------------------------------------------------------

    def _to_store_defaults(self, target):
        is_internal = target.is_internal(self.env)
        # Prepare the badges before super: one query then reads all fields of the
        # messages, for the badges and for super.
        badges = (
            self._get_tracking_badges(target.get_user(self.env)) if is_internal else {}
        )
        fields_to_store = super()._to_store_defaults(target)
        if is_internal:
            entry_subtype_id = self.env["ir.model.data"]._xmlid_to_res_id(SUBTYPE)
            fields_to_store += [
                Store.Attr(
                    "tracking",
                    value=lambda message: badges[message.id],
                    predicate=lambda message: message.id in badges,
                ),
                Store.Attr(
                    "is_tracking_entry",
                    value=True,
                    # sudo: mail.message - as Odoo reads the subtype of a message
                    predicate=lambda message: (
                        bool(entry_subtype_id)
                        and message.sudo().subtype_id.id == entry_subtype_id
                    ),
                ),
            ]
        return fields_to_store

    def _get_tracking_badges(self, reader=None):
        """Return the badges of these messages.

        The badge of a tracked message has its counters. The badge of an untracked
        message says why it is not tracked. An untracked message has no badge in these
        cases: its sender did not ask for tracking, it is a log note, or it has no
        recipient outside the company.

        :param res.users | None reader: the user who will see the badges; no record if
            this user is not known; None for the current user
        :return: badges by the id of the message
        :rtype: dict[int, dict]
        """
        reader = self.env.user if reader is None else reader
        # sudo: mail.message - a customer in the portal can post a message, which pushes
        # badges to colleagues
        self = self.sudo()
        untracked = self.filtered(
            lambda message: (
                message.untracked_reason not in (False, "note", "no_recipient")
            )
        )
        badges = {
            message.id: {"untracked": text}
            for message, text in untracked._get_untracked_texts(reader).items()
        }
        tracked = self.filtered("is_tracked")
        # Messages of mailings are tracked, but `is_tracked` is not set.
        mailed = self.filtered(lambda message: message.message_type == "email_outgoing")
        emails = (tracked | mailed)._get_emails_of_badges()
        return badges | {
            message.id: message._prepare_tracking_badge(emails[message])
            for message in tracked | mailed
            if message in tracked or emails[message]
        }

    def _get_counter_badges(self):
        """Return the badges of the messages that have trackable emails.

        :return: badges by the id of the message
        :rtype: dict[int, dict]
        """
        return {
            message.id: message._prepare_tracking_badge(emails)
            for message, emails in self.sudo()._get_emails_of_badges().items()
            if emails
        }

    def _get_emails_of_badges(self):
        """Return the trackable emails that the badges of these messages count.

        :rtype: dict[MailMessage, trackable.email]
        """
        # sudo: trackable.email - readers of a message may see what its recipients did
        Email = self.env["trackable.email"].sudo()
        emails = Email.browse()
        if self:
            emails = Email.search_fetch(
                [("mail_message_id", "in", self.ids), ("sent_date", "!=", False)],
                ["mail_message_id", *BADGE_FIELDS],
                order="id",
            )
        emails_by_message = emails.grouped("mail_message_id")
        return {
            message: emails_by_message.get(message, Email.browse()) for message in self
        }

    def _get_untracked_texts(self, reader):
        """Return the texts of badges that say why messages are not tracked.

        :param res.users reader: the user who will see the badge; no record if not known
        :rtype: dict[MailMessage, str]
        """
        objected = self.filtered(lambda message: message.untracked_reason == "objected")
        readable = objected._filter_readable_objections(reader) if objected else self
        return {
            message: message._get_untracked_text(
                # The reader may not read the objection: show missing consent instead.
                "not_agreed"
                if message in objected - readable
                else message.untracked_reason
            )
            for message in self
        }

    def _read_format(self, fnames, load="_classic_read"):
        """Return the reason "not_agreed" instead of "objected" to users who may not
        read the recipient's objection.
        """
        rows = super()._read_format(fnames, load)
        if "untracked_reason" not in fnames or self.env.su:
            return rows
        ids = [row["id"] for row in rows if row["untracked_reason"] == "objected"]
        # sudo: mail.message - its recipients are only compared
        objected = self.browse(ids).sudo()
        hidden = objected - objected._filter_readable_objections(self.env.user)
        for row in rows:
            if row["id"] in hidden.ids:
                row["untracked_reason"] = "not_agreed"
        return rows

    def _filter_readable_objections(self, reader):
        """Return the messages with a recipient whose objection the user may read.

        :param res.users reader: no record if not known
        :rtype: MailMessage
        """
        if not reader:
            return self.browse()
        addresses = self._get_external_addresses(
            {message: (message.partner_ids, []) for message in self}
        )
        # The context has the companies of the current user, who may not be the reader.
        Objection = self.env["trackable.objection"].with_user(reader)
        consents = Objection.with_context(allowed_company_ids=None)._read_consents(
            set().union(*addresses.values()), readable_only=True
        )
        return self.filtered(
            lambda message: consent.OBJECTED in map(consents.get, addresses[message])
        )

    def _get_untracked_text(self, reason):
        """Return the text of a badge that says why the message is not tracked.

        :param str reason: a code of `untracked_reason`
        :rtype: str
        """
        self.ensure_one()
        if reason == "several_recipients":
            count = len(self._get_external_notified_addresses())
            if count > 1:
                return self.env._("Not tracked: %s recipients", count)
        texts = self._fields["untracked_reason"]._description_selection(self.env)
        return self.env._("Not tracked: %s", dict(texts)[reason])
