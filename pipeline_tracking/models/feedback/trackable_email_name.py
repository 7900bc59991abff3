"""Name an email by its first words if its subject says nothing (extends
trackable.email).
"""

import re
from collections import defaultdict

from odoo import models

from ...tools.first_words import MAX_LENGTH, read_first_words, shorten

_REPLY_PREFIXES = re.compile(r"(?:(?:re|fwd?|aw|wg|tr)\s*:\s*)*", re.IGNORECASE)


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    def _get_names(self, max_length=None):
        """Return the names of these emails: their subjects or their first words.

        The first words name an email whose subject does not tell it apart: the subject
        is empty, it is the name of the email's record or recipient, or the record has
        another email with this subject. Odoo gives emails from the chatter the record's
        name as their subject. First words are left out if the user may not read the
        email's message.

        :param int | None max_length: characters; None for whole subjects, and for first
            words of the usual length
        :return: plain texts on one line; "" for an email without subject and text
        :rtype: dict[TrackableEmail, str]
        """
        repeated = self._read_repeated_subjects()
        unclear = self.filtered(
            lambda email: (
                not email.mailing_id
                and (
                    (email.res_model, email.res_id, email.subject) in repeated
                    or not _normalize(email.subject)
                )
            )
        )
        unclear |= self._filter_named_like_record_or_recipient()
        messages = unclear.mail_message_id.exists()._filtered_access("read")
        bodies = {message.id: message.body for message in messages}
        names = {email: email.subject or "" for email in self}
        if max_length:
            names = {email: shorten(name, max_length) for email, name in names.items()}
        for email in unclear:
            body = bodies.get(email.mail_message_id.id) or ""
            names[email] = (
                read_first_words(body, max_length or MAX_LENGTH) or names[email]
            )
        return names

    def _filter_named_like_record_or_recipient(self):
        """Return the emails whose subject is the name of their record or recipient."""
        ids_by_model = defaultdict(set)
        for email in self:
            if email.res_model in self.env and email.res_id and not email.mailing_id:
                ids_by_model[email.res_model].add(email.res_id)
        # sudo: the record, res.partner - their names are only compared
        record_names = {
            (model, record.id): record.display_name
            for model, ids in ids_by_model.items()
            for record in self.env[model].sudo().browse(ids).exists()
        }
        partner_names = {
            partner.id: (partner.name, partner.display_name)
            for partner in self.sudo().partner_id.exists()
        }
        emails = self.browse()
        for email in self:
            names = (
                record_names.get((email.res_model, email.res_id)),
                *partner_names.get(email.partner_id.id, (None,)),
            )
            if _normalize(email.subject) in map(_normalize, names):
                emails |= email
        return emails

    def _read_repeated_subjects(self):
        """Return the subjects that several messages of a record have.

        :return: name of the model, id of the record, subject
        :rtype: set[tuple[str, int, str]]
        """
        emails = self.filtered(lambda email: email.res_id and not email.mailing_id)
        if not emails:
            return set()
        groups = self.env["trackable.email"]._read_group(
            [
                ("res_id", "in", emails.mapped("res_id")),
                ("res_model", "in", emails.mapped("res_model")),
                ("mailing_id", "=", False),
            ],
            ["res_model", "res_id", "subject"],
            having=[("mail_message_id:count_distinct", ">", 1)],
        )
        return set(groups)


def _normalize(subject):
    return _REPLY_PREFIXES.sub("", subject or "", count=1).strip().casefold()
