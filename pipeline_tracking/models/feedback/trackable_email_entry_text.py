"""Render chatter entries in the sender's language (extends trackable.email.entry)."""

import functools
from collections import namedtuple

import babel.dates
from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import babel_locale_parse, get_lang

from ...tools import classify

MAX_LINES = 20  # of one entry


class TrackableEmailEntry(models.Model):
    _inherit = "trackable.email.entry"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _render_entry(self, email, lines, labels, has_message):
        """Render the two texts of an entry.

        An override changes texts of the `EntryTexts` of super. Both texts are `Markup`.
        Some readers of `generic` may have no access to subject, links and files.

        :param trackable.email email:
        :param list[Line] lines: the recipient's actions on one day
        :param dict[int, str] labels: labels of links by the id of the link
        :param bool has_message: the email's message exists
        :rtype: EntryTexts
        """
        self = self.with_context(lang=email.user_id.lang or self.env.lang)
        person = Markup("<b>%s</b>") % (email.partner_id.display_name or email.email_to)
        subject = email.subject or self.env._("(no subject)")
        if has_message:
            subject = Markup('<a href="/mail/message/%s">%s</a>') % (
                email.mail_message_id.id,
                subject,
            )
        return EntryTexts(
            generic=self._render_text(
                email, person, self.env._("an email"), _merge_lines(lines), {}
            ),
            detailed=self._render_text(email, person, subject, lines, labels),
        )

    # ------------------------------------------------------------
    # Do not override: the words of an entry
    # ------------------------------------------------------------

    @api.model
    def _render_texts(self, lines):
        """Render the texts of several entries.

        :param dict lines: (trackable email, day) -> list of `Line`
        :return: (trackable email, day) -> texts
        :rtype: dict[tuple, EntryTexts]
        """
        emails = self.env["trackable.email"].union(*(email for email, _day in lines))
        message_ids = frozenset(emails.mail_message_id.exists().ids)
        labels = self._read_labels(lines.values())
        return {
            (email, day): self._render_entry(
                email,
                lines_of_day,
                labels,
                has_message=email.mail_message_id.id in message_ids,
            )
            for (email, day), lines_of_day in lines.items()
        }

    @api.model
    def _read_labels(self, entries_lines):
        """Read the labels of the links that entries name.

        :param entries_lines: iterable of lists of `Line`
        :return: labels by the id of the link
        :rtype: dict[int, str]
        """
        ids = {line.link_id for lines in entries_lines for line in lines[:MAX_LINES]}
        links = self.env["trackable.link"].browse(sorted(ids - {None}))
        return {link.id: link.label for link in links}

    def _render_text(self, email, person, subject, lines, labels):
        items = [self._render_line(email, line, labels) for line in lines[:MAX_LINES]]
        if len(lines) > MAX_LINES:
            more = len(lines) - MAX_LINES
            items.append(self.env._("and %(count)s more", count=more))
        title = Markup("<p>%s – %s</p>") % (person, subject)
        if not items:
            return title
        list_items = Markup("").join(Markup("<li>%s</li>") % item for item in items)
        return title + Markup("<ul>%s</ul>") % list_items

    def _render_line(self, email, line, labels):
        """Render a line with the action, number and times: "Opened at 10:02 CEST"."""
        when = self._render_when(email, line)
        if line.is_inferred:
            return self.env._(
                "Opened %(when)s or earlier (inferred: no image was loaded by then)",
                when=when,
            )
        if line.kind == classify.OPEN:
            return self.env._("Opened %(when)s", when=when)
        label = labels.get(line.link_id)
        if line.kind == classify.DOWNLOAD:
            name = Markup("<b>%s</b>") % (label or self.env._("a file"))
            return self.env._("Downloaded %(file)s %(when)s", file=name, when=when)
        name = Markup("<b>%s</b>") % (label or self.env._("a link"))
        return self.env._("Clicked %(link)s %(when)s", link=name, when=when)

    def _render_when(self, email, line):
        """Render the number and times of actions in the sender's time zone.

        The time zone is named, because readers may have another time zone.
        """
        zone = email._to_sender_time(line.last).tzname()
        code = get_lang(self.env).code
        first, last = (
            _format_time(code, email._to_sender_time(moment).time().replace(second=0))
            for moment in (line.first, line.last)
        )
        if line.count == 1:
            return self.env._("at %(time)s %(zone)s", time=last, zone=zone)
        if first == last:
            return self.env._(
                "%(count)s times at %(time)s %(zone)s",
                count=line.count,
                time=last,
                zone=zone,
            )
        return self.env._(
            "%(count)s times between %(first)s and %(last)s %(zone)s",
            count=line.count,
            first=first,
            last=last,
            zone=zone,
        )


class EntryTexts(namedtuple("EntryTexts", "generic detailed")):
    """The texts of an entry: only `detailed` names subject, links and files."""

    def choose_for(self, email, record):
        """Return the text for a record's chatter, and the details that it omits.

        :rtype: tuple[Markup, Markup | False]
        """
        if email._may_disclose_subject(record):
            return self.detailed, False
        return self.generic, self.detailed


def _merge_lines(lines):
    """Merge lines that differ only in their links.

    :param list[Line] lines: lines in order of the first action
    :rtype: list[Line]
    """
    merged_by_key = {}
    for line in lines:
        key = line.kind, line.is_inferred
        merged = merged_by_key.get(key)
        merged_by_key[key] = line._replace(
            link_id=None,
            count=line.count + (merged.count if merged else 0),
            first=merged.first if merged else line.first,
            last=max(line.last, merged.last) if merged else line.last,
        )
    return list(merged_by_key.values())


@functools.lru_cache(maxsize=10_000)
def _format_time(lang_code, minute):
    """Format a minute of the day. Cached: Babel takes longer than the rest of a line.

    :param time minute: time of the day
    :rtype: str
    """
    locale = babel_locale_parse(lang_code)
    return babel.dates.format_time(minute, format="short", locale=locale)
