"""Find chatters for entries, and readers of their details (extends trackable.email)."""

from collections import defaultdict

from odoo import models

from .record_access import filter_accessible


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    def _get_chatter_records(self):
        """Return the records whose chatters have entries of these emails.

        These are the recipient, and the record that the email was sent from. Deleted
        records are left out.

        :return: trackable email -> one or two records, of any models
        :rtype: dict[TrackableEmail, list]
        """
        ids_by_model = defaultdict(set)
        for email in self:
            for model, res_id in email._get_chatter_keys():
                ids_by_model[model].add(res_id)
        existing = {
            model: self.env[model].browse(res_ids).exists()
            for model, res_ids in ids_by_model.items()
            if isinstance(self.env.get(model), self.pool["mail.thread"])
        }
        return {
            email: [
                existing[model].browse(res_id)
                for model, res_id in email._get_chatter_keys()
                if model in existing and res_id in existing[model].ids
            ]
            for email in self
        }

    def _get_chatter_keys(self):
        """Return the model and the id of each record whose chatter gets entries.

        The recipient comes first. The records may be deleted.

        :rtype: list[tuple[str, int]]
        """
        self.ensure_one()
        keys = [("res.partner", self.partner_id.id), (self.res_model, self.res_id)]
        # Without duplicates, in this order.
        return list(dict.fromkeys(key for key in keys if all(key)))

    def _may_disclose_subject(self, record):
        """Return whether all readers of a record's chatter have access to the subject,
        links and files of this email.

        Readers of the record that the email was sent from have access. A mailing is
        not sent from a record, but readers of a mailing contact may read each mailing:
        they are users of Email Marketing.

        :rtype: bool
        """
        self.ensure_one()
        is_source = (record._name, record.id) == (self.res_model, self.res_id)
        return is_source and (not self.mailing_id or record._name == "mailing.contact")

    def _filter_disclosable(self):
        """Return the emails whose subject, links and files the current user has access
        to.

        The email belongs to the user's companies. The user may read the record that the
        email was sent from, or the email is of a mailing and the user may read it. The
        number of queries depends only on the number of models.

        :rtype: TrackableEmail
        """
        as_user = self.sudo(False)
        company_ids = {False, *as_user.env.companies.ids}
        emails = self.filtered(lambda email: email.company_id.id in company_ids)
        readable = filter_accessible(
            as_user.env, ((email.res_model, email.res_id) for email in emails)
        )
        mailed = emails.filtered("mailing_id").sudo(False)._filtered_access("read")
        return emails.filtered(
            lambda email: (
                (email.res_model, email.res_id) in readable or email.id in mailed.ids
            )
        )
