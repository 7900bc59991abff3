import logging
from collections import defaultdict, namedtuple
from datetime import timedelta

import pytz
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, split_every
from odoo.tools.mail import generate_tracking_message_id

from ...tools import classify
from ...transactions import has_transaction_failed
from .chatter_channel import push_entries

_logger = logging.getLogger(__name__)

SUBTYPE = "pipeline_tracking.mt_trackable_email_action"
ONE_DAY = timedelta(days=1)
ENTRY_BATCH_SIZE = 500  # entries

# Actions of the recipient that an entry shows in one line: how many, and when the first
# and the last were. `link_id`: None for an open, and where the link is deleted.
Line = namedtuple("Line", "kind link_id is_inferred count first last")

# Entries whose chatter is read by people who may not know subject, links and files.
GENERIC_ENTRIES = SQL(
    """
    SELECT entry.id
      FROM trackable_email_entry entry
      JOIN trackable_email email ON email.id = entry.trackable_email_id
     WHERE (entry.res_model != COALESCE(email.res_model, '')
            OR entry.res_id != COALESCE(email.res_id, 0)
            OR (email.mailing_id IS NOT NULL AND entry.res_model != 'mailing.contact'))
    """
)


class TrackableEmailEntry(models.Model):
    """What the recipient did with one trackable email on one day, as one message in
    one chatter, updated in place.

    On the record that the email was sent from, the message names subject, links and
    files. On other records it says "an email", "a link", "a file"; `details` has the
    names, for readers who may know them: see `mail.message._get_entry_bodies`.
    """

    _name = "trackable.email.entry"
    _description = "Trackable Email Chatter Entry"

    trackable_email_id = fields.Many2one(
        "trackable.email", required=True, ondelete="cascade"
    )
    day = fields.Date(required=True, help="In the sender's time zone.")
    res_model = fields.Char(required=True)
    res_id = fields.Integer(required=True)
    mail_message_id = fields.Many2one(
        "mail.message", required=True, index=True, ondelete="cascade"
    )
    # The text with subject, links and files, where the message has none. Rendered and
    # escaped here: to sanitize it again takes time.
    details = fields.Html(sanitize=False)

    _email_day_record_uniq = models.UniqueIndex(
        "(trackable_email_id, day, res_model, res_id)"
    )

    @api.model
    def _show(self, days):
        """Make, update or delete the entries of days on which something has changed.

        What cannot be shown (a record whose module refuses the message) is logged,
        and keeps neither the actions nor the entries of other emails.

        :param set[tuple] days: (trackable email, date)
        """
        try:
            with self.env.cr.savepoint():
                self._show_batch(days)
            return
        except Exception as error:  # logged below, with the email it is about
            if has_transaction_failed(error):
                raise
            _logger.info("One by one: the chatter entries of a batch failed")
        by_email = defaultdict(set)
        for email, day in days:
            by_email[email].add((email, day))
        for email, own in by_email.items():
            try:
                with self.env.cr.savepoint():
                    self._show_batch(own)
            except Exception as error:  # of a module that has a say in the chatter
                if has_transaction_failed(error):
                    raise
                _logger.exception("Trackable email %s has no chatter entry", email.id)

    @api.model
    def _follow_messages(self, messages):
        """Move entries to the records that their messages were moved to. Where several
        of one email and day meet in one chatter, one stays and tells the whole day.

        :param mail.message messages:
        """
        moved = self.search([("mail_message_id", "in", messages.ids)], order="id")
        if not moved:
            return
        others = self.search(
            [
                ("trackable_email_id", "in", moved.trackable_email_id.ids),
                ("day", "in", moved.mapped("day")),
                ("id", "not in", moved.ids),
            ]
        )
        keys = [
            (entry.trackable_email_id, entry.day, message.model, message.res_id)
            for entry in moved
            for message in entry.mail_message_id
        ]
        keys += [
            (entry.trackable_email_id, entry.day, entry.res_model, entry.res_id)
            for entry in others
        ]
        # A moved one stays: whoever moves messages may go on to work with them.
        kept = {}
        for key, entry in zip(keys, moved + others, strict=True):
            kept.setdefault(key, entry)
        duplicates = moved + others - self.union(*kept.values())
        days = {(entry.trackable_email_id, entry.day) for entry in duplicates}
        deleted = [entry._get_message_key() for entry in duplicates]
        duplicates.mail_message_id.unlink()
        by_record = (moved - duplicates).grouped(
            lambda entry: (entry.mail_message_id.model, entry.mail_message_id.res_id)
        )
        for (model, res_id), own in by_record.items():
            own.write({"res_model": model, "res_id": res_id})
        (moved - duplicates)._hide_details()
        push_entries(self.env, self.env["mail.message"], [], deleted)
        self._show(days)

    @api.model
    def _get_days(self, actions):
        """The days these actions belong to, by their senders' calendars.

        :rtype: set[tuple]
        """
        return {(action.trackable_email_id, _day_of(action)) for action in actions}

    def _show_batch(self, days):
        """As `_show`, all or nothing."""
        if not days:
            return
        emails = self.env["trackable.email"].union(*(email for email, _day in days))
        records = emails._get_chatter_records()
        entries = {
            (entry.trackable_email_id, entry.day, entry.res_model, entry.res_id): entry
            for entry in self.search(
                [
                    ("trackable_email_id", "in", emails.ids),
                    ("day", "in", list({day for _email, day in days})),
                ]
            )
        }
        lines = self._read_lines(days)
        # What a person seemed to have done, and a machine did.
        outdated = [
            entry
            for (email, day, *_record), entry in entries.items()
            if (email, day) in days and (email, day) not in lines
        ]
        deleted = [entry._get_message_key() for entry in outdated]
        self.browse().union(*outdated).mail_message_id.unlink()
        missing, updated = [], []
        texts = self._render_texts(lines)
        for email, day in sorted(lines, key=lambda key: (key[1], key[0].id)):
            date = lines[email, day][0].first
            for record in records[email]:
                body, details = texts[email, day].get_for(email, record)
                entry = entries.get((email, day, record._name, record.id))
                if entry:
                    values = {"body": body, "date": date}
                    entry.mail_message_id.write(values)
                    entry.details = details
                    updated.append((*entry._get_message_key(), values, bool(details)))
                else:
                    message_values = self._prepare_message_values(record, body, date)
                    missing.append((email, day, details, message_values))
        messages = self.env["mail.thread"]._message_create(
            [values for *_entry, values in missing]
        )
        self.create(
            [
                {
                    "trackable_email_id": email.id,
                    "day": day,
                    "res_model": message.model,
                    "res_id": message.res_id,
                    "mail_message_id": message.id,
                    "details": details,
                }
                for (email, day, details, _values), message in zip(
                    missing, messages, strict=True
                )
            ]
        )
        push_entries(self.env, messages, updated, deleted)

    def _get_message_key(self):
        """Its message, and where it stands: model, record and message, as ids."""
        self.ensure_one()
        return self.res_model, self.res_id, self.mail_message_id.id

    @api.model
    def _read_lines(self, days):
        """Count what recipients did on these days. However many actions there are, one
        row is read for each kind and link.

        :param set[tuple] days: (trackable email, date)
        :return: (trackable email, date) -> lines in the order in which they began; only
            days on which there is something to show
        :rtype: dict[tuple, list[Line]]
        """
        spans = [
            (
                email.id,
                email._get_start_of_day(day),
                email._get_start_of_day(day + ONE_DAY),
            )
            for email, day in days
        ]
        if not spans:
            return {}
        self.env["trackable.email.action"].flush_model()
        ids, since, until = (list(column) for column in zip(*spans, strict=True))
        # SQL: each trackable email has days of its own, by its sender's time zone.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT span.position, action.kind, action.trackable_link_id,
                       action.reason IS NOT DISTINCT FROM %s AS is_inferred,
                       count(*), min(action.occurred_at), max(action.occurred_at)
                  FROM unnest(%s::integer[], %s::timestamp[], %s::timestamp[])
                       WITH ORDINALITY AS span (email_id, since, until, position)
                  JOIN trackable_email_action action
                    ON action.trackable_email_id = span.email_id
                   AND action.occurred_at >= span.since
                   AND action.occurred_at < span.until
                 WHERE action.is_counted
                 GROUP BY span.position, action.kind, action.trackable_link_id,
                          is_inferred
                 -- an open before the click that shows it
                 ORDER BY min(action.occurred_at), action.kind DESC, min(action.id)
                """,
                *(classify.INFERRED, ids, since, until),
            )
        )
        keys = list(days)
        lines = defaultdict(list)
        for position, *values in rows:
            lines[keys[position - 1]].append(Line(*values))
        return dict(lines)

    @api.model
    def _make_generic(self):
        """Render again the entries on records whose readers may not all know subject,
        links and files. Entries whose actions are deleted only say that there was an
        email.
        """
        rows = self.env.execute_query(SQL("%s ORDER BY entry.id", GENERIC_ENTRIES))
        for ids in split_every(ENTRY_BATCH_SIZE, (entry_id for (entry_id,) in rows)):
            entries = self.browse(ids)
            if not entries._try_to_render_again():
                # One of them names a record that is gone, say.
                for entry in entries:
                    if not entry._try_to_render_again():
                        text = Markup("<p>%s</p>") % self.env._("an email")
                        entry.mail_message_id.body = text
                        entry.details = False
            self.env.flush_all()
            self.env.invalidate_all()
            _logger.info("%s chatter entries are rendered again", len(ids))

    def _hide_details(self):
        """Render again the entries that were moved away from the record that the email
        was sent from: their new readers may not know subject, links and files.
        """
        entries = self.filtered(
            lambda entry: (
                not entry.details
                and not entry.trackable_email_id._may_disclose_subject(
                    self.env[entry.res_model].browse(entry.res_id)
                )
            )
        )
        if entries:
            entries._render_again()

    def _try_to_render_again(self):
        """Return whether these entries could be rendered.

        :rtype: bool
        """
        try:
            with self.env.cr.savepoint():
                self._render_again()
        except Exception as error:  # logged, and the text is replaced all the same
            if has_transaction_failed(error):
                raise
            _logger.info("Chatter entries cannot be rendered again: %s", error)
            return False
        return True

    def _render_again(self):
        keys = {entry: (entry.trackable_email_id, entry.day) for entry in self}
        lines = self._read_lines(set(keys.values()))
        texts = self._render_texts({key: lines.get(key, []) for key in keys.values()})
        for entry, key in keys.items():
            entry.mail_message_id.body = texts[key].generic
            entry.details = texts[key].detailed

    @api.model
    def _prepare_message_values(self, record, body, date):
        """Values of the chatter message: seen by colleagues, notified to nobody.

        :param datetime date: of the first action
        :rtype: dict
        """
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        author = self.env["res.partner"].browse(to_id("base.partner_root"))
        return {
            "author_id": author.id,
            "body": body,
            "date": date,
            "email_add_signature": False,
            "email_from": author.email_formatted,
            "is_internal": True,
            "message_id": generate_tracking_message_id("trackable-email-entry"),
            "message_type": "notification",
            "model": record._name,
            "record_alias_domain_id": False,
            "record_company_id": False,
            "reply_to": False,
            "res_id": record.id,
            "subtype_id": to_id(SUBTYPE),
        }


def _local(email, when):
    """A time by the sender's clock.

    :param datetime when: UTC, naive
    :rtype: datetime
    """
    return pytz.utc.localize(when).astimezone(email._get_sender_zone())


def _day_of(action):
    return _local(action.trackable_email_id, action.occurred_at).date()
