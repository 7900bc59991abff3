from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, email_normalize

from ...tools import consent


class TrackableObjection(models.Model):
    """The objection of an address to being tracked, whether or not a contact has the
    address, and whatever becomes of that contact.

    It binds every company. A manager can add one, and only an administrator can
    change or delete one.
    """

    _name = "trackable.objection"
    _inherit = ["tracking.consent.mixin"]
    _description = "Tracking Consent of an Address"
    _rec_name = "email_normalized"
    _order = "tracking_consent_date desc, id desc"

    email_normalized = fields.Char("Email Address", required=True)
    # `tracking.consent.mixin` has it optional, with consent.
    tracking_consent = fields.Selection(required=True, default=consent.OBJECTED)

    # A colleague recorded it on a contact, and can withdraw it there. Only
    # administrators lift what the recipient said by the link, or a manager added.
    is_entered_on_contact = fields.Boolean(readonly=True)

    _address_uniq = models.Constraint(
        "UNIQUE(email_normalized)", "This address is there already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {
                    "tracking_consent": consent.OBJECTED,
                    **vals,
                    **self._prepare_address(vals),
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        result = super().write({**vals, **self._prepare_address(vals)})
        if "email_normalized" in vals:
            self._follow_consent()
        return result

    @api.model
    def _prepare_address(self, vals):
        """Return the address among these values as emails are compared by it.

        :param dict vals:
        :rtype: dict
        :raise ValidationError: it is no address
        """
        if "email_normalized" not in vals:
            return {}
        address = email_normalize(vals["email_normalized"])
        if not address:
            raise ValidationError(
                self.env._(
                    "%s is not one email address.", vals["email_normalized"] or "“”"
                )
            )
        return {"email_normalized": address}

    @api.constrains("tracking_consent")
    def _check_objection(self):
        """Consent is given by contacts: here it would lift the objection itself."""
        if any(one.tracking_consent != consent.OBJECTED for one in self):
            raise ValidationError(
                self.env._(
                    "Only objections are kept here. To lift one, delete it. Consent is"
                    " recorded on the contact."
                )
            )

    @api.model
    def _get_models(self):
        """Models that say of an address whether it may be tracked: each inherits
        `tracking.consent.mixin`, and stores ``email_normalized``. To be extended.

        :rtype: list[str]
        """
        return ["res.partner", "mailing.contact", "trackable.objection"]

    @api.model
    def _read_consents(self, addresses, readable_only=False):
        """What holds for these addresses: where several have one, the most restrictive.
        Who is archived still objects, and no longer agrees.

        :param addresses: normalised
        :param bool readable_only: ignore what the current user may not read, which is
            for texts that the user sees. Whether an email is tracked depends on all.
        :return: for each, `consent.AGREED`, `consent.OBJECTED` or None
        :rtype: dict[str, str | None]
        """
        addresses = list(set(addresses))
        models = [self.env[name] for name in self._get_models()]
        if readable_only:
            models = [model for model in models if model.has_access("read")]
        if not addresses or not models:
            return dict.fromkeys(addresses)
        said = defaultdict(list)
        # SQL: also of contacts that the sender may not read, and one query for all.
        for address, value in self.env.execute_query(
            SQL(" UNION ALL ").join(
                self._get_consents_query(model, addresses, readable_only)
                for model in models
            )
        ):
            said[address].append(value)
        return {address: consent.combine(said[address]) for address in addresses}

    @api.model
    def _get_consents_query(self, model, addresses, readable_only):
        model.flush_model(["email_normalized", "tracking_consent"])
        readable = SQL("TRUE")
        if readable_only:
            records = model.with_context(active_test=False)
            found = records._search([("email_normalized", "in", addresses)])
            readable = SQL("id IN %s", found.subselect())
        return SQL(
            "SELECT email_normalized, tracking_consent FROM %(table)s"
            " WHERE email_normalized = ANY(%(addresses)s) AND (%(counts)s)"
            " AND (%(readable)s)",
            table=SQL.identifier(model._table),
            addresses=addresses,
            counts=SQL("active IS TRUE OR tracking_consent = %s", consent.OBJECTED)
            if "active" in model._fields
            else SQL("TRUE"),
            readable=readable,
        )

    @api.model
    def _record_objection(self, address, origin):
        """Record the objection of an address: on each contact that has it, and by
        itself. Stop the tracking of emails already sent to it.

        :param str address: normalised
        :param str origin: how the recipient objected
        """
        # sudo: res.partner, mailing.contact - the recipient objects, not the user
        self = self.sudo().with_context(active_test=False)
        values = {
            "tracking_consent": consent.OBJECTED,
            "tracking_consent_origin": origin,
        }
        for name in self._get_models():
            records = self.env[name].search([("email_normalized", "=", address)])
            records.filtered(
                lambda record: record.tracking_consent != consent.OBJECTED
            ).write(values)
        self._insert_objections({address: origin})
        # Whatever was said before: what was sent meanwhile is stopped as well.
        self.env["trackable.email"]._stop_for({address})

    @api.model
    def _insert_objections(self, origins, is_entered_on_contact=False):
        """Store objections by address, so that they outlive contacts.

        :param dict[str, str] origins: normalised address -> how the recipient objected
        :param bool is_entered_on_contact: whether it can be withdrawn there
        """
        if not origins:
            return
        # SQL: another transaction may insert the same address at this moment.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO trackable_objection
                       (email_normalized, tracking_consent, tracking_consent_date,
                        tracking_consent_origin, is_entered_on_contact)
                SELECT address, %s, %s, origin, %s
                  FROM unnest(%s::varchar[], %s::varchar[]) AS entry (address, origin)
                    ON CONFLICT (email_normalized) DO UPDATE
                       SET is_entered_on_contact = FALSE
                     WHERE NOT EXCLUDED.is_entered_on_contact
                """,
                consent.OBJECTED,
                fields.Datetime.now(),
                is_entered_on_contact,
                list(origins.keys()),
                list(origins.values()),
            )
        )
        self.invalidate_model()

    @api.model
    def _lift_objections(self, addresses):
        """Delete objections that were recorded on contacts and are withdrawn there.

        :param set[str] addresses: normalised
        """
        self.search(
            [
                ("email_normalized", "in", list(addresses)),
                ("is_entered_on_contact", "=", True),
            ]
        ).unlink()
