"""Write the sentences of notifications (extends trackable.notice)."""

from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_list

from ...tools import actors
from ...tools.first_words import shorten
from .trackable_email_timeline import REPLY
from .trackable_notice import MAX_LINES, get_kind

MAX_LABELS = 3  # links or files that a sentence names
MAX_NAME_LENGTH = 80  # characters
# The kinds of news, in the order in which a title names them.
KINDS = (actors.OPEN, actors.CLICK, actors.DOWNLOAD, REPLY)


class TrackableNotice(models.AbstractModel):
    _inherit = "trackable.notice"

    # ------------------------------------------------------------
    # Do not override: sentences
    # ------------------------------------------------------------

    @api.model
    def _get_lines(self, news_by_email, targets=None):
        """Return a sentence for each of the first emails.

        :param dict news_by_email: trackable email -> list[NewsItem], latest first
        :param dict | None targets: trackable email -> record that its name links to
        :return: at most `MAX_LINES` sentences, as Markup if there are targets
        :rtype: list[str | Markup]
        """
        emails = self._get_emails(news_by_email)[:MAX_LINES]
        names = self._get_email_names(emails)
        if targets:
            names = {
                email: Markup('<a href="#" data-oe-model="%s" data-oe-id="%s">%s</a>')
                % (targets[email]._name, targets[email].id, name)
                for email, name in names.items()
            }
        return [
            self._get_sentence(email, news_by_email[email], names[email])
            for email in emails
        ]

    @api.model
    def _get_sentence(self, email, news, email_name):
        """Return a sentence about an email that names person, actions and email.

        :param trackable.email email:
        :param list[NewsItem] news: news of this email, oldest first
        :param str | Markup email_name: the email's name in quotation marks
        :rtype: str | Markup
        """
        kinds = {get_kind(item) for item in news}
        words = {
            "who": _shorten(email.recipient_name),
            "email": email_name,
            "links": self._get_labels(news, actors.CLICK),
            "files": self._get_labels(news, actors.DOWNLOAD),
        }
        if REPLY in kinds:
            return self.env._("%(who)s replied to your email %(email)s", **words)
        if kinds == {actors.OPEN}:
            return self.env._("%(who)s opened your email %(email)s", **words)
        if kinds == {actors.CLICK}:
            return self.env._(
                "%(who)s clicked %(links)s in your email %(email)s", **words
            )
        if kinds == {actors.DOWNLOAD}:
            return self.env._(
                "%(who)s downloaded %(files)s from your email %(email)s", **words
            )
        if kinds == {actors.OPEN, actors.CLICK}:
            return self.env._(
                "%(who)s opened your email %(email)s and clicked %(links)s", **words
            )
        if kinds == {actors.OPEN, actors.DOWNLOAD}:
            return self.env._(
                "%(who)s opened your email %(email)s and downloaded %(files)s", **words
            )
        if kinds == {actors.CLICK, actors.DOWNLOAD}:
            return self.env._(
                "%(who)s clicked %(links)s in your email %(email)s and downloaded"
                " %(files)s",
                **words,
            )
        return self.env._(
            "%(who)s opened your email %(email)s, clicked %(links)s and downloaded"
            " %(files)s",
            **words,
        )

    @api.model
    def _get_labels(self, news, kind):
        """Return the links or files in the news, such as "“Prices” and “Terms”".

        :param list[NewsItem] news:
        :param str kind: click or download
        :rtype: str
        """
        labels = [
            self._quote(_shorten(item.link.label))
            if item.link.label
            else self._get_generic_label(kind)
            for item in news
            if item.kind == kind
        ]
        labels = list(dict.fromkeys(labels))
        if len(labels) > MAX_LABELS:
            count = len(labels) - MAX_LABELS + 1
            labels[MAX_LABELS - 1 :] = [self.env._("%(count)s more", count=count)]
        return format_list(self.env, labels)

    @api.model
    def _get_generic_label(self, kind):
        """Return the words for a deleted link or file."""
        if kind == actors.DOWNLOAD:
            return self.env._("a file")
        return self.env._("a link")

    @api.model
    def _get_group_title(self, news_by_email):
        """Return the title above several sentences. The web client has the same text.

        :param dict news_by_email: trackable email -> list[NewsItem]
        :rtype: str
        """
        names = self._get_names_by_recipient(self._get_emails(news_by_email))
        if len(names) > 1:
            return self.env._(
                "%(count)s customers opened or clicked your emails", count=len(names)
            )
        words_by_kind = {
            actors.OPEN: self.env._("opened"),
            actors.CLICK: self.env._("clicked"),
            actors.DOWNLOAD: self.env._("downloaded"),
            REPLY: self.env._("replied"),
        }
        return self.env._(
            "%(who)s: %(actions)s",
            who=next(iter(names.values())),
            actions=[words_by_kind[kind] for kind in self._get_kinds(news_by_email)],
        )

    @api.model
    def _get_kinds(self, news_by_email):
        kinds = {get_kind(item) for news in news_by_email.values() for item in news}
        return [kind for kind in KINDS if kind in kinds]

    @api.model
    def _quote(self, text):
        return self.env._("“%(text)s”", text=text)

    # ------------------------------------------------------------
    # Do not override: names of emails and recipients
    # ------------------------------------------------------------

    @api.model
    def _get_email_names(self, emails):
        """Return the subjects of emails, or their first words, in quotation marks.

        :param trackable.email emails:
        :rtype: dict[TrackableEmail, str]
        """
        return {
            email: self._quote(name) if name else self.env._("(no subject)")
            for email, name in emails._get_names(MAX_NAME_LENGTH).items()
        }

    @api.model
    def _get_names_by_recipient(self, emails):
        """Return the names of recipients, by a key that identifies a recipient.

        :rtype: dict[str, str]
        """
        return {
            str(email.partner_id.id or email.email_to): _shorten(email.recipient_name)
            for email in emails
        }


def _shorten(text):
    return shorten(text or "", MAX_NAME_LENGTH)
