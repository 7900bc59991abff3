from odoo import api, fields, models

from ...tools import consent

NAMES = ("tracking_consent", "tracking_consent_date", "tracking_consent_origin")


class TrackingConsentMixin(models.AbstractModel):
    """Of who has an address (``email_normalized``): whether he or she wants emails to
    it to be tracked.
    """

    _name = "tracking.consent.mixin"
    _description = "Tracking Consent Mixin"

    # Groups: customers in the portal see each other.
    tracking_consent = fields.Selection(
        [(consent.AGREED, "Agreed"), (consent.OBJECTED, "Objected")],
        "Email Tracking",
        groups="base.group_user",
        copy=False,
        help="Objected: emails and mailings to this address are not tracked, and"
        " nothing more is recorded of those already sent. They are sent all the same.",
    )
    tracking_consent_date = fields.Datetime(
        "Tracking Consent on", groups="base.group_user", copy=False
    )
    tracking_consent_origin = fields.Char(
        "Tracking Consent from",
        groups="base.group_user",
        copy=False,
        help="How it was given: a form, a call… Where nobody says, who entered it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(
            [
                {**self._prepare_consent_stamp(vals), **vals}
                if vals.get("tracking_consent")
                else vals
                for vals in vals_list
            ]
        )
        records.filtered(lambda one: one.sudo().tracking_consent)._follow_consent()
        return records

    def write(self, vals):
        if "tracking_consent" not in vals:
            return super().write(vals)
        # sudo: whoever may change it may know what it was
        before = {record: record.sudo().tracking_consent for record in self}
        changed = self.filtered(
            lambda one: (before[one] or False) != (vals["tracking_consent"] or False)
        )
        unchanged = self - changed
        if unchanged:
            super(TrackingConsentMixin, unchanged).write(vals)
        if changed:
            stamped = {**self._prepare_consent_stamp(vals), **vals}
            super(TrackingConsentMixin, changed).write(stamped)
            changed._follow_consent(
                changed.filtered(lambda one: before[one] == consent.OBJECTED)
            )
        return True

    @api.model
    def _prepare_consent_stamp(self, vals):
        """When and how it was given, for who does not say. To be extended.

        :param dict vals: with ``tracking_consent``
        :rtype: dict
        """
        if not vals["tracking_consent"]:
            return {"tracking_consent_date": False, "tracking_consent_origin": False}
        return {
            "tracking_consent_date": fields.Datetime.now(),
            "tracking_consent_origin": self.env._("Entered by %s", self.env.user.name),
        }

    def _follow_consent(self, withdrawing=None):
        """Extend an objection to emails already sent, and keep it whatever becomes of
        the contact. A contact on which it was recorded can withdraw it.

        :param withdrawing: those of these records that objected before
        """
        # sudo: the record, trackable.objection, trackable.email - whoever may change it
        # may have it followed
        records = self.sudo().filtered("email_normalized")
        objecting = records.filtered(
            lambda one: one.tracking_consent == consent.OBJECTED
        )
        origins = {
            record.email_normalized: record.tracking_consent_origin
            for record in objecting
        }
        addresses = origins.keys()
        Objection = self.env["trackable.objection"].sudo()
        Objection._insert_objections(
            origins, is_entered_on_contact=self._name != Objection._name
        )
        if withdrawing:
            lifted = (withdrawing.sudo() & records) - objecting
            Objection._lift_objections(
                set(lifted.mapped("email_normalized")) - addresses
            )
        self.env["trackable.email"].sudo()._stop_for(set(addresses))
