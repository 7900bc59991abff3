import logging

import psycopg2

from odoo import fields, models
from odoo.tools.mail import email_normalize_all

from .. import own_cursor
from ..tools import rewrite, token

_logger = logging.getLogger(__name__)


class TrackableCopy:
    """What one copy needs to be tracked, as plain values: the rows behind them were
    committed on another cursor, and this transaction may not see them.

    :param int email_id: of the trackable email
    :param bool is_first: it was not handed over before
    :param str image_url: of its image
    :param dict[str, str] targets: destination -> tracked URL
    :param bool has_files: some of them lead to files
    :param rewrite.Document document: its HTML, as far as it is known
    :ivar str body: the same, before it is made this recipient's
    """

    def __init__(self, email_id, is_first, image_url, targets, has_files, document):
        self.email_id = email_id
        self.is_first = is_first
        self._image_url = image_url
        self._targets = targets
        self.has_files = has_files
        self._document = document
        self.body = document.html

    def rewrite_links(self, html):
        """
        :raise ValueError: where a recipient would have a link that he cannot follow
        """
        if html != self._document.html:
            self._document = rewrite.Document(html, self._document.policy)
        rewritten = self._document.rewrite(self._targets)
        if any(url in rewritten for url in self._document.policy.file_urls):
            raise ValueError("a link to a file leads nowhere")
        return rewritten

    def add_image(self, html):
        """
        :param str html: what `rewrite_links` returned, as a rule
        """
        image = rewrite.image(self._image_url)
        # Rewriting again is cheaper than reading.
        if html == self._document.rewrite(self._targets):
            return self._document.rewrite(self._targets, addition=image)
        return rewrite.Document(html).rewrite({}, addition=image)


class TrackableBatch:
    """What `_send` knows of its batch's tracked copies; a copy's key is (mail id,
    partner id or False).

    An object, for it is told apart from another batch's by identity: Odoo reuses an
    environment with an equal context.
    """

    def __init__(self, copies):
        self._copies = copies
        self._mail_ids = {mail_id for mail_id, _partner_id in copies}
        self._bodies = {
            mail_id: copy.body for (mail_id, _partner_id), copy in copies.items()
        }
        self.handed_over = set()  # keys

    def get(self, mail, partner):
        key = (mail.id, partner.id if partner else False)
        return self._copies.get(key) if self._is_tracked(key) else None

    def has_copy_of(self, mail):
        return mail.id in self._mail_ids

    def get_body(self, mail):
        """The body of a mail's tracked copies, which has been read.

        :rtype: str | None
        """
        return self._bodies.get(mail.id)

    def give_up(self, mail):
        """What is sent of it is not tracked."""
        self._mail_ids.discard(mail.id)

    def get_not_sent(self):
        """Ids of trackable emails whose copies were not handed over, now or before.

        :rtype: list[int]
        """
        return [
            copy.email_id
            for key, copy in self._copies.items()
            if copy.is_first
            and (key not in self.handed_over or not self._is_tracked(key))
        ]

    def _is_tracked(self, key):
        mail_id, _partner_id = key
        return mail_id in self._mail_ids


