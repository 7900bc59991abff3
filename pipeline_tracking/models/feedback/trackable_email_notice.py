import logging
from collections import defaultdict, namedtuple
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...tools import classify
from ...transactions import has_transaction_failed

_logger = logging.getLogger(__name__)

NOTICE_BATCH_SIZE = 2000  # trackable emails; what comes to one sender is one notice
# Scanners load the image when they get the email, and follow its links after that.
SOON = timedelta(minutes=5)  # after sending
MARGIN = timedelta(seconds=10)  # for a scanner's links, beyond how long they are held

# What is told of an email: by the id of a trackable link, or one of these.
OPENED = 0
GONE = -1  # a link that was deleted

# `reason`: of its first action. `link`: none for an open, or where it is gone.
News = namedtuple("News", "email kind reason link date")

# Those whose senders are to be told now; the clock, and not the transaction's time.
DUE_NOTICES = SQL(
    """
    SELECT id FROM trackable_email
     WHERE notice_at <= clock_timestamp() AT TIME ZONE 'UTC'
     ORDER BY user_id, id LIMIT %s
    """,
    NOTICE_BATCH_SIZE,
)


def _get_news_key(kind, link):
    return OPENED if kind == classify.OPEN else link.id or GONE


class TrackableEmail(models.Model):
    """Notify senders of what recipients did (extends trackable.email)."""

    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------

    def _plan_notices(self, actions, inferred):
        """When their senders are to be told of what came.

        No query of its own: it is asked of every hit.

        :param trackable.email.action actions: of these emails
        :param dict inferred: trackable email -> when it must have been open, or None
        :return: of those only for whom this is to be changed
        :rtype: dict[TrackableEmail, datetime]
        """
        news = defaultdict(dict)
        for action in actions.filtered("is_counted"):
            own = news[action.trackable_email_id]
            key = _get_news_key(action.kind, action.trackable_link_id)
            own[key] = min(action.occurred_at, own.get(key, action.occurred_at))
        for email, date in inferred.items():
            if date:
                news[email].setdefault(OPENED, date)
        now = fields.Datetime.now()
        plans = {}
        for email, own in news.items():
            # A mailing's thousands would come all at once.
            if (
                email.mailing_id
                or not email.user_id
                or own.keys() <= email._get_notified_keys()
            ):
                continue
            at = now
            if own.keys() - email._get_notified_keys() == {OPENED}:
                at = max(now, email._get_open_notice_at(own[OPENED]))
            if not email.notice_at or at < email.notice_at:
                plans[email] = at
        return plans

    def _get_notified_keys(self):
        """What their sender was told of one of them.

        :rtype: set[int]
        """
        self.ensure_one()
        return set(self.notified_keys or ())

    def _get_open_notice_at(self, opened_at):
        """When an open may be told: soon after sending, not before the clicks would
        have come that show a scanner.

        :param datetime opened_at:
        :rtype: datetime
        """
        hold = self._get_tracking_settings().tracking_hold_seconds
        if not hold or not self.sent_date or opened_at - self.sent_date > SOON:
            return opened_at
        return opened_at + timedelta(seconds=hold) + MARGIN

    # ------------------------------------------------------------
    # The due ones
    # ------------------------------------------------------------

    @api.model
    def _notify_due_senders(self, is_fatal=has_transaction_failed):
        """Tell some of the senders who are to be told now; not of emails that somebody
        else is working on.

        :param is_fatal: tells which exceptions to raise; other ones are logged
        :return: how many trackable emails were due
        :rtype: int
        """
        self.flush_model()
        # Locked, as `trackable.hit._claim` does: each is told once.
        query = SQL("%s FOR NO KEY UPDATE SKIP LOCKED", DUE_NOTICES)
        emails = self.browse(row[0] for row in self.env.execute_query(query))
        if emails:
            emails._notify_or_wait(is_fatal)
            self.flush_model()  # what is due next is read by SQL
        return len(emails)

    def _notify_or_wait(self, is_fatal):
        """Tell their senders what is news, and note that it was told; those for whom it
        is quiet now are told afterwards.

        Whatever becomes of a notice, it is not tried again.

        :param is_fatal: tells which exceptions to raise
        """
        now = fields.Datetime.now()
        readers = self.user_id.exists().filtered(
            lambda user: user.active and not user.share and user.id != SUPERUSER_ID
        )
        news = self._read_news()
        for user, emails in self.grouped("user_id").items():
            own = [one for email in emails for one in news.get(email, ())]
            if own and user in readers and user.tracking_notice != "off":
                quiet_until = user._get_tracking_quiet_end(now)
                if quiet_until and quiet_until > now:
                    emails.notice_at = quiet_until
                    continue
                self._notify_or_log(user, own, now, is_fatal)
            emails.notice_at = False
            for email in emails.filtered(news.get):
                keys = {_get_news_key(one.kind, one.link) for one in news[email]}
                email.notified_keys = sorted(email._get_notified_keys() | keys)

    def _read_news(self):
        """What the recipients did, as it is judged now, that was not told.

        :return: oldest first
        :rtype: dict[TrackableEmail, list[News]]
        """
        groups = self.env["trackable.email.action"]._read_group(
            [
                ("trackable_email_id", "in", self.ids),
                ("is_counted", "=", True),
            ],
            ["trackable_email_id", "kind", "reason", "trackable_link_id"],
            ["occurred_at:min"],
        )
        first = defaultdict(dict)
        for email, kind, reason, link, date in groups:
            key = _get_news_key(kind, link)
            own = first[email]
            if key not in own or date < own[key].date:
                own[key] = News(email, kind, reason, link, date)
        news = {
            email: sorted(
                (
                    one
                    for key, one in own.items()
                    if key not in email._get_notified_keys()
                ),
                key=lambda one: one.date,
            )
            for email, own in first.items()
        }
        return {email: own for email, own in news.items() if own}

    def _notify_or_log(self, user, news, now, is_fatal):
        """Tell one sender; what cannot be told, for a module that has a say in it, is
        logged.

        :param res.users user:
        :param list[News] news:
        :param datetime now:
        :param is_fatal: tells which exceptions to raise
        """
        try:
            with self.env.cr.savepoint():
                self.env["trackable.notice"]._notify(user, news, now)
        except Exception as error:  # of any module that has a say in messages
            if is_fatal(error):
                raise
            _logger.exception("User %s is not told of %s news", user.id, len(news))
