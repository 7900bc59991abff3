"""Name the recipient and the source record (extends trackable.email)."""

from odoo import api, models
from odoo.fields import Domain

from .record_access import filter_accessible


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _get_person_models(self):
        """Return the names of the models whose records are persons: if an email without
        a contact was sent from such a record, this record names the recipient.

        An override appends names of models with a stored name.

        :rtype: list[str]
        """
        return ["mailing.contact"]

    # ------------------------------------------------------------
    # Do not override
    # ------------------------------------------------------------

    @api.depends("partner_id", "email_to", "res_model", "res_id")
    def _compute_recipient_name(self):
        """Compute the name of the contact, else of the mailing contact, else the
        address.
        """
        # sudo: res.partner, mailing.contact - users who may see the tracking of an
        # email see its recipient
        emails = self.sudo()
        partner_names = {
            # The display name begins with the company: two names for one person.
            partner.id: partner.name or partner.display_name
            for partner in emails.partner_id.exists()
        }
        persons = {
            (model, person.id): person.display_name
            for model in self._get_person_models()
            for person in emails.env[model]
            .browse(
                {
                    email.res_id
                    for email in emails
                    if email.res_model == model and email.res_id
                }
            )
            .exists()
        }
        for email in emails:
            email.recipient_name = (
                partner_names.get(email.partner_id.id)
                or persons.get((email.res_model, email.res_id))
                or email.email_to
            )

    def _search_recipient_name(self, operator, value):
        if operator != "ilike":
            return NotImplemented
        domain = Domain("partner_id", operator, value) | Domain(
            "email_to", operator, value
        )
        for model in self._get_person_models():
            # sudo: mailing.contact - as in `_compute_recipient_name`
            persons = (
                self.env[model].sudo()._search([("display_name", operator, value)])
            )
            domain |= Domain("res_model", "=", model) & Domain("res_id", "in", persons)
        return domain

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_source_name(self):
        """Compute the kind and the name of the record, if the user may read it."""
        keys = {(email.res_model, email.res_id) for email in self}
        names = {
            key: record.display_name
            for key, record in filter_accessible(self.env, keys).items()
        }
        Model = self.env["ir.model"]
        models = Model.browse(
            {Model._get_id(model) for model, _res_id in keys if model in self.env}
        )
        # sudo: ir.model - the names of models are no secret
        kinds = {model.model: model.name for model in models.sudo()}
        for email in self:
            key = (email.res_model, email.res_id)
            parts = [kinds.get(email.res_model), names.get(key)]
            email.source_name = ": ".join(filter(None, parts))
