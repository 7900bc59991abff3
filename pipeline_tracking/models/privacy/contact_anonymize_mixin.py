from odoo import models
from odoo.tools import SQL

# In the context while contacts are merged. A client cannot send it.
MERGING = object()


class ContactAnonymizeMixin(models.AbstractModel):
    """Let contacts (``name``, ``email``, ``email_normalized``) be anonymized in what
    tracking knows: by an explicit action, or because the contact is deleted.
    """

    _name = "contact.anonymize.mixin"
    _description = "Contact Anonymize Mixin"

    def unlink(self):
        """Anonymize the trackable emails of deleted contacts, whichever company sent
        them: nobody can open the contact any more.
        """
        emails_sql = self._get_tracked_emails_sql()
        # First, so that nothing changes where the contact may not be deleted.
        result = super().unlink()
        if emails_sql:
            # sudo: trackable.email - a consequence of the deletion, which Odoo has
            # allowed; the user need not see any trackable email
            emails = self.env["trackable.email"].sudo()
            if emails._anonymize_where(emails_sql):
                # Odoo has deleted the entries in their chatters by now.
                emails._delete_chatter_pushes(self)
        return result

    def _anonymize_tracking(self):
        """Anonymize the trackable emails of these contacts that the user may anonymize.
        Their numbers stay, and links go on working.

        :return: the number of trackable emails
        :rtype: int
        """
        emails_sql = self._get_tracked_emails_sql()
        if not emails_sql:
            return 0
        emails = self.env["trackable.email"]
        allowed_sql = emails._get_anonymizable_sql()
        # sudo: trackable.email - nobody has the right to change them
        return emails.sudo()._anonymize_where(
            SQL("(%s) AND %s", emails_sql, allowed_sql)
        )

    def _find_companies_left(self):
        """Return the companies that sent trackable emails to these contacts, and whose
        emails the user may not anonymize.

        :rtype: res.company
        """
        emails_sql = self._get_tracked_emails_sql()
        emails = self.env["trackable.email"]
        if not emails_sql or emails._may_anonymize_all():
            return self.env["res.company"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT company_id FROM trackable_email
                 WHERE (%s) AND NOT %s AND is_anonymous IS NOT TRUE
                """,
                emails_sql,
                emails._get_anonymizable_sql(),
            )
        )
        return self.env["res.company"].browse(company_id for (company_id,) in rows)

    def _get_tracked_emails_sql(self):
        """Return the condition of the trackable emails of these contacts: those sent to
        them, and those without a contact sent to an address that only they have. It
        also holds after the contacts are deleted.

        :return: None where there are no contacts, or where they are being merged:
            another contact takes over their emails
        :rtype: SQL | None
        """
        if not self or self.env.context.get("trackable_merging") is MERGING:
            return None
        self.env["trackable.email"].flush_model()
        own = SQL("FALSE")
        if self._name == "res.partner":
            own = SQL("partner_id = ANY(%s)", self.ids)
        return SQL(
            "%s OR (partner_id IS NULL AND email_to = ANY(%s))",
            own,
            self._get_addresses_of_their_own(own),
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
