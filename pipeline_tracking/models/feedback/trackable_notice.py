import textwrap
from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Command
from odoo.tools.mail import generate_tracking_message_id

from ...tools import classify

BUS_TYPE = "pipeline_tracking/notice"
MAX_LINES = 5
MAX_NAME_LENGTH = 80  # characters
# Older news does not pop up. Longer than quiet hours can be, which postpone pop-ups.
MAX_TOAST_AGE = timedelta(hours=25)


class TrackableNotice(models.AbstractModel):
    """Notification of a sender about new opens and clicks of tracked emails.

    All news of a batch becomes one pop-up or one message in the inbox.
    """

    _name = "trackable.notice"
    _description = "Notification about Tracked Emails"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _notify(self, user, news, now):
        """Notify a sender in their language, by pop-up or in their inbox.

        An override returns nothing. It may notify in another way, before or instead of
        calling super. An exception is logged, and the news is not repeated.

        :param res.users user: a sender who has not turned notifications off
        :param list[NewsItem] news: news of the sender's emails, oldest first for each
            email
        :param datetime now: UTC, naive
        """
        self = self.with_context(lang=user.lang)
        if user.tracking_notice == "toast":
            news = [item for item in news if now - item.date < MAX_TOAST_AGE]
        news = self._filter_not_implied(news)
        if not news:
            return
        news = sorted(news, key=lambda item: item.date, reverse=True)
        if user.tracking_notice == "toast":
            user._bus_send(BUS_TYPE, self._prepare_toast(user, news))
        else:
            self._put_into_inbox(user, news)

    @api.model
    def _prepare_message_values(self, user, record, news, targets):
        """Return the values of a message in the inbox.

        An override adds values of more fields of `mail.message` to the dictionary of
        super.

        :param res.users user: the sender
        :param record: the record that the message is about; no record if the news
            is about several emails
        :param list[NewsItem] news: latest first
        :param dict targets: trackable email -> record that its line links to
        :rtype: dict
        """
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        author = self.env["res.partner"].browse(to_id("base.partner_root"))
        return {
            "author_id": author.id,
            "body": self._render_body(news, targets),
            "email_add_signature": False,
            "email_from": author.email_formatted,
            "is_internal": True,
            "message_id": generate_tracking_message_id("trackable-notice"),
            "message_type": "user_notification",
            "model": bool(record) and record._name,
            "partner_ids": user.partner_id.ids,
            "record_alias_domain_id": False,
            "record_company_id": False,
            "reply_to": False,
            "res_id": bool(record) and record.id,
            "subtype_id": to_id("mail.mt_note"),
        }

    # ------------------------------------------------------------
    # Do not override: the choice of news
    # ------------------------------------------------------------

    @api.model
    def _filter_not_implied(self, news):
        """Return the news without the opens that a click or a download implies.

        :param list[NewsItem] news:
        :rtype: list[NewsItem]
        """
        clicked_emails = {item.email for item in news if item.kind != classify.OPEN}
        return [
            item
            for item in news
            if item.kind != classify.OPEN or item.email not in clicked_emails
        ]

    # ------------------------------------------------------------
    # Do not override: pop-up
    # ------------------------------------------------------------

    @api.model
    def _prepare_toast(self, user, news):
        """Return the plain texts of a pop-up. The web client merges several pop-ups.

        :param res.users user: the sender
        :param list[NewsItem] news: latest first
        :rtype: dict
        """
        emails = self._get_emails(news)
        target = self._find_targets(user, emails)[emails] if len(emails) == 1 else None
        return {
            "count": len(news),
            "news": [
                {
                    "title": self._get_item_title(item),
                    "text": self._quote(self._get_subject(item.email)),
                    "line": self._get_item_line(
                        item, self._quote(self._get_subject_or_label(item))
                    ),
                }
                for item in news[:MAX_LINES]
            ],
            "people": {
                self._get_recipient_key(item.email): _get_recipient_name(item.email)
                for item in news
            },
            "email_ids": emails.ids,
            "target": target and {"model": target._name, "id": target.id},
        }

    # ------------------------------------------------------------
    # Do not override: inbox
    # ------------------------------------------------------------

    @api.model
    def _put_into_inbox(self, user, news):
        """Put a message about news into a user's inbox, but into no chatter.

        This also applies if the user gets other Odoo notifications by email. Unlike
        `message_notify`, this never sends an email.

        :param res.users user: the sender
        :param list[NewsItem] news: latest first
        """
        emails = self._get_emails(news)
        shown_emails = self._get_emails(news[:MAX_LINES])
        targets = self._find_targets(user, shown_emails)
        record = self.env["mail.thread"]
        if len(emails) == 1:
            record = targets[emails]
        values = self._prepare_message_values(user, record, news, targets)
        message = self.env["mail.thread"]._message_create([values])
        emails.notice_message_ids = [Command.link(message.id)]
        self.env["mail.thread"]._notify_thread_by_inbox(
            message, [{"id": user.partner_id.id, "uid": user.id, "notif": "inbox"}]
        )

    @api.model
    def _render_body(self, news, targets):
        """Render the text of a message in the inbox.

        :param list[NewsItem] news: latest first
        :param dict targets: trackable email -> record that its line links to
        :rtype: Markup
        """
        lines = [
            self._render_line(item, targets[item.email]) for item in news[:MAX_LINES]
        ]
        if len(news) == 1:
            return Markup("<p>%s</p>") % lines[0]
        if len(news) > MAX_LINES:
            lines.append(
                Markup('<a href="/odoo/action-%s">%s</a>')
                % (
                    "pipeline_tracking.trackable_email_action_window",
                    self.env._("and %(count)s more", count=len(news) - MAX_LINES),
                )
            )
        # Previews show the text only: line breaks separate the lines there.
        return Markup("<p>%s</p>\n<ul>\n%s</ul>") % (
            self._get_group_title(news),
            Markup("").join(Markup("<li>%s</li>\n") % line for line in lines),
        )

    @api.model
    def _render_line(self, item, target):
        link = Markup('<a href="#" data-oe-model="%s" data-oe-id="%s">%s</a>') % (
            target._name,
            target.id,
            self._quote(self._get_subject_or_label(item)),
        )
        return self._get_item_line(item, link)

    # ------------------------------------------------------------
    # Do not override: records
    # ------------------------------------------------------------

    @api.model
    def _find_targets(self, user, emails):
        """Return the record that a notification links to for each email.

        This is the record that the email was sent from, the recipient, or the trackable
        email: the first that exists and that the user may read.

        :param res.users user: the sender
        :param trackable.email emails: emails of this sender
        :rtype: dict[TrackableEmail, record]
        """
        keys_by_email = {
            email: [
                (email.res_model, email.res_id),
                ("res.partner", email.partner_id.id),
            ]
            for email in emails
        }
        readable_ids = {}
        models_to_read = {
            model for keys in keys_by_email.values() for model, _id in keys
        }
        for model in models_to_read:
            if model not in self.env:
                continue
            ids = {
                res_id
                for keys in keys_by_email.values()
                for key_model, res_id in keys
                if key_model == model and res_id
            }
            records = self.env[model].browse(ids).exists().with_user(user)
            readable_ids[model] = set(records._filtered_access("read").ids)
        return {
            email: next(
                (
                    self.env[model].browse(res_id)
                    for model, res_id in keys
                    if res_id in readable_ids.get(model, ())
                ),
                email,
            )
            for email, keys in keys_by_email.items()
        }

    @api.model
    def _get_emails(self, news):
        return self.env["trackable.email"].union(*(item.email for item in news))

    # ------------------------------------------------------------
    # Do not override: words
    # ------------------------------------------------------------

    @api.model
    def _get_item_title(self, item):
        """Return the title of a pop-up with one news item. Its text is the subject.

        :param NewsItem item:
        :rtype: str
        """
        words = {"who": _get_recipient_name(item.email)}
        if item.kind != classify.OPEN:
            words["what"] = self._quote(self._get_subject_or_label(item))
            if item.kind == classify.DOWNLOAD:
                return self.env._("%(who)s downloaded %(what)s", **words)
            return self.env._("%(who)s clicked %(what)s", **words)
        if item.reason == classify.INFERRED:
            return self.env._("%(who)s replied to your email", **words)
        return self.env._("%(who)s opened your email", **words)

    @api.model
    def _get_item_line(self, item, subject_or_label):
        """Return a sentence about a news item that names person, action and email.

        :param NewsItem item:
        :param str | Markup subject_or_label: subject of the opened email, or label of
            the link or file
        :rtype: str | Markup
        """
        words = {"who": _get_recipient_name(item.email), "what": subject_or_label}
        if item.kind != classify.OPEN:
            words["email"] = self._quote(self._get_subject(item.email))
            if item.kind == classify.DOWNLOAD:
                return self.env._("%(who)s downloaded %(what)s from %(email)s", **words)
            return self.env._("%(who)s clicked %(what)s in %(email)s", **words)
        # An inferred open without a click or a download is implied by a reply.
        if item.reason == classify.INFERRED:
            return self.env._("%(who)s replied to %(what)s", **words)
        return self.env._("%(who)s opened %(what)s", **words)

    @api.model
    def _get_group_title(self, news):
        """Return the title above several news items. The web client has the same text.

        :param list[NewsItem] news:
        :rtype: str
        """
        names_by_key = {
            self._get_recipient_key(email): _get_recipient_name(email)
            for email in self._get_emails(news)
        }
        if len(names_by_key) == 1:
            return self.env._(
                "%(who)s: %(count)s opens and clicks",
                who=next(iter(names_by_key.values())),
                count=len(news),
            )
        return self.env._(
            "%(count)s customers opened or clicked your emails",
            count=len(names_by_key),
        )

    @api.model
    def _get_subject_or_label(self, item):
        """Return the subject of the opened email, or the label of the link or file.

        :param NewsItem item:
        :rtype: str
        """
        if item.kind == classify.OPEN:
            return self._get_subject(item.email)
        name_of_deleted_link = (
            self.env._("a file")
            if item.kind == classify.DOWNLOAD
            else self.env._("a link")
        )
        return _shorten(item.link.label or name_of_deleted_link)

    @api.model
    def _quote(self, text):
        return self.env._("“%(text)s”", text=text)

    @api.model
    def _get_subject(self, email):
        return _shorten(email.subject or self.env._("(no subject)"))

    @api.model
    def _get_recipient_key(self, email):
        return str(email.partner_id.id or email.email_to)


def _get_recipient_name(email):
    return _shorten(email.partner_id.display_name or email.email_to)


def _shorten(text):
    return textwrap.shorten(text or "", MAX_NAME_LENGTH, placeholder="…")
