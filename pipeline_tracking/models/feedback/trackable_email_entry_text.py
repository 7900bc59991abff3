"""Render chatter entries in the sender's language (extends trackable.email.entry)."""

import functools
from collections import namedtuple

import babel.dates
from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import babel_locale_parse, get_lang

from ...tools import actors

MAX_NAMES = 3  # of links and of files in one entry


class TrackableEmailEntry(models.Model):
    _inherit = "trackable.email.entry"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _render_entry(self, email, lines, labels, has_message, name):
        """Render the two texts of an entry.

        An override changes texts of the `EntryTexts` of super. Both texts are `Markup`.
        Some readers of `generic` may have no access to subject, links and files.

        :param trackable.email email:
        :param list[Line] lines: the recipient's actions on one day
        :param dict[int, str] labels: labels of links by the id of the link
        :param bool has_message: the email's message exists
        :param str name: the email's subject or first words; "" if it has none
        :rtype: EntryTexts
        """
        self = self.with_context(lang=email.user_id.lang or self.env.lang)
        email_name = self._render_email_name(email, has_message, name)
        generic_name = (
            self.env._("a mailing") if email.mailing_id else self.env._("an email")
        )
        return EntryTexts(
            generic=self._render_text(email, generic_name, _merge_lines(lines), {}),
            detailed=self._render_text(email, email_name, lines, labels),
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
        names = emails._get_names()
        emails.mapped("recipient_name")  # compute all at once: see `_render_text`
        return {
            (email, day): self._render_entry(
                email,
                lines_of_day,
                labels,
                has_message=email.mail_message_id.id in message_ids,
                name=names[email],
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
        ids = {
            line.link_id
            for lines in entries_lines
            for kind in (actors.CLICK, actors.DOWNLOAD)
            for line in _filter_kind(lines, kind)[:MAX_NAMES]
        }
        links = self.env["trackable.link"].browse(sorted(ids - {None}))
        return {link.id: link.label for link in links}

    def _render_email_name(self, email, has_message, name):
        """Render the email's name as a link to its message."""
        name = (
            self.env._("“%(name)s”", name=name)
            if name
            else self.env._("an email without a subject")
        )
        if has_message:
            link = Markup('<a href="/mail/message/%s">%s</a>')
            name = link % (email.mail_message_id.id, name)
        if email.mailing_id:
            return self.env._("the mailing %(name)s", name=name)
        return name

    def _render_text(self, email, email_name, lines, labels):
        """Render an entry in one line: person, actions, and time of the last action."""
        person = Markup("<b>%s</b>") % email.recipient_name
        if not lines:
            return Markup("<p>%s – %s</p>") % (person, email_name)
        opens, clicks, downloads = (
            _filter_kind(lines, kind)
            for kind in (actors.OPEN, actors.CLICK, actors.DOWNLOAD)
        )
        actions = []
        if opens:
            actions.append(self._render_opens(email_name, opens))
        if clicks:
            names = self._render_names(clicks, labels, self.env._("a link"))
            actions.append(self.env._("clicked %(links)s", links=names))
        if downloads:
            names = self._render_names(downloads, labels, self.env._("a file"))
            actions.append(self.env._("downloaded %(files)s", files=names))
        actions = Markup(", ").join(actions)
        sentence = (
            self.env._("%(person)s %(actions)s", person=person, actions=actions)
            if opens
            else self.env._(
                "%(person)s %(actions)s in %(email)s",
                person=person,
                actions=actions,
                email=email_name,
            )
        )
        return Markup("<p>%s · %s</p>") % (sentence, self._render_when(email, lines))

    def _render_opens(self, email_name, opens):
        if all(line.is_inferred for line in opens):
            return self.env._("opened %(email)s (inferred)", email=email_name)
        count = sum(line.count for line in opens)
        return self.env._(
            "opened %(email)s", email=self._render_count(email_name, count)
        )

    def _render_names(self, lines, labels, generic_name):
        """Render the names of links or files, each with its number of actions."""
        names = []
        for line in lines[:MAX_NAMES]:
            label = labels.get(line.link_id)
            name = self.env._("“%(name)s”", name=label) if label else generic_name
            names.append(self._render_count(name, line.count))
        text = Markup(", ").join(names)
        if len(lines) > MAX_NAMES:
            more = len(lines) - MAX_NAMES
            return self.env._("%(names)s and %(count)s more", names=text, count=more)
        return text

    def _render_count(self, name, count):
        return Markup("%s %s×") % (name, count) if count > 1 else name

    def _render_when(self, email, lines):
        """Render the time of the last action, in the sender's time zone.

        The text names the time zone. The web client shows the time in the reader's
        time zone instead.
        """
        first, last = (
            min(line.first for line in lines),
            max(line.last for line in lines),
        )
        sender_time = email._to_sender_time(last)
        text = "%s %s" % (
            _format_time(get_lang(self.env).code, sender_time.time().replace(second=0)),
            sender_time.tzname(),
        )
        time = Markup('<time datetime="%sZ">%s</time>') % (last.isoformat(), text)
        if first.replace(second=0) == last.replace(second=0):
            return time
        return self.env._("last %(time)s", time=time)


class EntryTexts(namedtuple("EntryTexts", "generic detailed")):
    """The texts of an entry: only `detailed` names subject, links and files."""

    def choose_for(self, email, record):
        """Return the text for a record's chatter, and the details that it omits.

        :rtype: tuple[Markup, Markup | False]
        """
        if email._may_disclose_subject(record):
            return self.detailed, False
        return self.generic, self.detailed


def _filter_kind(lines, kind):
    return [line for line in lines if line.kind == kind]


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
    """Format a minute of the day. Cached: Babel takes longer than the rest of an entry.

    :param time minute: time of the day
    :rtype: str
    """
    locale = babel_locale_parse(lang_code)
    return babel.dates.format_time(minute, format="short", locale=locale)
