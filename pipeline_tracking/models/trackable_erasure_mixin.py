from odoo import models
from odoo.tools import SQL


class TrackableErasureMixin(models.AbstractModel):
    """Of contacts (``name``, ``email``, ``email_normalized``): with a contact goes what
    tracking knows of the person.
    """

    _name = "trackable.erasure.mixin"
    _description = "Trackable Erasure Mixin"

    def write(self, vals):
        # Who takes both away makes a contact anonymous. An address alone is emptied
        # because it bounced, a name alone is corrected.
        if "email" in vals and not vals["email"] and vals.get("name"):
            self.filtered(
                lambda one: one.email and one.name != vals["name"]
            )._erase_tracking()
        return super().write(vals)

    def _erase_tracking(self):
        """Remove what says that trackable emails, and what was done with them, were
        theirs: those sent to them, and those sent to addresses of theirs, of nobody,
        that no other contact has. The numbers stay, and links go on working.

        :return: how many trackable emails there were
        :rtype: int
        """
        # What moves to another contact stays that one's.
        if not self or self.env.context.get("trackable_merging"):
            return 0
        # sudo: trackable.email - nobody has the right to change them
        emails = self.env["trackable.email"].sudo()
        emails.flush_model()
        own = SQL("FALSE")
        if self._name == "res.partner":
            own = SQL("partner_id = ANY(%s)", self.ids)
        return emails._erase(
            SQL(
                "%s OR (partner_id IS NULL AND email_to = ANY(%s))",
                own,
                self._get_addresses_of_their_own(own),
            )
        )

    def _get_addresses_of_their_own(self, own):
        """Addresses that they have, or had when an email was sent to them, and that no
        other contact has.

        :param SQL own: the condition of trackable emails sent to them
        :rtype: list[str]
        """
        contacts = (self.env["res.partner"], self.env["mailing.contact"])
        for contact in contacts:
            contact.flush_model(["email_normalized"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT address
                  FROM (SELECT email_normalized AS address FROM %(table)s
                         WHERE id = ANY(%(ids)s)
                         UNION
                        SELECT email_to FROM trackable_email WHERE %(own)s) AS known
                 WHERE address IS NOT NULL AND %(is_nobody_elses)s
                """,
                table=SQL.identifier(self._table),
                ids=self.ids,
                own=own,
                is_nobody_elses=SQL(" AND ").join(
                    SQL(
                        "NOT EXISTS (SELECT FROM %s AS other"
                        " WHERE other.email_normalized = address"
                        " AND other.id != ALL(%s))",
                        SQL.identifier(contact._table),
                        self.ids if contact._name == self._name else [],
                    )
                    for contact in contacts
                ),
            )
        )
        return [address for (address,) in rows]
