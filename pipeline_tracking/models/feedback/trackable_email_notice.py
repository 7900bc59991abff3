"""Notify senders about opens and clicks (extends trackable.email)."""

import logging
from collections import defaultdict, namedtuple
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...tools import actors, classify, signs
from ...tools.bursts import EARLY_IMAGE, is_soon_after_sending
from ...transactions import has_transaction_failed

_logger = logging.getLogger(__name__)

# Number of trackable emails. A sender gets one notification for all emails of a batch.
NOTICE_BATCH_SIZE = 2000
# Most scanners come within this time after sending (docs/field.md#clicks).
SCANNER_TIME = timedelta(minutes=5)
# Time for a scanner's clicks, in addition to the time that clicks are held.
SCANNER_MARGIN = timedelta(seconds=10)

# The key of a news item is the id of a trackable link, or one of these values.
OPENED = 0
DELETED_LINK = -1

# News for a sender: the first open, and the first use of each link or file. `reason`:
# why this open or use was attributed to the recipient. `link`: an empty recordset for
# an open and for a deleted link. `date`: the time of this open or use (naive UTC).
NewsItem = namedtuple("NewsItem", "email kind reason link date")

# Emails whose senders are due to be notified. `clock_timestamp()`, because now() is the
# start of the transaction.
DUE_NOTICES = SQL(
    """
    SELECT id FROM trackable_email
     WHERE notice_at <= clock_timestamp() AT TIME ZONE 'UTC'
     ORDER BY user_id, id LIMIT %s
    """,
    NOTICE_BATCH_SIZE,
)


