from odoo import api, models
from odoo.tools import SQL

from ..res_company import KEEP_MONTHS

SET_ASIDE_BATCH_SIZE = 500  # hits
# How long a hit that was set aside keeps what its company does not store of requests:
# an administrator can have it processed as it came.
DETAILS_DAYS = 7

_SET_ASIDE = SQL(
    """
      FROM trackable_hit hit
      JOIN trackable_email email ON email.id = hit.trackable_email_id
      LEFT JOIN res_company company ON company.id = email.company_id
     WHERE hit.error IS NOT NULL
    """
)
# Hits with details that are due to be deleted. Where the company stores all of them,
# they stay as long as the hit.
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
# Hits older than their company keeps actions.
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
    """Delete the details of hits that were set aside, and later the hits, by the rules
    of their company for actions (extends trackable.hit). Hits that wait are not
    touched.
    """

    _inherit = "trackable.hit"

    @api.autovacuum
    def _gc_set_aside_details(self):
        """Delete the details that the company does not store, of hits that were set
        aside and are older than `DETAILS_DAYS`.

        :return: how many hits are done, and how many more may be due
        :rtype: tuple[int, int]
        """
        # sudo: trackable.hit - nobody has the right to change it
        hits = self.sudo()._claim_set_aside(DETAILS_DUE)
        colleagues = hits.user_id.exists().filtered(lambda user: not user.share)
        for hit in hits:
            hit.write(hit._prepare_stored_details(colleagues))
        return hits._count_done()

    @api.autovacuum
    def _gc_set_aside(self):
        """Delete hits that were set aside and are older than the company keeps actions.

        :return: how many hits are done, and how many more may be due
        :rtype: tuple[int, int]
        """
        # sudo: trackable.hit - nobody has the right to delete it
        hits = self.sudo()._claim_set_aside(EXPIRED)
        done = hits._count_done()
        hits.unlink()
        return done

    @api.model
    def _claim_set_aside(self, query):
        """Lock hits: the first statement of its transaction, as `_claim` is.

        :param SQL query: for their ids
        :rtype: TrackableHit
        """
        self.env.flush_all()
        return self.browse(hit_id for (hit_id,) in self.env.execute_query(query))

    def _count_done(self):
        """Return what Odoo's clean-up asks of a batch: so many are done, and so many
        are known to be left.

        :rtype: tuple[int, int]
        """
        is_full = len(self) == SET_ASIDE_BATCH_SIZE
        return len(self), SET_ASIDE_BATCH_SIZE if is_full else 0

    def _prepare_stored_details(self, colleagues):
        """Build the values of what stays of the request's details: no more than an
        action would store. To be extended.

        :param res.users colleagues: internal users, whose names actions store
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
