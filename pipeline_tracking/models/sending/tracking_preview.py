"""Predict before sending whether an email will be tracked, and how its files are sent
(extends mail.thread).

Composers show the prediction. The decision is made again when the email is sent.
"""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.i18n import format_list

from ...tools import consent
from .tracking_decision import normalize_addresses

# More exceptions than this are counted instead of named.
MAX_NAMED_EXCEPTIONS = 2


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.readonly
    def get_tracking_preview(self, partner_ids, emails=(), attachment_ids=()):
        """Predict whether an email written in this record's chatter can be tracked, so
        that the composer can show it before sending. Ignore consent that the user may
        not read: otherwise any user could find out whether an address has objected.

        :param list[int] partner_ids: recipients, besides the followers
        :param list[str] emails: addresses of recipients without a partner
        :param list[int] attachment_ids: files of the email
        :return: from `_prepare_tracking_preview`
        :rtype: dict
        :raise AccessError: the user may not read the record, or is not internal
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user._is_internal():
            raise AccessError(
                self.env._(
                    "Only internal users can send tracked emails. Ask your"
                    " administrator for an internal user account."
                )
            )
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        return self._preview_tracking(
            {
                "author_id": self.env.user.partner_id.id,
                "message_type": "comment",
                # Drop partners and files that the user may not read.
                "partner_ids": self.env["res.partner"]
                .search([("id", "in", partner_ids)])
                .ids,
                "subtype_id": to_id("mail.mt_comment"),
            },
            emails,
            attachment_ids
            and self.env["ir.attachment"].search([("id", "in", attachment_ids)]),
        )

    @api.model
    def _prepare_tracking_preview(self, reason, exceptions=False, file_count=0):
        """Return what a composer shows about the tracking of an email.

        An override adds keys to the dictionary of super. A patch of the web client's
        component `TrackingChoice` shows them.

        :param str | bool reason: a code of `untracked_reason`, or False
        :param str | bool exceptions: text that names or counts the recipients who are
            not tracked, or False if all are tracked
        :param int file_count: number of files that become tracked links, unless the
            sender attaches them
        :return: these values, with the reason as ``text``, capitalized, and its remedy
        :rtype: dict[str, str | int | bool]
        """
        Message = self.env["mail.message"]
        texts = Message._fields["untracked_reason"]._description_selection(self.env)
        text = dict(texts).get(reason, "")
        return {
            "reason": reason,
            "text": text[:1].upper() + text[1:],
            "remedy": Message._get_untracked_remedy(reason),
            "exceptions": exceptions,
            "file_count": file_count,
        }

    # ------------------------------------------------------------
    # Do not override: the steps of a prediction
    # ------------------------------------------------------------

    def _preview_tracking(self, msg_vals, emails=(), attachments=None, **kwargs):
        """Predict the tracking of a message, from the recipients that `message_post`
        would find and the consent that the user may read.

        :param dict msg_vals: author, type, subtype and partners of the message
        :param list[str] emails: addresses of recipients without a partner
        :param ir.attachment | None attachments: files of the message
        :param kwargs: passed on to `_notify_get_recipients`
        :return: from `_prepare_tracking_preview`
        :rtype: dict
        """
        Message = self.env["mail.message"]
        recipients_data = self._notify_get_recipients(
            Message,
            msg_vals={
                "incoming_email_cc": False,
                "incoming_email_to": False,
                "outgoing_email_to": False,
                **msg_vals,
            },
            **kwargs,
        )
        partners, texts = self._get_email_recipients(recipients_data)
        texts = [*texts, *emails]
        copies = Message._get_copies(partners, texts)
        external = set().union(*copies)
        external -= Message._get_internal_addresses(external)
        consents = self.env["trackable.objection"]._read_consents(
            external, readable_only=True
        )
        # sudo: res.company - its settings apply to every user who posts
        company = self._mail_get_companies(default=self.env.company).get(self.id)
        company = (company or self.env.company).sudo()
        reason = Message._decide_untracked_reason_of_copies(
            company,
            company._get_tracking_url(Message.get_base_url()),
            copies,
            external,
            consents,
        )
        if reason:
            return self._prepare_tracking_preview(reason)
        exceptions = self._describe_untracked_recipients(
            company, partners, texts, external, consents
        )
        # sudo: ir.attachment - the files belong to the email that the user writes
        files = attachments and attachments.sudo()._get_files_to_link(company)
        return self._prepare_tracking_preview(False, exceptions, len(files or ()))

    def _describe_untracked_recipients(
        self, company, partners, texts, external, consents
    ):
        """Return the text that names or counts the recipients of a tracked email who
        are not tracked themselves.

        :param res.company company: the company whose settings apply
        :param res.partner partners: recipients, each with a separate copy
        :param list[str] texts: each has the addresses of one further copy
        :param set[str] external: addresses of recipients outside the company
        :param dict consents: consent by address, which the user may read
        :return: the text, or False if all recipients are tracked
        :rtype: str | bool
        """
        if len(external) < 2:
            return False
        addresses_to_track = company._get_addresses_to_track(external, consents)
        readable_partners = partners._filtered_access("read")
        # sudo: res.partner - every recipient counts; only readable names are shown.
        # Sorted: Odoo's query for recipients returns them in any order.
        recipients = [
            (partner in readable_partners and partner.name, partner.email)
            for partner in partners.sudo().sorted("id")
        ]
        recipients += [(text, text) for text in texts]
        count, exceptions = 0, []
        for name, text in recipients:
            copy = normalize_addresses([text])
            if not copy & external:
                continue  # a colleague
            count += 1
            if len(copy) > 1:
                exceptions.append((name, self.env._("several addresses")))
            elif not copy & addresses_to_track:
                has_objected = consent.OBJECTED in map(consents.get, copy)
                why = (
                    self.env._("opted out")
                    if has_objected
                    else self.env._("no consent")
                )
                exceptions.append((name, why))
        if not exceptions:
            return False
        if len(exceptions) > MAX_NAMED_EXCEPTIONS or not all(
            name for name, _why in exceptions
        ):
            return self.env._(
                "Tracked for %(tracked)s of %(count)s recipients",
                tracked=count - len(exceptions),
                count=count,
            )
        names = [
            self.env._("%(name)s (%(reason)s)", name=name, reason=why)
            for name, why in exceptions
        ]
        return self.env._("Tracked, except %s", format_list(self.env, names))