def _get_news_key(kind, link):
    return OPENED if kind == actors.OPEN else link.id or DELETED_LINK


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # When to notify
    # ------------------------------------------------------------

    def _plan_notice_times(self, actions, inferred):
        """Return when to notify senders about new actions.

        The method runs for all emails of each chunk of hits, so it must not query for
        each email.

        :param trackable.email.action actions: actions on these emails
        :param dict inferred: trackable email -> time of its inferred open, or None
        :return: new values of `notice_at`; emails that keep their value are left out
        :rtype: dict[TrackableEmail, datetime]
        """
        times_by_email = defaultdict(dict)  # trackable email -> news key -> time
        settled_times = {}  # trackable email -> when one of its opens is settled
        for action in actions.filtered("is_counted"):
            email = action.trackable_email_id
            if not email._may_notify(action.confidence):
                continue
            times = times_by_email[email]
            key = _get_news_key(action.kind, action.trackable_link_id)
            times[key] = min(action.occurred_at, times.get(key, action.occurred_at))
            if key == OPENED:
                settled_at = email._get_settled_time(action.reason, action.occurred_at)
                settled_times[email] = min(
                    settled_at, settled_times.get(email, settled_at)
                )
        for email, opened_at in inferred.items():
            # A click that is news also tells about the open that it implies.
            if opened_at and opened_at in (
                email.reply_date,
                *times_by_email[email].values(),
            ):
                times_by_email[email].setdefault(OPENED, opened_at)
        now = fields.Datetime.now()
        notice_times = {}
        for email, times in times_by_email.items():
            # A mailing would cause thousands of notifications at once.
            if email.mailing_id or not email.user_id:
                continue
            # A test email to oneself is no news.
            if email.partner_id == email.user_id.partner_id:
                continue
            new_keys = times.keys() - email._get_notified_keys()
            if not new_keys:
                continue
            notice_at = now
            if new_keys == {OPENED}:
                notice_at = max(now, settled_times.get(email, now))
            if not email.notice_at or notice_at < email.notice_at:
                notice_times[email] = notice_at
        return notice_times

    def _may_notify(self, confidence):
        """Return whether the company notifies senders about actions of this grade.

        :param str | bool confidence: from `signs.GRADES`; False for an action that was
            recorded before there were grades
        :rtype: bool
        """
        self.ensure_one()
        lowest = self._get_tracking_settings().tracking_notice_confidence
        grades = signs.GRADES
        return grades.index(confidence or signs.MEDIUM) >= grades.index(lowest)

    def _get_notified_keys(self):
        """Return the keys of the news that the sender was notified about.

        :rtype: set[int]
        """
        self.ensure_one()
        return set(self.notified_keys or ())

    def _get_settled_time(self, reason, opened_at):
        """Return when later requests hardly change that the recipient opened the email.

        A scanner loads the image soon after sending, and follows the links after that.
        An email client does not scan.

        :param str reason: the reason of the open
        :param datetime opened_at: time of the open
        :rtype: datetime
        """
        hold = self._get_tracking_settings().tracking_hold_seconds
        if not hold or not self.sent_date or reason in classify.EMAIL_CLIENTS:
            return opened_at
        settled_at = opened_at + timedelta(seconds=hold) + SCANNER_MARGIN
        if is_soon_after_sending(opened_at, self.sent_date):
            return settled_at + EARLY_IMAGE
        since_sent = opened_at - self.sent_date
        return opened_at if since_sent > SCANNER_TIME else settled_at

    # ------------------------------------------------------------
    # Notify
    # ------------------------------------------------------------

    @api.model
    def _notify_due_senders(self, is_fatal=has_transaction_failed):
        """Notify the senders of a batch of due emails.

        Emails that another process has locked are left out.

        :param is_fatal: function that takes an exception and returns whether to raise
            the exception. Other exceptions are logged.
        :return: number of trackable emails that were due
        :rtype: int
        """
        self.flush_model()
        # The same lock as in `trackable.hit._lock_emails`: senders are notified once.
        query = SQL("%s FOR NO KEY UPDATE SKIP LOCKED", DUE_NOTICES)
        emails = self.browse(row[0] for row in self.env.execute_query(query))
        if emails:
            emails._notify_senders_or_postpone(is_fatal)
            self.flush_model()  # for the SQL of the next batch
        return len(emails)

    def _notify_senders_or_postpone(self, is_fatal):
        """Notify senders about their news. In a sender's quiet hours, postpone the
        notification to the end of these hours.

        The keys of the news are stored, also if the sender turned notifications off, so
        that no news is notified twice. A notification that fails is not repeated.

        :param is_fatal: function that takes an exception and returns whether to raise
            the exception. Other exceptions are logged.
        """
        now = fields.Datetime.now()
        colleagues = self.user_id.exists().filtered(
            lambda user: user.active and not user.share and user.id != SUPERUSER_ID
        )
        news_by_email = self._read_news()
        for user, emails in self.grouped("user_id").items():
            news = [item for email in emails for item in news_by_email.get(email, ())]
            if news and user in colleagues and user.tracking_notice != "off":
                quiet_until = user._get_tracking_quiet_end(now)
                if quiet_until and quiet_until > now:
                    emails.notice_at = quiet_until
                    continue
                self._notify_sender_or_log(user, news, now, is_fatal)
            emails.notice_at = False
            for email in emails.filtered(news_by_email.get):
                new_keys = {
                    _get_news_key(item.kind, item.link) for item in news_by_email[email]
                }
                email.notified_keys = sorted(email._get_notified_keys() | new_keys)

    def _read_news(self):
        """Return the news that the senders of these emails were not notified about.

        Actions that were corrected and no longer count are not news, and actions that
        are not sure enough for the company. An inferred open is news if the click or
        the reply that implies it is.

        :return: trackable email -> news, oldest first; emails without news are left out
        :rtype: dict[TrackableEmail, list[NewsItem]]
        """
        groups = self.env["trackable.email.action"]._read_group(
            [
                ("trackable_email_id", "in", self.ids),
                ("is_counted", "=", True),
            ],
            [
                *("trackable_email_id", "kind", "reason", "confidence"),
                "trackable_link_id",
            ],
            ["occurred_at:min"],
        )
        items_by_email = defaultdict(dict)  # trackable email -> news key -> item
        for email, kind, reason, confidence, link, occurred_at in groups:
            if not email._may_notify(confidence):
                continue
            key = _get_news_key(kind, link)
            item_by_key = items_by_email[email]
            if key not in item_by_key or occurred_at < item_by_key[key].date:
                item_by_key[key] = NewsItem(email, kind, reason, link, occurred_at)
        news_by_email = {}
        for email, item_by_key in items_by_email.items():
            opened = item_by_key.get(OPENED)
            if (
                opened
                and opened.reason == classify.INFERRED
                and opened.date != email.reply_date
                and all(
                    item.date != opened.date
                    for item in item_by_key.values()
                    if item is not opened
                )
            ):
                del item_by_key[OPENED]
            new_keys = item_by_key.keys() - email._get_notified_keys()
            if new_keys:
                news_by_email[email] = sorted(
                    (item for key, item in item_by_key.items() if key in new_keys),
                    key=lambda item: item.date,
                )
        return news_by_email

    def _notify_sender_or_log(self, user, news, now, is_fatal):
        """Notify one sender in Odoo and on their devices. Log exceptions of modules
        that extend messages.

        :param res.users user: the sender
        :param list[NewsItem] news: news of the sender's emails
        :param datetime now: UTC, naive
        :param is_fatal: function that takes an exception and returns whether to raise
            the exception. Other exceptions are logged.
        """
        notice = self.env["trackable.notice"]
        for notify in (notice._notify, notice._push_to_devices):
            try:
                with self.env.cr.savepoint():
                    notify(user, news, now)
            except Exception as error:  # an extension of messages can fail
                if is_fatal(error):
                    raise
                _logger.exception(
                    "User %s: notification about %s news items failed",
                    user.id,
                    len(news),
                )
