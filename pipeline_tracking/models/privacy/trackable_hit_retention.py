"""Delete details of set-aside hits, and later the hits (extends trackable.hit).

The company's settings for actions apply to set-aside hits too. Waiting hits stay.
"""

from odoo import api, models
from odoo.tools import SQL

from ..res_company import KEEP_MONTHS

SET_ASIDE_BATCH_SIZE = 500  # hits
# How long a set-aside hit keeps the details that its company does not store. Meanwhile
# an administrator can have the hit processed with all its details.
DETAILS_DAYS = 7

_SET_ASIDE = SQL(
    """
      FROM trackable_hit hit
      JOIN trackable_email email ON email.id = hit.trackable_email_id
      LEFT JOIN res_company company ON company.id = email.company_id
     WHERE hit.error IS NOT NULL
    """
)
# Selects hits whose details are due for deletion. If the company stores all details,
# the details stay as long as the hit.
DETAILS_DUE = SQL(
    """
    SELECT hit.id %s
       AND hit.are_details_deleted IS NOT TRUE
       AND hit.occurred_at < now() AT TIME ZONE 'UTC' - make_interval(days => %s)
       AND (company.tracking_keep_ip = 'full'
            AND company.tracking_keep_user_agent) IS NOT TRUE
     ORDER BY hit.id LIMIT %s
       FOR UPDATE OF hit SKIP LOCKED
    """,
    *(_SET_ASIDE, DETAILS_DAYS, SET_ASIDE_BATCH_SIZE),
)
# Selects set-aside hits older than the retention period of their company.
EXPIRED = SQL(
    """
    SELECT hit.id %(set_aside)s
       AND COALESCE(company.tracking_keep_months, %(months)s) > 0
       AND hit.occurred_at < now() AT TIME ZONE 'UTC' - make_interval(
               months => COALESCE(company.tracking_keep_months, %(months)s))
     ORDER BY hit.id LIMIT %(limit)s
       FOR UPDATE OF hit SKIP LOCKED
    """,
    set_aside=_SET_ASIDE,
    months=KEEP_MONTHS,
    limit=SET_ASIDE_BATCH_SIZE,
)


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_stored_details(self, colleagues):
        """Build the values that replace the request's details: no more than an action
        would store.

        An override returns the dict of `super`, with values for fields that it adds.

        :param res.users colleagues: internal users; actions store no other user
        :return: values for `write` of trackable.hit
        :rtype: dict
        """
        self.ensure_one()
        settings = self.trackable_email_id._get_tracking_settings()
        return {
            "ip": self._get_stored_ip(settings),
            "ip_subscriber": False,
            "user_agent": settings.tracking_keep_user_agent and self.user_agent,
            "purpose": False,
            "user_id": (self.user_id & colleagues).id,
            "are_details_deleted": True,
        }

    # ------------------------------------------------------------
    # Do not override: the daily clean-up
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_set_aside_details(self):
        """Delete the details that the company does not store from set-aside hits that
        are older than `DETAILS_DAYS`.

        :return: how many hits are done, and how many more may be due
        :rtype: tuple[int, int]
        """
        # sudo: trackable.hit - nobody has the right to change it
        hits = self.sudo()._lock_hits(DETAILS_DUE)
        colleagues = hits.user_id.exists().filtered(lambda user: not user.share)
        for hit in hits:
            hit.write(hit._prepare_stored_details(colleagues))
        return hits._get_cleanup_progress()

    @api.autovacuum
    def _gc_set_aside(self):
        """Delete set-aside hits after the retention period of their company.

        :return: how many hits are done, and how many more may be due
        :rtype: tuple[int, int]
        """
        # sudo: trackable.hit - nobody has the right to delete it
        hits = self.sudo()._lock_hits(EXPIRED)
        progress = hits._get_cleanup_progress()
        hits.unlink()
        return progress

    @api.model
    def _lock_hits(self, query):
        """Lock hits in the first statement of the transaction. With an older snapshot,
        rows that changed since would raise serialization failures.

        :param SQL query: selects the ids of the hits, and locks them
        :rtype: TrackableHit
        """
        self.env.flush_all()
        return self.browse(hit_id for (hit_id,) in self.env.execute_query(query))

    def _get_cleanup_progress(self):
        """Return the progress of this batch, as Odoo's autovacuum expects it.

        :return: how many hits are done, and how many more may be due
        :rtype: tuple[int, int]
        """
        is_full = len(self) == SET_ASIDE_BATCH_SIZE
        return len(self), SET_ASIDE_BATCH_SIZE if is_full else 0
