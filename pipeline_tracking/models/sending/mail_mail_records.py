"""Create trackable emails and links for tracked copies (extends mail.mail)."""

import logging

import psycopg2

from odoo import fields, models

from ... import transactions
from ...tools import tracking_token
from .outgoing_batch import TrackableCopy

_logger = logging.getLogger(__name__)

# Stands for the URL in the key of a decoy link.
_DECOY = "decoy"


class MailMail(models.Model):
    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_trackable_emails_values(self, copies):
        """Prepare the values of the trackable emails of these copies.

        An override can change the values of all copies with one query.

        :param list[tuple] copies: mail, partner and normalized address of each copy
            (from `_get_copies_to_track`)
        :return: in the order of ``copies``
        :rtype: list[dict]
        """
        return [
            mail._prepare_trackable_email_values(partner, address)
            for mail, partner, address in copies
        ]

    def _prepare_trackable_email_values(self, partner, address):
        """Prepare the values of the trackable email of one copy.

        An override adds values of fields that its module adds to `trackable.email`.

        :param res.partner partner: the recipient; an empty record for a plain address
        :param str address: normalized address of the recipient
        :rtype: dict
        """
        self.ensure_one()
        return {
            **self._prepare_trackable_owner_values(),
            "mail_mail_id_int": self.id,
            "mailing_trace_id": self.mailing_trace_ids[:1].id,
            "recipient_key": self.env["trackable.email"]._get_recipient_key(
                partner, address
            ),
            "partner_id": partner.id,
            "email_to": address,
            "subject": self.subject,
            "template_id": self.tracked_template_id.id,
            "res_model": self.model,
            "res_id": self.res_id,
            "sent_date": fields.Datetime.now(),
        }

    def _prepare_decoy_values(self):
        """Prepare the values of the decoy link that the copies of this mail contain.

        An override returns values for the mails that have a decoy link.

        :rtype: dict | None
        """
        return None

    # ------------------------------------------------------------
    # Do not override: the steps of a batch
    # ------------------------------------------------------------

    def _create_trackable_copies(self):
        """Choose the copies to track, and create their trackable emails and links.
        After an error, return no copies: the batch is sent untracked.

        :return: (mail id, partner id or False) -> copy
        :rtype: dict[tuple[int, int | bool], TrackableCopy]
        """
        # sudo: mail.mail - technical; users who may send a mail may track it
        mails = self.sudo().filtered(lambda mail: mail._is_trackable())
        if not mails:
            return {}
        # Flush before the savepoint: an error in pending writes belongs to the caller.
        self.env.flush_all()
        try:
            # The savepoint lets the sending transaction survive an error of this addon.
            # It also flushes, so that cache and database agree after an error.
            with self.env.cr.savepoint():
                copies = mails._get_copies_to_track()
                if not copies:
                    return {}
                try:
                    return mails._create_records_for_copies(copies)
                except psycopg2.errors.UniqueViolation:
                    # Another worker has just created the same rows: find them now.
                    return mails._create_records_for_copies(copies)
        except Exception:  # an error of this addon must not stop the mail
            _logger.exception("Emails %s are sent untracked", mails.ids)
            mails._mark_untracked_for_error()
            return {}

    def _read_outgoing_documents(self):
        """Parse the bodies of these mails, to find their links. If the body of a mail
        cannot be parsed, leave the mail out: it is sent untracked.

        :rtype: dict[MailMail, rewrite.Document]
        """
        documents = {}
        for mail in self:
            try:
                documents[mail] = mail._read_outgoing_document()
            except psycopg2.Error:
                raise  # the transaction has failed, so the whole batch fails
            except Exception:  # this addon or a module that adds to bodies can fail
                _logger.exception("Email %s is sent untracked", mail.id)
                mail._mark_untracked_for_error()
        return documents

    def _mark_untracked_for_error(self):
        """Store on the messages that they are not tracked because of an error."""
        self.mail_message_id.filtered("is_tracked").write(
            {"is_tracked": False, "untracked_reason": "error"}
        )

    def _create_records_for_copies(self, copies):
        """Create the trackable emails and links of these copies in a separate
        transaction, and commit it. Errors are raised.

        :param list[tuple] copies: mail, partner and normalized address of each copy
            (from `_get_copies_to_track`)
        :return: (mail id, partner id or False) -> copy
        :rtype: dict[tuple[int, int | bool], TrackableCopy]
        """
        mails = self.browse({mail.id for mail, _partner, _address in copies})
        documents = mails._read_outgoing_documents()
        copies = [copy for copy in copies if copy[0] in documents]
        email_values = self._prepare_trackable_emails_values(copies)
        link_keys_by_mail, link_values = self._collect_trackable_links(documents)
        for values, (mail, _partner, _address) in zip(
            email_values, copies, strict=True
        ):
            values["link_count"] = len(link_keys_by_mail[mail])
        with transactions.committed_env(self.env) as env:
            committed_values = env["trackable.mixin"]._clear_uncommitted_references(
                [*email_values, *link_values.values()]
            )
            # Odoo looks up default values for this company. Without it, Odoo queries
            # the company of the user.
            company_ids = [values["company_id"] for values in committed_values]
            env = env(context={"allowed_company_ids": [*filter(None, company_ids)][:1]})
            emails, first_emails = env["trackable.email"]._ensure(
                committed_values[: len(email_values)]
            )
            self._set_partners_after_commit(
                {
                    email.id: values["partner_id"]
                    for email, values in zip(emails, email_values, strict=True)
                    if values["partner_id"] and not email.partner_id
                }
            )
            links = env["trackable.link"]._ensure(committed_values[len(email_values) :])
            links_by_key = dict(zip(link_values, links, strict=True))
            links_by_mail = {
                mail: {url: links_by_key[owner, url] for owner, url in link_keys}
                for mail, link_keys in link_keys_by_mail.items()
            }
            return {
                (mail.id, partner.id): mail._prepare_trackable_copy(
                    email,
                    links_by_mail[mail],
                    email in first_emails,
                    documents[mail],
                    links_by_key.get((mail._get_link_owner(), _DECOY)),
                )
                for (mail, partner, _address), email in zip(copies, emails, strict=True)
            }

    def _collect_trackable_links(self, documents):
        """Collect the links of these mails and prepare the values of trackable links.
        Prepare a link once for all copies of a mailing or message.

        :param dict documents: mail -> `rewrite.Document`
        :return: mail -> keys of its links, without the decoy link; key -> values. A key
            is the owner (`_get_link_owner`) and the URL
        :rtype: tuple[dict, dict]
        """
        trackers = self._prepare_link_trackers_values(documents)
        link_keys_by_mail, link_values = {}, {}
        for mail, document in documents.items():
            owner = mail._get_link_owner()
            links = {
                (owner, link.url): link
                for link in mail._get_trackable_links(document)
                # The value is None for a short link that must not be tracked.
                if trackers.get(link.url, True)
            }
            link_keys_by_mail[mail] = list(links)
            missing_keys = [key for key in links if key not in link_values]
            if missing_keys:
                values_list = mail._prepare_trackable_links_values(
                    [links[key] for key in missing_keys], document, trackers
                )
                link_values |= zip(missing_keys, values_list, strict=True)
            if (owner, _DECOY) not in link_values:
                decoy_values = mail._prepare_decoy_values()
                if decoy_values:
                    link_values[owner, _DECOY] = decoy_values
        return link_keys_by_mail, link_values

    def _get_link_owner(self):
        """Return the record whose copies share trackable links.

        :rtype: mailing.mailing | mail.message
        """
        return self.mailing_id or self.mail_message_id

    def _prepare_trackable_owner_values(self):
        """Prepare the values that trackable emails and links share: the message or
        mailing, and the sender and company who may see the tracking.

        :rtype: dict
        """
        message = self.mail_message_id
        author = message.author_id.user_ids.filtered(lambda user: not user.share)[:1]
        return {
            "mail_message_id": message.id,
            "mailing_id": self.mailing_id.id,
            "user_id": (author or message.create_uid).id,
            "company_id": self._get_trackable_company().id,
        }

    def _prepare_trackable_copy(self, email, links, is_first, document, decoy=None):
        """Prepare the tracked copy of this mail for one recipient.

        :param trackable.email email: the copy's trackable email, in the environment of
            `committed_env`
        :param dict[str, trackable.link] links: destination -> link, in the same
            environment
        :param bool is_first: whether no earlier attempt sent the copy
        :param rewrite.Document document: from `_read_outgoing_document`
        :param trackable.link | None decoy: the decoy link, in the same environment
        :rtype: TrackableCopy
        """
        self.ensure_one()
        sign = self._get_url_signer()
        return TrackableCopy(
            email_id=email.id,
            is_first=is_first,
            image_url=sign(tracking_token.OPEN, email),
            targets={
                **{
                    url: sign(tracking_token.LINK, email, link)
                    for url, link in links.items()
                },
                self._get_objection_placeholder(): sign(
                    tracking_token.OBJECTION, email
                ),
            },
            has_added_links=any(link.is_file for link in links.values())
            or self._get_trackable_company().tracking_objection_link,
            document=document,
            decoy_url=decoy and sign(tracking_token.LINK, email, decoy),
        )

    def _set_partners_after_commit(self, partner_ids):
        """Set the recipients of trackable emails after this transaction is committed:
        the transaction has created these recipients.

        :param dict[int, int] partner_ids: trackable email id -> partner id
        """

        def set_partners(env):
            for email_id, partner_id in partner_ids.items():
                env["trackable.email"].browse(email_id).partner_id = partner_id

        if partner_ids:
            self.env.cr.postcommit.add(
                lambda: transactions.commit_or_log(
                    self.env,
                    set_partners,
                    "The recipients of trackable emails %s could not be stored",
                    list(partner_ids),
                )
            )

    def _mark_not_sent(self, email_ids):
        """Clear the sent date of trackable emails whose copies did not leave tracked.

        :param list[int] email_ids: ids of the trackable emails
        """

        def clear_sent_date(env):
            env["trackable.email"].browse(email_ids).write({"sent_date": False})

        if email_ids:
            transactions.commit_or_log(
                self.env,
                clear_sent_date,
                "Trackable emails %s could not be marked as not sent",
                email_ids,
            )
