from odoo import models
from odoo.tools import SQL

# Value of `trackable_merging` in the context while contacts are merged. It is an
# object, so that no client can put this value into the context of a request.
MERGING_CONTACTS = object()


class ContactAnonymizeMixin(models.AbstractModel):
    """Anonymize the trackable emails of contacts: by an explicit action, or because the
    contact is deleted. The model has ``name``, ``email`` and ``email_normalized``.
    """

    _name = "contact.anonymize.mixin"
    _description = "Contact Anonymize Mixin"

    def unlink(self):
        """Anonymize the trackable emails of deleted contacts, including emails of other
        companies: no user can open the contact later to anonymize them.
        """
        emails_sql = self._get_tracked_emails_sql()
        # Delete first: if the user may not delete the contact, nothing else changes.
        result = super().unlink()
        if emails_sql:
            # sudo: trackable.email - a consequence of the deletion, which Odoo has
            # allowed; the user need not see any trackable email
            emails = self.env["trackable.email"].sudo()
            if emails._anonymize_where(emails_sql):
                # Odoo has already deleted the entries in the contacts' chatters, so
                # find the bus notifications about these entries by chatter.
                emails._delete_bus_notifications_of_chatters(self)
        return result

    def _anonymize_tracked_emails(self):
        """Anonymize the trackable emails of these contacts that the user may anonymize.
        Counters stay, and links still work.

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

    def _find_remaining_companies(self):
        """Return the companies whose trackable emails to these contacts remain, because
        the user may not anonymize them.

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
        """Return the condition of the trackable emails of these contacts: emails sent
        to them, and emails without a contact to an address that only these contacts
        have. The condition stays valid after the contacts are deleted.

        :return: the condition; None without contacts, or while they are merged: another
            contact takes over their emails
        :rtype: SQL | None
        """
        if not self or self.env.context.get("trackable_merging") is MERGING_CONTACTS:
            return None
        self.env["trackable.email"].flush_model()
        sent_to_contacts = SQL("FALSE")
        if self._name == "res.partner":
            sent_to_contacts = SQL("partner_id = ANY(%s)", self.ids)
        return SQL(
            "%s OR (partner_id IS NULL AND email_to = ANY(%s))",
            sent_to_contacts,
            self._find_exclusive_addresses(sent_to_contacts),
        )

    def _find_exclusive_addresses(self, sent_to_contacts):
        """Return the addresses that only these contacts have: their current addresses,
        and the addresses to which emails were sent to them.

        :param SQL sent_to_contacts: selects the trackable emails sent to them
        :rtype: list[str]
        """
        contact_models = (self.env["res.partner"], self.env["mailing.contact"])
        for contact_model in contact_models:
            contact_model.flush_model(["email_normalized"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT address
                  FROM (SELECT email_normalized AS address FROM %(table)s
                         WHERE id = ANY(%(ids)s)
                         UNION
                        SELECT email_to FROM trackable_email
                         WHERE %(sent_to_contacts)s) AS contact_address
                 WHERE address IS NOT NULL AND %(is_exclusive)s
                """,
                table=SQL.identifier(self._table),
                ids=self.ids,
                sent_to_contacts=sent_to_contacts,
                is_exclusive=SQL(" AND ").join(
                    SQL(
                        "NOT EXISTS (SELECT FROM %s AS other"
                        " WHERE other.email_normalized = address"
                        " AND other.id != ALL(%s))",
                        SQL.identifier(contact_model._table),
                        self.ids if contact_model._name == self._name else [],
                    )
                    for contact_model in contact_models
                ),
            )
        )
        return [address for (address,) in rows]
