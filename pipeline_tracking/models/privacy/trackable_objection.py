from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, email_normalize

from ...tools import consent


class TrackableObjection(models.Model):
    """An objection: the owner of an email address refuses to be tracked. The objection
    is stored by address, so it remains when contacts with the address are deleted.

    An objection binds every company. Managers can add objections, and only
    administrators can change or delete them.

    When a person objects, by the link in an email or through a colleague,
    `_record_objection` stores the objection and stops the tracking of emails already
    sent. When the consent of a contact changes to opted out, `_apply_consent_change` of
    `tracking.consent.mixin` does the same. When the objection is withdrawn on the
    contact, that method deletes the objection.
    """

    _name = "trackable.objection"
    _inherit = ["tracking.consent.mixin"]
    _description = "Tracking Opt-out"
    _rec_name = "email_normalized"
    _order = "tracking_consent_date desc, id desc"

    email_normalized = fields.Char("Email Address", required=True)
    # Required, unlike in `tracking.consent.mixin`: each record is an objection.
    tracking_consent = fields.Selection(required=True, default=consent.OBJECTED)

    # True if a colleague recorded the objection on a contact: only such an objection
    # can be withdrawn on a contact. Administrators can delete every objection.
    is_entered_on_contact = fields.Boolean(readonly=True)

    _address_uniq = models.Constraint(
        "UNIQUE(email_normalized)", "There is already an opt-out for this address."
    )

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _get_consent_models(self):
        """Return the names of the models that store consent by address. Each inherits
        `tracking.consent.mixin` and stores ``email_normalized``. An override appends
        names.

        :rtype: list[str]
        """
        return ["res.partner", "mailing.contact", "trackable.objection"]

    # ------------------------------------------------------------
    # Do not override: how addresses, consents and objections are stored and read
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {
                    "tracking_consent": consent.OBJECTED,
                    **vals,
                    **self._prepare_normalized_address(vals),
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        result = super().write({**vals, **self._prepare_normalized_address(vals)})
        if "email_normalized" in vals:
            self._apply_consent_change()
        return result

    @api.model
    def _prepare_normalized_address(self, vals):
        """Normalize the address in these values.

        :param dict vals: values of a record
        :return: the values to replace; empty if the values contain no address
        :rtype: dict
        :raise ValidationError: the text is not exactly one address
        """
        if "email_normalized" not in vals:
            return {}
        address = email_normalize(vals["email_normalized"])
        if not address:
            raise ValidationError(
                self.env._(
                    "%s is not a valid email address. Enter exactly one address.",
                    vals["email_normalized"] or "“”",
                )
            )
        return {"email_normalized": address}

    @api.constrains("tracking_consent")
    def _check_objection(self):
        """Refuse any value but an objection: agreements are stored on contacts, and an
        agreement here would end the objection.
        """
        if any(record.tracking_consent != consent.OBJECTED for record in self):
            raise ValidationError(
                self.env._(
                    "This list can only contain opt-outs. To cancel an opt-out, delete"
                    " it. To record consent, use the contact."
                )
            )

    @api.model
    def _read_consents(self, addresses, readable_only=False):
        """Read the consents of these addresses. If several records have an address, the
        most restrictive consent holds. The objection of an archived record counts, its
        agreement does not.

        :param addresses: normalized
        :param bool readable_only: ignore records that the current user may not read,
            for texts that the user sees. The decision to track an email reads all
            records.
        :return: address -> `consent.AGREED`, `consent.OBJECTED` or None
        :rtype: dict[str, str | None]
        """
        addresses = list(set(addresses))
        models = [self.env[name] for name in self._get_consent_models()]
        if readable_only:
            models = [model for model in models if model.has_access("read")]
        if not addresses or not models:
            return dict.fromkeys(addresses)
        consents_by_address = defaultdict(list)
        # SQL: one query for all models. It also reads contacts that the sender may not
        # read.
        for address, address_consent in self.env.execute_query(
            SQL(" UNION ALL ").join(
                self._get_consents_query(model, addresses, readable_only)
                for model in models
            )
        ):
            consents_by_address[address].append(address_consent)
        return {
            address: consent.combine(consents_by_address[address])
            for address in addresses
        }

    @api.model
    def _get_consents_query(self, model, addresses, readable_only):
        """Return the query of addresses and consents of one model.

        :param model: one of `_get_consent_models`
        :rtype: SQL
        """
        model.flush_model(["email_normalized", "tracking_consent"])
        readable = SQL("TRUE")
        if readable_only:
            records = model.with_context(active_test=False)
            query = records._search([("email_normalized", "in", addresses)])
            readable = SQL("id IN %s", query.subselect())
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
        """Record that the owner of an address objects: on each contact with the
        address, and as a record of this model. Stop the tracking of emails already sent
        to the address.

        :param str address: normalized
        :param str origin: how the recipient objected
        """
        # sudo: res.partner, mailing.contact - the recipient objects, not the user
        self = self.sudo().with_context(active_test=False)
        values = {
            "tracking_consent": consent.OBJECTED,
            "tracking_consent_origin": origin,
        }
        for name in self._get_consent_models():
            records = self.env[name].search([("email_normalized", "=", address)])
            records.filtered(
                lambda record: record.tracking_consent != consent.OBJECTED
            ).write(values)
        self._store_objections_by_address({address: origin})
        # Even if the address objected before: an email sent since then may be tracked.
        self.env["trackable.email"]._stop_tracking_of_addresses({address})

    @api.model
    def _store_objections_by_address(self, origins, is_entered_on_contact=False):
        """Store objections by address, so that they outlive contacts.

        :param dict[str, str] origins: normalized address -> how the recipient objected
        :param bool is_entered_on_contact: whether a colleague recorded the objections
            on contacts, and so can withdraw the objections there. An existing objection
            loses this flag if the owner of the address objects in another way.
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
    def _delete_withdrawn_objections(self, addresses):
        """Delete objections that colleagues recorded on contacts and withdrew there.

        :param set[str] addresses: normalized
        """
        self.search(
            [
                ("email_normalized", "in", list(addresses)),
                ("is_entered_on_contact", "=", True),
            ]
        ).unlink()
