from odoo import api, fields, models

from ...tools import consent

CONSENT_FIELDS = (
    "tracking_consent",
    "tracking_consent_date",
    "tracking_consent_origin",
)


class TrackingConsentMixin(models.AbstractModel):
    """Store whether the owner of an address (``email_normalized``) agreed or objected
    to being tracked. An objection stops the tracking of emails already sent.
    """

    _name = "tracking.consent.mixin"
    _description = "Tracking Consent Mixin"

    # Groups: portal users can read contacts of their company.
    tracking_consent = fields.Selection(
        [(consent.AGREED, "Agreed"), (consent.OBJECTED, "Opted out")],
        "Email Tracking",
        groups="base.group_user",
        copy=False,
        help="Agreed: the recipient agreed to email tracking. Opted out: emails to this"
        " address are not tracked, including emails already sent; the recipient still"
        " receives them. Not asked: the setting Track Recipients decides.",
    )
    tracking_consent_date = fields.Datetime(
        "Consent Date", groups="base.group_user", copy=False
    )
    tracking_consent_origin = fields.Char(
        "Consent Source",
        groups="base.group_user",
        copy=False,
        help="How the recipient agreed or opted out, such as a form or a call. If you"
        " leave this empty, your name is stored.",
    )

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _prepare_consent_stamp(self, vals):
        """Build the date and the origin of a consent, for callers that provide neither.
        An override returns the same dict with other values.

        :param dict vals: with ``tracking_consent``
        :return: values of ``tracking_consent_date`` and ``tracking_consent_origin``
        :rtype: dict
        """
        if not vals["tracking_consent"]:
            return {"tracking_consent_date": False, "tracking_consent_origin": False}
        return {
            "tracking_consent_date": fields.Datetime.now(),
            "tracking_consent_origin": self.env._("Entered by %s", self.env.user.name),
        }

    # ------------------------------------------------------------
    # Do not override: effects of a change of consent
    # ------------------------------------------------------------

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
        records.filtered(
            lambda record: record.sudo().tracking_consent
        )._apply_consent_change()
        return records

    def write(self, vals):
        if "tracking_consent" not in vals:
            return super().write(vals)
        # sudo: users who may change a consent may read the previous consent
        previous_consents = {record: record.sudo().tracking_consent for record in self}
        changed = self.filtered(
            lambda record: (
                (previous_consents[record] or False)
                != (vals["tracking_consent"] or False)
            )
        )
        unchanged = self - changed
        if unchanged:
            super(TrackingConsentMixin, unchanged).write(vals)
        if changed:
            stamped = {**self._prepare_consent_stamp(vals), **vals}
            super(TrackingConsentMixin, changed).write(stamped)
            changed._apply_consent_change(
                changed.filtered(
                    lambda record: previous_consents[record] == consent.OBJECTED
                )
            )
        return True

    def _apply_consent_change(self, previously_objecting=None):
        """Apply the new consent of these records: store objections by address, so that
        they outlive the contact, and stop the tracking of emails already sent. Delete
        objections that were recorded on a contact and are withdrawn on it.

        :param previously_objecting: these records whose previous consent objected
        """
        # sudo: the record, trackable.objection, trackable.email - consequences of a
        # change that the user may make
        records = self.sudo().filtered("email_normalized")
        objecting = records.filtered(
            lambda record: record.tracking_consent == consent.OBJECTED
        )
        stamp = self._prepare_consent_stamp({"tracking_consent": consent.OBJECTED})
        origins = {
            record.email_normalized: record.tracking_consent_origin
            or stamp["tracking_consent_origin"]
            for record in objecting
        }
        addresses = origins.keys()
        Objection = self.env["trackable.objection"].sudo()
        Objection._store_objections_by_address(
            origins, is_entered_on_contact=self._name != Objection._name
        )
        if previously_objecting:
            withdrawing = (previously_objecting.sudo() & records) - objecting
            Objection._delete_withdrawn_objections(
                set(withdrawing.mapped("email_normalized")) - addresses
            )
        self.env["trackable.email"].sudo()._stop_tracking_of_addresses(set(addresses))
