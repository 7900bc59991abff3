import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_time
from odoo.tools.mail import generate_tracking_message_id

from ..errors import has_transaction_failed
from ..tools import classify

_logger = logging.getLogger(__name__)

SUBTYPE = "pipeline_tracking.mt_trackable_email_action"


class TrackableEmailEntry(models.Model):
    """What the recipient did with one trackable email on one day, as one message in
    one chatter, updated in place.
    """

    _name = "trackable.email.entry"
    _inherit = ["trackable.live.mixin"]
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
        self._tell_entries(self.env["mail.message"], [], deleted)
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
            for entry in self.search([("trackable_email_id", "in", emails.ids)])
        }
        by_day = self._get_actions_by_day(days)
        self = self.with_context(
            existing_message_ids=frozenset(emails.mail_message_id.exists().ids)
        )
        # What a person seemed to have done, and a machine did.
        outdated = [
            entry
            for (email, day, *_record), entry in entries.items()
            if (email, day) in days and (email, day) not in by_day
        ]
        deleted = [entry._get_message_key() for entry in outdated]
        self.browse().union(*outdated).mail_message_id.unlink()
        missing, updated = [], []
        for email, day in sorted(
            days & set(by_day), key=lambda key: (key[1], key[0].id)
        ):
            for record in records[email]:
                body = self._render_body(record, email, by_day[email, day])
                entry = entries.get((email, day, record._name, record.id))
                first = by_day[email, day][0]
                if entry:
                    values = {"body": body, "date": first.occurred_at}
                    entry.mail_message_id.write(values)
                    updated.append((*entry._get_message_key(), values))
                else:
                    missing.append(
                        (email, day, self._prepare_message_values(record, body, first))
                    )
        messages = self.env["mail.thread"]._message_create(
            [values for _e, _d, values in missing]
        )
        self.create(
            [
                {
                    "trackable_email_id": email.id,
                    "day": day,
                    "res_model": message.model,
                    "res_id": message.res_id,
                    "mail_message_id": message.id,
                }
                for (email, day, _values), message in zip(
                    missing, messages, strict=True
                )
            ]
        )
        self._tell_entries(messages, updated, deleted)

    def _get_message_key(self):
        """Its message, and where it stands: model, record and message, as ids."""
        self.ensure_one()
        return self.res_model, self.res_id, self.mail_message_id.id

    @api.model
    def _get_actions_by_day(self, days):
        """What recipients did on these days, all of it, oldest first.

        :param set[tuple] days: (trackable email, date)
        :rtype: dict[tuple, trackable.email.action]
        """
        first_day = datetime.combine(min(day for _email, day in days), time.min)
        actions = self.env["trackable.email.action"].search(
            [
                ("trackable_email_id", "in", [email.id for email, _day in days]),
                ("actor", "=", classify.RECIPIENT),
                ("is_repeat", "=", False),
                ("occurred_at", ">=", first_day - timedelta(days=1)),  # any time zone
            ],
            # an open before the click that shows it
            order="occurred_at, kind desc, id",
        )
        return actions.grouped(
            lambda action: (action.trackable_email_id, _day_of(action))
        )

    @api.model
    def _prepare_message_values(self, record, body, first_action):
        """Values of the chatter message: seen by colleagues, notified to nobody.

        :rtype: dict
        """
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        author = self.env["res.partner"].browse(to_id("base.partner_root"))
        return {
            "author_id": author.id,
            "body": body,
            "date": first_action.occurred_at,
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
    # Words
    # ------------------------------------------------------------

    @api.model
    def _render_body(self, record, email, actions):
        """The text of an entry, in the sender's language and time zone.

        :param record: in whose chatter it stands
        :param trackable.email email:
        :param trackable.email.action actions: the day's, oldest first
        :rtype: Markup
        """
        self = self.with_context(lang=email.user_id.lang or self.env.lang)
        discloses = email._may_disclose_subject(record)
        lines = [
            self._render_line(email, own, discloses)
            for own in actions.grouped(_line_of).values()
        ]
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self._render_title(email, discloses),
            Markup("").join(Markup("<li>%s</li>") % line for line in lines),
        )

    def _render_title(self, email, discloses):
        person = Markup("<b>%s</b>") % (email.partner_id.display_name or email.email_to)
        if not discloses:
            return Markup("%s – %s") % (person, self.env._("an email"))
        subject = email.subject or self.env._("(no subject)")
        if email.mail_message_id.id in self.env.context["existing_message_ids"]:
            subject = Markup('<a href="/mail/message/%s">%s</a>') % (
                email.mail_message_id.id,
                subject,
            )
        return Markup("%s – %s") % (person, subject)

    def _render_line(self, email, actions, discloses):
        """One thing the recipient did, when and how often: "Opened at 10:02"."""
        when = self._render_when(email, actions)
        kind, link = actions[0].kind, actions[0].trackable_link_id
        if actions[0].reason == classify.INFERRED:
            return self.env._(
                "Opened %(when)s or before, no image was loaded", when=when
            )
        if kind == classify.OPEN:
            return self.env._("Opened %(when)s", when=when)
        if kind == classify.DOWNLOAD:
            name = link.label if discloses and link else self.env._("a file")
            return self.env._(
                "Downloaded %(file)s %(when)s", file=_bold(name), when=when
            )
        name = link.label if discloses and link else self.env._("a link")
        return self.env._("Clicked %(link)s %(when)s", link=_bold(name), when=when)

    def _render_when(self, email, actions):
        """When and how often, by the sender's clock: readers may have another."""
        first, last = actions[0].occurred_at, actions[-1].occurred_at
        zone = _local(email, last).tzname()
        first, last = self._render_time(email, first), self._render_time(email, last)
        if len(actions) == 1:
            return self.env._("at %(time)s %(zone)s", time=last, zone=zone)
        if first == last:
            return self.env._(
                "%(count)s times, at %(time)s %(zone)s",
                count=len(actions),
                time=last,
                zone=zone,
            )
        return self.env._(
            "%(count)s times, from %(first)s to %(last)s %(zone)s",
            count=len(actions),
            first=first,
            last=last,
            zone=zone,
        )

    def _render_time(self, email, when):
        zone = email._get_sender_zone().zone
        return format_time(self.env, when, tz=zone, time_format="short")


def _line_of(action):
    """What actions that are told in one line have in common."""
    is_inferred = action.reason == classify.INFERRED
    return (action.kind, action.trackable_link_id, is_inferred)


def _bold(text):
    return Markup("<b>%s</b>") % text


def _local(email, when):
    """A time by the sender's clock.

    :param datetime when: UTC, naive
    :rtype: datetime
    """
    return pytz.utc.localize(when).astimezone(email._get_sender_zone())


def _day_of(action):
    return _local(action.trackable_email_id, action.occurred_at).date()
