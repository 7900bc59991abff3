import functools
from collections import namedtuple

import babel.dates
from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import babel_locale_parse, get_lang

from ...tools import classify
from .trackable_email_entry import _local

MAX_LINES = 20  # of one entry


class TrackableEmailEntry(models.Model):
    """The text of chatter entries, in their senders' languages and time zones."""

    _inherit = "trackable.email.entry"

    @api.model
    def _render_texts(self, lines):
        """Render entries, in their senders' languages and time zones.

        :param dict lines: (trackable email, date) -> list of `Line`
        :return: (trackable email, date) -> texts
        :rtype: dict[tuple, EntryTexts]
        """
        emails = self.env["trackable.email"].union(*(email for email, _day in lines))
        message_ids = frozenset(emails.mail_message_id.exists().ids)
        labels = self._read_labels(lines.values())
        return {
            (email, day): self._render_entry(
                email, own, labels, has_message=email.mail_message_id.id in message_ids
            )
            for (email, day), own in lines.items()
        }

    @api.model
    def _read_labels(self, entries):
        """Read the labels of the links that entries name.

        :param entries: iterable of lists of `Line`
        :rtype: dict[int, str]
        """
        ids = {line.link_id for lines in entries for line in lines[:MAX_LINES]}
        links = self.env["trackable.link"].browse(sorted(ids - {None}))
        return {link.id: link.label for link in links}

    @api.model
    def _render_entry(self, email, lines, labels, has_message):
        """Render an entry. To be extended.

        :param trackable.email email:
        :param list[Line] lines: what was done on one day
        :param dict labels: of links, by their ids
        :param bool has_message: the email's message can be opened
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
            self._render_text(email, person, self.env._("an email"), _merge(lines), {}),
            self._render_text(email, person, subject, lines, labels),
        )

    def _render_text(self, email, person, subject, lines, labels):
        told = [self._render_line(email, line, labels) for line in lines[:MAX_LINES]]
        if len(lines) > MAX_LINES:
            more = len(lines) - MAX_LINES
            told.append(self.env._("and %(count)s more", count=more))
        title = Markup("<p>%s – %s</p>") % (person, subject)
        if not told:
            return title
        told = Markup("").join(Markup("<li>%s</li>") % line for line in told)
        return title + Markup("<ul>%s</ul>") % told

    def _render_line(self, email, line, labels):
        """One thing the recipient did, when and how often: "Opened at 10:02"."""
        when = self._render_when(email, line)
        if line.is_inferred:
            return self.env._(
                "Opened %(when)s or before, no image was loaded", when=when
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
        """When and how often, by the sender's clock: readers may have another."""
        zone = _local(email, line.last).tzname()
        code = get_lang(self.env).code
        first, last = (
            _format_time(code, _local(email, when).time().replace(second=0))
            for when in (line.first, line.last)
        )
        if line.count == 1:
            return self.env._("at %(time)s %(zone)s", time=last, zone=zone)
        if first == last:
            return self.env._(
                "%(count)s times, at %(time)s %(zone)s",
                count=line.count,
                time=last,
                zone=zone,
            )
        return self.env._(
            "%(count)s times, from %(first)s to %(last)s %(zone)s",
            count=line.count,
            first=first,
            last=last,
            zone=zone,
        )


class EntryTexts(namedtuple("EntryTexts", "generic detailed")):
    """An entry without and with subject, links and files."""

    def get_for(self, email, record):
        """Return the text in a record's chatter, and the details that it leaves out.

        :rtype: tuple[Markup, Markup | False]
        """
        if email._may_disclose_subject(record):
            return self.detailed, False
        return self.generic, self.detailed


def _merge(lines):
    """Merge the lines that say the same when they name no link.

    :param list[Line] lines: in the order in which they began
    :rtype: list[Line]
    """
    merged = {}
    for line in lines:
        key = line.kind, line.is_inferred
        before = merged.get(key)
        merged[key] = line._replace(
            link_id=None,
            count=line.count + (before.count if before else 0),
            first=before.first if before else line.first,
            last=max(line.last, before.last) if before else line.last,
        )
    return list(merged.values())


@functools.lru_cache(maxsize=10_000)
def _format_time(lang_code, minute):
    """Format a minute of the day; Babel takes longer than the rest of a line.

    :param time minute:
    :rtype: str
    """
    locale = babel_locale_parse(lang_code)
    return babel.dates.format_time(minute, format="short", locale=locale)
