import json
from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Command
from odoo.tools.mail import generate_tracking_message_id

from ...tools import actors, classify
from .record_access import filter_accessible
from .trackable_email_timeline import REPLY

BUS_TYPE = "pipeline_tracking/notice"
MAX_LINES = 5
EMAILS_ACTION = "pipeline_tracking.trackable_email_action_window"
ICON = "/web/static/img/odoo-icon-192x192.png"
# Older news does not pop up. Longer than quiet hours can be, which postpone pop-ups.
MAX_TOAST_AGE = timedelta(hours=25)


def get_kind(item):
    """Return the kind of a news item: open, click, download or reply.

    An inferred open without a click or a download is implied by a reply.
    """
    return REPLY if item.reason == classify.INFERRED else item.kind


class TrackableNotice(models.AbstractModel):
    """Notification of a sender about new opens and clicks of tracked emails.

    All news of a batch becomes one pop-up or one message in the messages menu, with one
    sentence for each email. Devices on which the sender turned on Odoo's push
    notifications get it, too.
    """

    _name = "trackable.notice"
    _description = "Notification about Tracked Emails"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _notify(self, user, news, now):
        """Notify a sender in their language, by pop-up or in the messages menu.

        An override returns nothing. It may notify in another way, before or instead of
        calling super. An exception is logged, and the news is not repeated.

        :param res.users user: a sender who has not turned notifications off
        :param list[NewsItem] news: news of the sender's emails, oldest first for each
            email
        :param datetime now: UTC, naive
        """
        self = self.with_context(lang=user.lang)
        news_by_email = self._group_news(user, news, now)
        if not news_by_email:
            return
        if user.tracking_notice == "toast":
            user._bus_send(BUS_TYPE, self._prepare_toast(user, news_by_email))
        else:
            self._put_into_inbox(user, news_by_email)

    @api.model
    def _push_to_devices(self, user, news, now):
        """Queue Odoo's push notifications for the devices of a sender.

        Odoo's cron job sends them, so that no push service delays other senders. An
        override returns nothing. An exception is logged, and does not affect
        `_notify`.

        :param res.users user: a sender who has not turned notifications off
        :param list[NewsItem] news: news of the sender's emails, oldest first for each
            email
        :param datetime now: UTC, naive
        """
        self = self.with_context(lang=user.lang)
        Thread = self.env["mail.thread"]
        devices = Thread._web_push_get_partners_parameters(user.partner_id.ids)[0]
        news_by_email = devices and self._group_news(user, news, now)
        if not news_by_email:
            return
        payload = self._prepare_push(user, news_by_email)
        payload = json.dumps(Thread._web_push_truncate_payload(payload))
        # sudo: mail.push - no user has access rights to the queue
        self.env["mail.push"].sudo().create(
            [
                {"mail_push_device_id": device.id, "payload": payload}
                for device in devices
            ]
        )
        self.env.ref("mail.ir_cron_web_push_notification")._trigger()

    @api.model
    def _prepare_message_values(self, user, record, news_by_email, targets):
        """Return the values of a message in the messages menu.

        An override adds values of more fields of `mail.message` to the dictionary of
        super.

        :param res.users user: the sender
        :param record: the record that the message is about; no record if the news
            is about several emails
        :param dict news_by_email: trackable email -> list[NewsItem], latest first
        :param dict targets: trackable email -> record that its line links to
        :rtype: dict
        """
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        author = self.env["res.partner"].browse(to_id("base.partner_root"))
        return {
            "author_id": author.id,
            "body": self._render_body(news_by_email, targets),
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
    def _group_news(self, user, news, now):
        """Return the news to notify a sender about, without old news for a pop-up and
        without opens that a click or download of the same email implies.

        :param res.users user: the sender
        :param list[NewsItem] news: oldest first for each email
        :param datetime now: UTC, naive
        :return: trackable email -> news, oldest first; the email with the latest news
            comes first
        :rtype: dict[TrackableEmail, list[NewsItem]]
        """
        if user.tracking_notice == "toast":
            news = [item for item in news if now - item.date < MAX_TOAST_AGE]
        clicked_emails = {item.email for item in news if item.kind != actors.OPEN}
        news_by_email = defaultdict(list)
        for item in sorted(news, key=lambda item: item.date, reverse=True):
            if get_kind(item) != REPLY or item.email not in clicked_emails:
                news_by_email[item.email].insert(0, item)
        return dict(news_by_email)

    # ------------------------------------------------------------
    # Do not override: pop-up
    # ------------------------------------------------------------

    @api.model
    def _prepare_toast(self, user, news_by_email):
        """Return the plain texts of a pop-up. The web client merges several pop-ups.

        :param res.users user: the sender
        :param dict news_by_email: trackable email -> list[NewsItem], latest first
        :rtype: dict
        """
        emails = self._get_emails(news_by_email)
        target = self._find_targets(user, emails)[emails] if len(emails) == 1 else None
        return {
            "count": len(emails),
            "lines": self._get_lines(news_by_email),
            "kinds": self._get_kinds(news_by_email),
            "people": self._get_names_by_recipient(emails),
            "email_ids": emails.ids,
            "target": target and {"model": target._name, "id": target.id},
        }

    # ------------------------------------------------------------
    # Do not override: push notifications
    # ------------------------------------------------------------

    @api.model
    def _prepare_push(self, user, news_by_email):
        """Return a push notification, as Odoo's service worker reads it.

        The service worker opens `/odoo/<model>/<res_id>`. It passes only these two
        values to the web client, which recognizes our notifications by a text as
        `res_id`: Odoo writes a number.

        :param res.users user: the sender
        :param dict news_by_email: trackable email -> list[NewsItem], latest first
        :rtype: dict
        """
        emails = self._get_emails(news_by_email)
        data = {"model": f"action-{EMAILS_ACTION}", "res_id": ""}
        title = self._get_group_title(news_by_email)
        if len(emails) == 1:
            target = self._find_targets(user, emails)[emails]
            data = {"model": target._name, "res_id": str(target.id)}
            # The sentence begins with the recipient's name.
            title = self.env._("Email Tracking")
            if target not in (emails.partner_id, emails):
                title = target.display_name
        return {
            "title": title,
            "options": {
                "body": "\n".join(self._get_lines(news_by_email)),
                "icon": ICON,
                "data": data,
            },
        }

    # ------------------------------------------------------------
    # Do not override: messages menu
    # ------------------------------------------------------------

    @api.model
    def _put_into_inbox(self, user, news_by_email):
        """Put a message about news into a user's messages menu, but into no chatter.

        This also applies if the user gets other Odoo notifications by email. Unlike
        `message_notify`, this never sends an email.

        :param res.users user: the sender
        :param dict news_by_email: trackable email -> list[NewsItem], latest first
        """
        emails = self._get_emails(news_by_email)
        targets = self._find_targets(user, emails[:MAX_LINES])
        record = self.env["mail.thread"]
        if len(emails) == 1:
            record = targets[emails]
        values = self._prepare_message_values(user, record, news_by_email, targets)
        message = self.env["mail.thread"]._message_create([values])
        emails.notice_message_ids = [Command.link(message.id)]
        self.env["mail.thread"]._notify_thread_by_inbox(
            message, [{"id": user.partner_id.id, "uid": user.id, "notif": "inbox"}]
        )

    @api.model
    def _render_body(self, news_by_email, targets):
        """Render the text of a message in the messages menu.

        :param dict news_by_email: trackable email -> list[NewsItem], latest first
        :param dict targets: trackable email -> record that its line links to
        :rtype: Markup
        """
        lines = self._get_lines(news_by_email, targets)
        if len(news_by_email) == 1:
            return Markup("<p>%s</p>") % lines[0]
        if len(news_by_email) > MAX_LINES:
            lines.append(
                Markup('<a href="/odoo/action-%s">%s</a>')
                % (
                    EMAILS_ACTION,
                    self.env._(
                        "and %(count)s more", count=len(news_by_email) - MAX_LINES
                    ),
                )
            )
        # Previews show the text only: line breaks separate the lines there.
        return Markup("<p>%s</p>\n<ul>\n%s</ul>") % (
            self._get_group_title(news_by_email),
            Markup("").join(Markup("<li>%s</li>\n") % line for line in lines),
        )

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
        readable = filter_accessible(
            self.with_user(user).env,
            (key for keys in keys_by_email.values() for key in keys),
        )
        return {
            email: next(
                (
                    self.env[model].browse(res_id)
                    for model, res_id in keys
                    if (model, res_id) in readable
                ),
                email,
            )
            for email, keys in keys_by_email.items()
        }

    @api.model
    def _get_emails(self, news_by_email):
        return self.env["trackable.email"].union(*news_by_email)
