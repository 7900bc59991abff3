import logging
from collections import defaultdict, namedtuple
from datetime import timedelta

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

# A line of an entry counts the recipient's actions of one kind on one link. `first` and
# `last`: datetimes (naive UTC) of the first and the last of these actions.
# `is_inferred`: whether a click, download or reply implies the open. `link_id`: None
# for opens, and for actions on a deleted link.
Line = namedtuple("Line", "kind link_id is_inferred count first last")

# Entries in chatters where some readers have no access to the email's subject, links
# and files.
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
    """A chatter entry: the recipient's actions on one trackable email on one day.

    An entry is one message in one chatter. The message is updated in place.

    On the record that the email was sent from, the message names subject, links and
    files. On other records, the message says "an email", "a link", "a file". `details`
    then holds the text with the names, for readers who have access to them: see
    `mail.message._get_entry_bodies`.
    """

    _name = "trackable.email.entry"
    _description = "Chatter Entry of a Tracked Email"

    trackable_email_id = fields.Many2one(
        "trackable.email", "Tracked Email", required=True, ondelete="cascade"
    )
    day = fields.Date(required=True, help="Day in the sender's time zone.")
    res_model = fields.Char(required=True)
    res_id = fields.Integer(required=True)
    mail_message_id = fields.Many2one(
        "mail.message", required=True, index=True, ondelete="cascade"
    )
    # The text with subject, links and files, if the message does not name them. (These
    # are not the stored details of a request.) This addon renders and escapes the text,
    # so sanitizing would only cost time.
    details = fields.Html(sanitize=False)

    _email_day_record_uniq = models.UniqueIndex(
        "(trackable_email_id, day, res_model, res_id)"
    )

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _prepare_message_values(self, record, body, date):
        """Return the values of an entry's message.

        The message is internal, and notifies no user. An override adds values of more
        fields of `mail.message` to the dictionary of super.

        :param record: the record that has the chatter
        :param Markup body: the text of the entry
        :param datetime date: time of the first action (naive UTC)
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

    # ------------------------------------------------------------
    # Do not override: the steps of an update
    # ------------------------------------------------------------

    @api.model
    def _update_entries(self, days):
        """Create, update or delete the entries of changed days.

        If the entries of an email fail, for example because a module refuses the
        message, the error is logged. The email's actions and the entries of other
        emails are stored.

        :param set[tuple] days: (trackable email, day)
        """
        try:
            with self.env.cr.savepoint():
                self._write_entries(days)
            return
        except Exception as error:  # logged below, for the email that fails
            if has_transaction_failed(error):
                raise
            _logger.info("Chatter entries of a batch failed: retrying each email")
        days_by_email = defaultdict(set)
        for email, day in days:
            days_by_email[email].add((email, day))
        for email, days_of_email in days_by_email.items():
            try:
                with self.env.cr.savepoint():
                    self._write_entries(days_of_email)
            except Exception as error:  # an extension of the chatter can fail
                if has_transaction_failed(error):
                    raise
                _logger.exception("Trackable email %s: chatter entry failed", email.id)

    @api.model
    def _move_with_messages(self, messages):
        """Move entries to the records that their messages were moved to.

        If a chatter then has several entries for the same email and day, keep the first
        moved entry, delete the others, and update its text.

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
        # Keep the first moved entry: the caller may still use its message.
        entry_by_key = {}
        for key, entry in zip(keys, moved + others, strict=True):
            entry_by_key.setdefault(key, entry)
        duplicates = moved + others - self.union(*entry_by_key.values())
        days = {(entry.trackable_email_id, entry.day) for entry in duplicates}
        deleted = [entry._get_message_key() for entry in duplicates]
        duplicates.mail_message_id.unlink()
        entries_by_record = (moved - duplicates).grouped(
            lambda entry: (entry.mail_message_id.model, entry.mail_message_id.res_id)
        )
        for (model, res_id), entries in entries_by_record.items():
            entries.write({"res_model": model, "res_id": res_id})
        (moved - duplicates)._move_names_to_details()
        push_entries(self.env, self.env["mail.message"], [], deleted)
        self._update_entries(days)

    @api.model
    def _get_entry_days(self, actions):
        """Return the days whose entries show these actions, in the senders' time zones.

        :return: (trackable email, day)
        :rtype: set[tuple]
        """
        return {
            (
                action.trackable_email_id,
                action.trackable_email_id._to_sender_time(action.occurred_at).date(),
            )
            for action in actions
        }

    def _write_entries(self, days):
        """Create, update or delete the entries of these days. The caller provides a
        savepoint, so that an error leaves no day half updated.

        :param set[tuple] days: (trackable email, day)
        """
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
        # No counted action is left, for example because actions proved to be automated.
        outdated = [
            entry
            for (email, day, *_record), entry in entries.items()
            if (email, day) in days and (email, day) not in lines
        ]
        deleted = [entry._get_message_key() for entry in outdated]
        self.browse().union(*outdated).mail_message_id.unlink()
        missing, updated = [], []  # missing: values of the entry, and of its message
        texts = self._render_texts(lines)
        for email, day in sorted(lines, key=lambda key: (key[1], key[0].id)):
            first_action_at = lines[email, day][0].first
            for record in records[email]:
                body, details = texts[email, day].choose_for(email, record)
                entry = entries.get((email, day, record._name, record.id))
                if entry:
                    values = {"body": body, "date": first_action_at}
                    entry.mail_message_id.write(values)
                    entry.details = details
                    updated.append((*entry._get_message_key(), values, bool(details)))
                else:
                    message_values = self._prepare_message_values(
                        record, body, first_action_at
                    )
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
        """Return the entry's record and message, as `push_entries` takes them.

        :return: name of the model, id of the record, id of the message
        :rtype: tuple[str, int, int]
        """
        self.ensure_one()
        return self.res_model, self.res_id, self.mail_message_id.id

    @api.model
    def _read_lines(self, days):
        """Count the recipients' actions on these days.

        SQL counts the actions: Python reads one row for each kind and link.

        :param set[tuple] days: (trackable email, day)
        :return: (trackable email, day) -> lines in order of the first action; days
            without a counted action are left out
        :rtype: dict[tuple, list[Line]]
        """
        spans = [
            (
                email.id,
                email._get_start_of_sender_day(day),
                email._get_start_of_sender_day(day + ONE_DAY),
            )
            for email, day in days
        ]
        if not spans:
            return {}
        self.env["trackable.email.action"].flush_model()
        ids, since, until = (list(column) for column in zip(*spans, strict=True))
        # SQL: each trackable email has other time spans, from its sender's time zone.
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
                 -- an inferred open comes before the click that implies it
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
        """Remove subject, links and files from entries that have readers without access
        to them.

        If an entry cannot be rendered again, its text becomes "an email". The migration
        to 19.0.1.5.0 calls this method.
        """
        rows = self.env.execute_query(SQL("%s ORDER BY entry.id", GENERIC_ENTRIES))
        for ids in split_every(ENTRY_BATCH_SIZE, (entry_id for (entry_id,) in rows)):
            entries = self.browse(ids)
            if not entries._rerender_or_log():
                # An entry can fail, for example if it names a deleted record.
                for entry in entries:
                    if not entry._rerender_or_log():
                        text = Markup("<p>%s</p>") % self.env._("an email")
                        entry.mail_message_id.body = text
                        entry.details = False
            self.env.flush_all()
            self.env.invalidate_all()
            _logger.info("%s chatter entries were rendered again", len(ids))

    def _move_names_to_details(self):
        """Move subject, links and files from messages of moved entries to `details`.

        Some readers of the new chatter may have no access to these names.
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
            entries._rerender()

    def _rerender_or_log(self):
        """Render these entries again, and return whether that succeeded.

        :rtype: bool
        """
        try:
            with self.env.cr.savepoint():
                self._rerender()
        except Exception as error:  # logged; the caller continues
            if has_transaction_failed(error):
                raise
            _logger.info("Chatter entries cannot be rendered again: %s", error)
            return False
        return True

    def _rerender(self):
        """Render the texts of these entries again: a generic text in the message, and
        subject, links and files only in `details`.
        """
        keys = {entry: (entry.trackable_email_id, entry.day) for entry in self}
        lines = self._read_lines(set(keys.values()))
        texts = self._render_texts({key: lines.get(key, []) for key in keys.values()})
        for entry, key in keys.items():
            entry.mail_message_id.body = texts[key].generic
            entry.details = texts[key].detailed
