"""Stop tracking emails already sent (extends trackable.email). Links still work."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import consent
from ..feedback.chatter_channel import push_badges


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    @api.depends("email_to")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_has_objected(self):
        """Compute whether the user may know that the recipient opted out."""
        addresses = set(self.mapped("email_to")) - {False}
        consents = self.env["trackable.objection"]._read_consents(
            addresses, readable_only=True
        )
        for email in self:
            email.has_objected = consents.get(email.email_to) == consent.OBJECTED

    def action_stop(self):
        """Stop the tracking of these emails."""
        # Users who may read the tracking of an email may stop it.
        self.check_access("read")
        # sudo: trackable.email - nobody has the right to change them
        self.sudo()._stop_tracking_where(SQL("id = ANY(%s)", self.ids))

    def action_object(self):
        """Record the objections of the recipients, and stop the tracking of all emails
        to them.

        :raise UserError: a recipient is no longer known
        """
        self.check_access("read")
        addresses = set(self.mapped("email_to"))
        if not all(addresses):
            raise UserError(
                self.env._(
                    "The address of this recipient is no longer known, so the recipient"
                    " cannot be opted out here. Set Email Tracking to Opted out on the"
                    " contact instead."
                )
            )
        origin = self.env._("Entered by %s", self.env.user.name)
        for address in addresses:
            self.env["trackable.objection"]._record_objection(address, origin)

    def _has_recipient_objected(self):
        """Return whether the recipient has opted out. If the address of the recipient
        is no longer known, return whether the tracking of this email is stopped.

        :rtype: bool
        """
        self.ensure_one()
        if not self.email_to:
            return self.is_stopped
        consents = self.env["trackable.objection"]._read_consents([self.email_to])
        return consents[self.email_to] == consent.OBJECTED

    def _record_objection_by_link(self):
        """Record that the recipient objected by the link in this email. If the address
        of the recipient is no longer known, only stop the tracking of this email.
        """
        self.ensure_one()
        if self.email_to:
            date = fields.Date.context_today(self, self.sent_date)
            origin = self.env._("Opt-out link in an email of %s", date)
            self.env["trackable.objection"]._record_objection(self.email_to, origin)
        else:
            self._stop_tracking_where(SQL("id = %s", self.id))

    @api.model
    def _stop_tracking_of_addresses(self, addresses):
        """Stop the tracking of all emails to these addresses.

        :param set[str] addresses: normalized
        """
        if addresses:
            self._stop_tracking_where(SQL("email_to = ANY(%s)", list(addresses)))

    @api.model
    def _stop_tracking_where(self, condition):
        """Stop trackable emails, and delete their hits in the queue and what remembers
        the clients of recent requests.

        :param SQL condition: selects the trackable emails
        """
        self.flush_model()
        self.env["trackable.hit"].flush_model()
        self.env["trackable.email.action"].flush_model()
        # SQL: one person can have thousands of emails. Statements that append hits
        # meanwhile read `is_stopped` themselves.
        rows = self.env.execute_query(
            SQL(
                """
                WITH stopped AS (
                    UPDATE trackable_email SET is_stopped = TRUE
                     WHERE %s AND is_stopped IS NOT TRUE
                    RETURNING id
                ), deleted AS (
                    DELETE FROM trackable_hit
                     WHERE trackable_email_id IN (SELECT id FROM stopped)
                ), forgotten AS (
                    DELETE FROM trackable_client
                     USING trackable_email_action action
                     WHERE action.id = action_id
                       AND action.trackable_email_id IN (SELECT id FROM stopped)
                )
                SELECT id FROM stopped
                """,
                condition,
            )
        )
        self.invalidate_model(["is_stopped"])
        self.env["trackable.hit"].invalidate_model()
        self.env["trackable.email.action"].invalidate_model(["client_ids"])
        push_badges(self.browse(email_id for (email_id,) in rows))

    def _filter_no_longer_tracked(self):
        """Add emails of companies that track no emails, and emails whose recipients may
        not be tracked.
        """
        settings = {email: email._get_tracking_settings() for email in self}
        stopped = super()._filter_no_longer_tracked() | self.filtered(
            lambda email: not settings[email].is_tracking_allowed
        )
        addressed = (self - stopped).filtered("email_to")
        consents = self.env["trackable.objection"]._read_consents(
            addressed.mapped("email_to")
        )
        return stopped | addressed.filtered(
            lambda email: (
                not consent.permits(
                    consents[email.email_to], settings[email].tracking_consent_mode
                )
            )
        )
