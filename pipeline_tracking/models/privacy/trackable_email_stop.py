from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import consent
from ..feedback.chatter_channel import push_badges


class TrackableEmail(models.Model):
    """Stop the tracking of emails already sent (extends trackable.email). Links still
    work.
    """

    _inherit = "trackable.email"

    def action_stop(self):
        """Record nothing more of these emails."""
        self.check_access("read")  # who may see what becomes of it may end that
        # sudo: trackable.email - nobody has the right to change them
        self.sudo()._stop(SQL("id = ANY(%s)", self.ids))

    def action_object(self):
        """Keep that the recipients do not want to be tracked, and stop all emails to
        them.

        :raise UserError: whose they are is not known any more
        """
        self.check_access("read")
        addresses = set(self.mapped("email_to"))
        if not all(addresses):
            raise UserError(self.env._("Who got it is not known any more."))
        origin = self.env._("Entered by %s", self.env.user.name)
        for address in addresses:
            self.env["trackable.objection"]._record_objection(address, origin)

    def _object_by_link(self):
        """What the recipient says by the link in his email."""
        self.ensure_one()
        if self.email_to:
            date = fields.Date.context_today(self, self.sent_date)
            origin = self.env._("The link in an email of %s", date)
            self.env["trackable.objection"]._record_objection(self.email_to, origin)
        else:
            self._stop(SQL("id = %s", self.id))

    @api.model
    def _stop_for(self, addresses):
        """Record nothing more of emails to these addresses.

        :param set[str] addresses: normalised
        """
        if addresses:
            self._stop(SQL("email_to = ANY(%s)", list(addresses)))

    @api.model
    def _stop(self, condition):
        """Stop trackable emails; what waits in the queue of them goes.

        :param SQL condition: which
        """
        self.flush_model()
        self.env["trackable.hit"].flush_model()
        # SQL: to one person there can be thousands; and hits that come meanwhile are
        # appended, or not, by their own statements.
        rows = self.env.execute_query(
            SQL(
                """
                WITH stopped AS (
                    UPDATE trackable_email SET is_stopped = TRUE
                     WHERE %s AND is_stopped IS NOT TRUE
                    RETURNING id
                ), dropped AS (
                    DELETE FROM trackable_hit
                     WHERE trackable_email_id IN (SELECT id FROM stopped)
                )
                SELECT id FROM stopped
                """,
                condition,
            )
        )
        self.invalidate_model(["is_stopped"])
        self.env["trackable.hit"].invalidate_model()
        push_badges(self.browse(email_id for (email_id,) in rows))

    def _filter_no_longer_tracked(self):
        """Those of which nothing may be recorded as things are now: they were stopped,
        the company tracks nothing, or tracks only who agreed.

        :rtype: TrackableEmail
        """
        settings = {email: email._get_tracking_settings() for email in self}
        unwanted = self.filtered(
            lambda email: email.is_stopped or not settings[email].is_tracking_allowed
        )
        left = (self - unwanted).filtered("email_to")
        consents = self.env["trackable.objection"]._read_consents(
            left.mapped("email_to")
        )
        return unwanted | left.filtered(
            lambda email: (
                not consent.permits(
                    consents[email.email_to], settings[email].tracking_consent_mode
                )
            )
        )
