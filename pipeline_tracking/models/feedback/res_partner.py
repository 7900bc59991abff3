"""Emails of a contact are emails to the contact, and from its form (extends
res.partner).
"""

from odoo import api, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_trackable_emails_sql(self):
        # The emails of a company include the emails of its contacts. The recursive
        # UNION ends if contacts are each other's parent. With the arrays, PostgreSQL
        # expects few contacts and uses indexes. The last condition leaves most
        # duplicates out of the second UNION, which removes the others.
        self.env["res.partner"].flush_model(["parent_id"])
        return SQL(
            """
            WITH RECURSIVE family (record_id, partner_id) AS (
                SELECT id, id FROM res_partner WHERE id = ANY(%s)
                 UNION
                SELECT family.record_id, child.id
                  FROM res_partner child
                  JOIN family ON child.parent_id = family.partner_id
            )
            SELECT family.record_id, email.id
              FROM family
              JOIN trackable_email email USING (partner_id)
             WHERE email.partner_id = ANY(ARRAY(SELECT partner_id FROM family))
             UNION
            SELECT family.record_id, email.id
              FROM family
              JOIN trackable_email email ON email.res_id = family.partner_id
             WHERE email.res_model = 'res.partner'
               AND email.res_id = ANY(ARRAY(SELECT partner_id FROM family))
               AND email.partner_id IS DISTINCT FROM email.res_id
            """,
            self.ids,
        )

    def _get_trackable_emails_domain(self):
        # sudo: res.partner - the access rules of emails apply, not those of contacts
        partners = self.sudo().with_context(active_test=False)
        family = partners.search([("id", "child_of", self.ids)]).ids
        return [
            "|",
            ("partner_id", "in", family),
            "&",
            ("res_model", "=", "res.partner"),
            ("res_id", "in", family),
        ]

    @api.model
    def _get_records_of_trackable_emails_sql(self, emails):
        self.env["res.partner"].flush_model(["parent_id"])
        return SQL(
            """
            WITH RECURSIVE family (id) AS (
                SELECT partner_id FROM trackable_email WHERE id IN (%(emails)s)
                 UNION
                SELECT res_id
                  FROM trackable_email
                 WHERE res_model = 'res.partner' AND id IN (%(emails)s)
                 UNION
                SELECT child.parent_id FROM res_partner child JOIN family USING (id)
            )
            SELECT id FROM family WHERE id IS NOT NULL
            """,
            emails=emails,
        )

    @api.model
    def _shows_last_action(self):
        return True

    @api.model
    def _prepare_last_action_column(self):
        # Most lists of contacts have no room for a further column.
        column = super()._prepare_last_action_column()
        column.set("optional", "hide")
        return column
