import textwrap
from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Command
from odoo.tools.mail import generate_tracking_message_id

from ...tools import classify

BUS_TYPE = "pipeline_tracking/notice"
MAX_LINES = 5
MAX_NAME = 80  # characters
# A pop-up says "now". The longest quiet hours are no reason to drop one.
STALE = timedelta(hours=25)


class TrackableNotice(models.AbstractModel):
    """What the sender of tracked emails is told of them on the spot: everything that
    comes to him at a time, as one.
    """

    _name = "trackable.notice"
    _description = "Trackable Notice"

    @api.model
    def _notify(self, user, news, now):
        """Tell a sender, the way he has chosen and in his language.

        :param res.users user: who has not turned it off
        :param list[News] news: of emails of his, of each oldest first
        :param datetime now:
        """
        self = self.with_context(lang=user.lang)
        if user.tracking_notice == "toast":
            news = [one for one in news if now - one.date < STALE]
        news = self._leave_out_implied(news)
        if not news:
            return
        news = sorted(news, key=lambda one: one.date, reverse=True)
        if user.tracking_notice == "toast":
            user._bus_send(BUS_TYPE, self._prepare_toast(user, news))
        else:
            self._put_into_inbox(user, news)

    @api.model
    def _leave_out_implied(self, news):
        """News without opens that a click or a download tells as well."""
        clicked = {one.email for one in news if one.kind != classify.OPEN}
        return [
            one for one in news if one.kind != classify.OPEN or one.email not in clicked
        ]

    # ------------------------------------------------------------
    # Pop-up
    # ------------------------------------------------------------

    @api.model
    def _prepare_toast(self, user, news):
        """What the web client shows, which may put several together. Plain text.

        :param list[News] news: latest first
        :rtype: dict
        """
        emails = self._get_emails(news)
        target = self._find_targets(user, emails)[emails] if len(emails) == 1 else None
        return {
            "count": len(news),
            "news": [
                {
                    "title": self._get_title(one),
                    "text": self._quote(self._get_subject(one.email)),
                    "line": self._get_line(one, self._quote(self._get_object(one))),
                }
                for one in news[:MAX_LINES]
            ],
            "people": {
                self._get_person_key(one.email): _who(one.email) for one in news
            },
            "email_ids": emails.ids,
            "target": target and {"model": target._name, "id": target.id},
        }

    # ------------------------------------------------------------
    # Inbox
    # ------------------------------------------------------------

    @api.model
    def _put_into_inbox(self, user, news):
        """Put it into a user's inbox, however he is notified of other messages. As
        `message_notify`, without the ways by which that becomes an email; it is in no
        chatter.

        :param list[News] news: latest first
        """
        emails = self._get_emails(news)
        shown = self._get_emails(news[:MAX_LINES])
        targets = self._find_targets(user, shown)
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
    def _prepare_message_values(self, user, record, news, targets):
        """Values of the message. To be extended.

        :param record: that it is about; none where it is about several
        :param list[News] news: latest first
        :param dict targets: trackable email -> what a line leads to
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

    @api.model
    def _render_body(self, news, targets):
        """The text of a message in the inbox.

        :param list[News] news: latest first
        :param dict targets: trackable email -> what a line leads to
        :rtype: Markup
        """
        lines = [self._render_line(one, targets[one.email]) for one in news[:MAX_LINES]]
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
        # The line breaks are for previews, which have the text alone.
        return Markup("<p>%s</p>\n<ul>\n%s</ul>") % (
            self._get_group_title(news),
            Markup("").join(Markup("<li>%s</li>\n") % line for line in lines),
        )

    @api.model
    def _render_line(self, one, target):
        link = Markup('<a href="#" data-oe-model="%s" data-oe-id="%s">%s</a>') % (
            target._name,
            target.id,
            self._quote(self._get_object(one)),
        )
        return self._get_line(one, link)

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    @api.model
    def _find_targets(self, user, emails):
        """What the user is led to: the record that an email was sent from, or the
        recipient, or what became of the email; what is there, and he may see.

        :param trackable.email emails: his
        :return: trackable email -> record
        :rtype: dict[TrackableEmail, record]
        """
        wanted = {
            email: [
                (email.res_model, email.res_id),
                ("res.partner", email.partner_id.id),
            ]
            for email in emails
        }
        allowed = {}
        for model in {model for keys in wanted.values() for model, _id in keys}:
            if model not in self.env:
                continue
            ids = {
                res_id
                for keys in wanted.values()
                for key_model, res_id in keys
                if key_model == model and res_id
            }
            records = self.env[model].browse(ids).exists().with_user(user)
            allowed[model] = set(records._filtered_access("read").ids)
        return {
            email: next(
                (
                    self.env[model].browse(res_id)
                    for model, res_id in keys
                    if res_id in allowed.get(model, ())
                ),
                email,
            )
            for email, keys in wanted.items()
        }

    @api.model
    def _get_emails(self, news):
        return self.env["trackable.email"].union(*(one.email for one in news))

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    @api.model
    def _get_title(self, one):
        """Of a pop-up that tells one thing, the subject being told beside it.

        :param News one:
        :rtype: str
        """
        if one.kind != classify.OPEN:
            return self._get_line(one, self._quote(self._get_object(one)))
        if one.reason == classify.INFERRED:
            return self.env._("%(who)s replied to your email", who=_who(one.email))
        return self.env._("%(who)s opened your email", who=_who(one.email))

    @api.model
    def _get_line(self, one, what):
        """One of several things that are told.

        :param News one:
        :param str what: its object, `Markup` or not
        :rtype: str
        """
        who = _who(one.email)
        if one.kind == classify.DOWNLOAD:
            return self.env._("%(who)s downloaded %(what)s", who=who, what=what)
        if one.kind == classify.CLICK:
            return self.env._("%(who)s clicked %(what)s", who=who, what=what)
        # An open alone that no image tells of: a reply does.
        if one.reason == classify.INFERRED:
            return self.env._("%(who)s replied to %(what)s", who=who, what=what)
        return self.env._("%(who)s opened %(what)s", who=who, what=what)

    @api.model
    def _get_group_title(self, news):
        """As the web client has it above what came at once."""
        people = {
            self._get_person_key(email): _who(email) for email in self._get_emails(news)
        }
        if len(people) == 1:
            return self.env._(
                "%(who)s: %(count)s opens or clicks",
                who=next(iter(people.values())),
                count=len(news),
            )
        return self.env._("%(count)s customers opened or clicked", count=len(people))

    @api.model
    def _get_object(self, one):
        """What was opened, clicked or downloaded."""
        if one.kind == classify.OPEN:
            return self._get_subject(one.email)
        gone = (
            self.env._("a file")
            if one.kind == classify.DOWNLOAD
            else self.env._("a link")
        )
        return _shorten(one.link.label or gone)

    @api.model
    def _quote(self, text):
        return f"“{text}”"  # what has no letters cannot be translated

    @api.model
    def _get_subject(self, email):
        return _shorten(email.subject or self.env._("(no subject)"))

    @api.model
    def _get_person_key(self, email):
        return str(email.partner_id.id or email.email_to)


def _who(email):
    return _shorten(email.partner_id.display_name or email.email_to)


def _shorten(text):
    return textwrap.shorten(text or "", MAX_NAME, placeholder="…")
