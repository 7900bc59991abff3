import logging

import psycopg2

from odoo import fields, models

from ... import transactions
from ...tools import tracking_token
from .outgoing_batch import TrackableCopy

_logger = logging.getLogger(__name__)


class MailMail(models.Model):
    """Create the rows behind tracked copies (extends mail.mail)."""

    _inherit = "mail.mail"

    def _create_trackable_copies(self):
        """Make, and commit, what the batch's tracked copies need.

        :return: (mail id, partner id or False) -> what to put into that copy
        :rtype: dict[tuple[int, int | bool], TrackableCopy]
        """
        # sudo: mail.mail - technical; whoever may send it has it tracked
        mails = self.sudo().filtered(lambda mail: mail._is_trackable())
        if not mails:
            return {}
        # First: an error in the caller's pending writes is not an error of tracking.
        self.env.flush_all()
        try:
            # A savepoint, so that the transaction that sends outlives an error of ours.
            # It flushes: after an error, cache and database hold the same.
            with self.env.cr.savepoint():
                copies = mails._get_copies_to_track()
                if not copies:
                    return {}
                try:
                    return mails._create_records_for_copies(copies)
                except psycopg2.errors.UniqueViolation:
                    # Another worker has just created them: this time they are found.
                    return mails._create_records_for_copies(copies)
        except Exception:  # whatever went wrong with us, the email leaves
            _logger.exception("Emails %s are sent untracked", mails.ids)
            mails._mark_untracked_for_error()
            return {}

    def _read_outgoing_documents(self):
        """What is sent of each, but for those that cannot be read: they are sent as
        Odoo makes them, and the others are tracked.

        :rtype: dict[MailMail, rewrite.Document]
        """
        documents = {}
        for mail in self:
            try:
                documents[mail] = mail._read_outgoing_document()
            except psycopg2.Error:
                raise  # of the transaction, and so of them all
            except Exception:  # a mistake, of ours or of who extends the body
                _logger.exception("Email %s is sent untracked", mail.id)
                mail._mark_untracked_for_error()
        return documents

    def _mark_untracked_for_error(self):
        """Store on the messages that an error kept them from being tracked."""
        self.mail_message_id.filtered("is_tracked").write(
            {"is_tracked": False, "untracked_reason": "error"}
        )

    def _create_records_for_copies(self, copies):
        """Make the rows for these copies, and what to put into each.

        :param list copies: from `_get_copies_to_track`
        :rtype: dict[tuple[int, int | bool], TrackableCopy]
        """
        mails = self.browse({mail.id for mail, _partner, _address in copies})
        documents = mails._read_outgoing_documents()
        copies = [copy for copy in copies if copy[0] in documents]
        email_values = self._prepare_trackable_emails_values(copies)
        sources, link_values = self._collect_trackable_links(documents)
        for values, (mail, _partner, _address) in zip(
            email_values, copies, strict=True
        ):
            values["link_count"] = len(sources[mail])
        with transactions.committed_env(self.env) as env:
            committed_values = env["trackable.mixin"]._clear_uncommitted_references(
                [*email_values, *link_values.values()]
            )
            # Odoo looks for defaults of the company, and reads the user's otherwise.
            company_ids = [values["company_id"] for values in committed_values]
            env = env(context={"allowed_company_ids": [*filter(None, company_ids)][:1]})
            emails, is_first = env["trackable.email"]._ensure(
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
            links = dict(zip(link_values, links, strict=True))
            links_by_mail = {
                mail: {url: links[owner, url] for owner, url in own}
                for mail, own in sources.items()
            }
            return {
                (mail.id, partner.id): mail._prepare_trackable_copy(
                    email, links_by_mail[mail], email in is_first, documents[mail]
                )
                for (mail, partner, _address), email in zip(copies, emails, strict=True)
            }

    def _collect_trackable_links(self, documents):
        """Values of the trackable links of these mails. Those that copies of a mailing,
        or mails of a message, have in common are prepared once.

        :param dict documents: mail -> `rewrite.Document`
        :return: mail -> keys of what it links to; key -> values. A key is the mailing,
            or the message, and a URL
        :rtype: tuple[dict, dict]
        """
        trackers = self._prepare_link_trackers_values(documents)
        sources, link_values = {}, {}
        for mail, document in documents.items():
            owner = mail.mailing_id or mail.mail_message_id
            links = {
                (owner, link.url): link
                for link in mail._get_trackable_links(document)
                if trackers.get(link.url, True)  # None: it is to be left alone
            }
            sources[mail] = list(links)
            missing = [key for key in links if key not in link_values]
            if missing:
                values_list = mail._prepare_trackable_links_values(
                    [links[key] for key in missing], document, trackers
                )
                link_values |= zip(missing, values_list, strict=True)
        return sources, link_values

    def _prepare_trackable_emails_values(self, copies):
        """Values of the trackable emails for these copies.

        :rtype: list[dict]
        """
        return [
            mail._prepare_trackable_email_values(partner, address)
            for mail, partner, address in copies
        ]

    def _prepare_trackable_email_values(self, partner, address):
        """Values of the trackable email for one copy. To be extended.

        :param res.partner partner: the recipient, or none
        :param str address: normalised
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

    def _prepare_trackable_owner_values(self):
        """Which message it is, and who may see what becomes of it.

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

    def _prepare_trackable_copy(self, email, links, is_first, document):
        """What is put into one copy.

        :param trackable.email email: and the links, as seen by their own cursor
        :param dict[str, trackable.link] links: what it links to -> that
        :param bool is_first: it was not handed over before
        :param rewrite.Document document: what is sent
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
            has_additions=any(link.is_file for link in links.values())
            or self._get_trackable_company().tracking_objection_link,
            document=document,
        )

    def _set_partners_after_commit(self, partners):
        """Name the recipients that this transaction has made, when it has ended well.

        :param dict[int, int] partners: id of the trackable email -> of the partner
        """

        def name_recipients(env):
            for email_id, partner_id in partners.items():
                env["trackable.email"].browse(email_id).partner_id = partner_id

        if partners:
            self.env.cr.postcommit.add(
                lambda: transactions.commit_or_log(
                    self.env,
                    name_recipients,
                    "Recipients of %s are not named",
                    list(partners),
                )
            )

    def _mark_not_sent(self, email_ids):
        """Clear the date of trackable emails that could not be handed over.

        :param list[int] email_ids: of trackable emails
        """

        def mark(env):
            env["trackable.email"].browse(email_ids).write({"sent_date": False})

        if email_ids:
            transactions.commit_or_log(
                self.env, mark, "%s are not marked as not sent", email_ids
            )