class TrackableCopyMixin(models.AbstractModel):
    """Of outgoing emails: which copies are tracked, and the rows behind them."""

    _name = "trackable.copy.mixin"
    _description = "Trackable Copy Mixin"

    def _make_trackable_copies(self):
        """Make, and commit, what the batch's tracked copies need.

        :return: (mail id, partner id or False) -> what to put into that copy
        :rtype: dict[tuple[int, int | bool], TrackableCopy]
        """
        # sudo: mail.mail - technical; whoever may send it has it tracked
        mails = self.sudo().filtered(lambda mail: mail._is_trackable())
        if not mails:
            return {}
        try:
            # A savepoint, so that the transaction that sends outlives an error of ours.
            with self.env.cr.savepoint(flush=False):
                external_copies = mails._get_external_copies()
                if not external_copies:
                    return {}
                try:
                    return mails._make_copies(external_copies)
                except psycopg2.errors.UniqueViolation:
                    # Another worker has just made them: now they are found.
                    return mails._make_copies(external_copies)
        except Exception:  # whatever went wrong with us, the email leaves
            _logger.exception("Emails %s are sent untracked", mails.ids)
            mails._give_up_tracking()
            return {}

    def _is_trackable(self):
        """Whether tracking was asked for. Campaigns have Odoo's own for now."""
        return self.is_tracked and self.state == "outgoing" and not self.mailing_id

    def _get_external_copies(self):
        """The copies for the one recipient outside the company, of those that are
        tracked; what the others are refused for is kept on their messages.

        :rtype: list[tuple[MailMail, res.partner, str]]
        """
        copies_by_mail = {mail: mail._get_copies() for mail in self}
        recipients = {
            message: (
                mails.recipient_ids,
                [address for mail in mails for address in mail._get_plain_addresses()],
            )
            for message, mails in self.grouped("mail_message_id").items()
        }
        settled = self.mail_message_id._settle_tracking(recipients)
        external_copies = []
        for mail, copies in copies_by_mail.items():
            address = settled.get(mail.mail_message_id)
            for partner, addresses in copies if address else ():
                if addresses == {address}:
                    external_copies.append((mail, partner, address))
                elif address in addresses:  # a colleague gets the very same copy
                    mail.mail_message_id.write(
                        {"is_tracked": False, "untracked_reason": "several_recipients"}
                    )
        return external_copies

    def _get_copies(self):
        """Who gets which copy, as `_prepare_outgoing_list` makes them.

        :return: partner, or none for the copy to plain addresses; and the addresses,
            normalised
        :rtype: list[tuple[res.partner, set[str]]]
        """
        self.ensure_one()
        copies = [
            (partner, set(email_normalize_all(partner.email or "")))
            for partner in self.recipient_ids
        ]
        plain = self._get_plain_addresses()
        return [(self.env["res.partner"], set(plain)), *copies] if plain else copies

    def _get_plain_addresses(self):
        return email_normalize_all(self.email_to or "") + email_normalize_all(
            self.email_cc or ""
        )

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
                mail._give_up_tracking()
        return documents

    def _give_up_tracking(self):
        """Say on the messages that they are not tracked, for an error."""
        self.mail_message_id.filtered("is_tracked").write(
            {"is_tracked": False, "untracked_reason": "error"}
        )

    def _make_copies(self, external_copies):
        """Make the rows for these copies, and what to put into each.

        :param list external_copies: from `_get_external_copies`
        :rtype: dict[tuple[int, int | bool], TrackableCopy]
        """
        mails = self.browse({mail.id for mail, _partner, _address in external_copies})
        documents = mails._read_outgoing_documents()
        external_copies = [copy for copy in external_copies if copy[0] in documents]
        email_values = [
            mail._prepare_trackable_email_values(partner, address)
            for mail, partner, address in external_copies
        ]
        link_values = [
            values
            for mail, document in documents.items()
            for values in mail._prepare_trackable_links_values(document)
        ]
        with own_cursor.commit(self.env) as env:
            committed_values = env["trackable.mixin"]._leave_out_uncommitted(
                email_values + link_values
            )
            emails, is_first = env["trackable.email"]._ensure(
                committed_values[: len(email_values)]
            )
            self._name_once_committed(
                {
                    email.id: values["partner_id"]
                    for email, values in zip(emails, email_values, strict=True)
                    if values["partner_id"] and not email.partner_id
                }
            )
            links = env["trackable.link"]._ensure(committed_values[len(email_values) :])
            links_by_message = links.grouped(lambda link: link.mail_message_id.id)
            return {
                (mail.id, partner.id): mail._prepare_trackable_copy(
                    email,
                    links_by_message.get(mail.mail_message_id.id, links.browse()),
                    email in is_first,
                    documents[mail],
                )
                for (mail, partner, _address), email in zip(
                    external_copies, emails, strict=True
                )
            }

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
            "recipient_key": f"res.partner,{partner.id}" if partner else address,
            "partner_id": partner.id,
            "email_to": address,
            "subject": self.subject,
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
            "user_id": (author or message.create_uid).id,
            "company_id": self._get_trackable_company().id,
        }

    def _prepare_trackable_copy(self, email, links, is_first, document):
        """What is put into one copy.

        :param trackable.email email: and the links, as seen by their own cursor
        :param trackable.link links: of its message
        :param bool is_first: it was not handed over before
        :param rewrite.Document document: what is sent
        :rtype: TrackableCopy
        """
        self.ensure_one()
        keys = self.env["trackable.key"]._get_keys()
        key_id = max(keys)
        own_url = self._get_own_url()
        named = {
            "email_id": email.id,
            "email_nonce": email.nonce,
            "database": self._get_named_database(),
        }

        def tracked_url(**values):
            text = token.sign(token.Token(**named, **values), key_id, keys[key_id])
            return f"{own_url}/t/{text}"

        return TrackableCopy(
            email_id=email.id,
            is_first=is_first,
            image_url=tracked_url(kind=token.OPEN) + ".gif",
            targets={
                link.url: tracked_url(
                    kind=token.LINK, link_id=link.id, link_nonce=link.nonce
                )
                for link in links
            },
            has_files=any(links.mapped("is_file")),
            document=document,
        )

    def _name_once_committed(self, partners):
        """Name the recipients that this transaction has made, when it has ended well.

        :param dict[int, int] partners: id of the trackable email -> of the partner
        """

        def name_recipients():
            with own_cursor.commit_or_log(
                self.env, "Recipients of %s are not named", list(partners)
            ) as env:
                for email_id, partner_id in partners.items():
                    env["trackable.email"].browse(email_id).partner_id = partner_id

        if partners:
            self.env.cr.postcommit.add(name_recipients)

    def _mark_not_sent(self, email_ids):
        """Clear the date of trackable emails that could not be handed over.

        :param list[int] email_ids: of trackable emails
        """
        if email_ids:
            with own_cursor.commit_or_log(
                self.env, "%s are not marked as not sent", email_ids
            ) as env:
                env["trackable.email"].browse(email_ids).write({"sent_date": False})
