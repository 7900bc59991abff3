"""Decide whether an email is tracked, and store the reason why not (extends
mail.message).
"""

import logging

from odoo import api, fields, models
from odoo.tools import str2bool
from odoo.tools.mail import email_normalize_all

from ...tools import consent
from ...tools.address import is_public_url

_logger = logging.getLogger(__name__)

ALLOW_PRIVATE_URL = "pipeline_tracking.allow_private_url"

# The texts complete the sentence "Not tracked: …". `_get_untracked_remedy` returns what
# the sender can do.
UNTRACKED_REASONS = [
    ("not_allowed", "tracking is off in the settings"),
    ("several_recipients", "more than one recipient"),
    ("shared_copy", "one copy goes to several addresses"),
    ("no_recipient", "no recipient outside your company"),
    ("objected", "the recipient opted out of tracking"),
    ("not_agreed", "no consent for this address yet"),
    ("private_url", "this server has no public address"),
    ("note", "a log note is never tracked"),
    ("error", "an error occurred"),
]


def normalize_addresses(texts):
    """Return all normalized email addresses in these texts.

    :rtype: set[str]
    """
    return {address for text in texts for address in email_normalize_all(text or "")}


class MailMessage(models.Model):
    _inherit = "mail.message"

    is_tracked = fields.Boolean(
        "Tracked",
        copy=False,
        groups="base.group_user",  # hidden from customers in the portal
        help="Show in the chatter when the customer opens this email or uses its links"
        " and files. Files are sent as links unless Send Files as Attachments is on.",
    )
    untracked_reason = fields.Selection(
        UNTRACKED_REASONS,
        readonly=True,
        copy=False,
        # The reason can reveal an objection. `_read_format` and, for the badge,
        # `_get_untracked_texts` hide it from users who may not read the objection.
        groups="base.group_user",
        help="Reason why the email was not tracked, although the sender turned tracking"
        " on.",
    )

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _decide_untracked_reason(self, company, base_url, external=None, consents=None):
        """Decide why a message cannot be tracked.

        An override returns a code to refuse tracking, and calls super otherwise. Its
        module adds the code with ``selection_add`` to `untracked_reason` of
        `mail.message` and of `mail.compose.message`, with a text that completes "Not
        tracked: …", and the remedy in `_get_untracked_remedy`.

        :param res.company company: the company whose settings apply
        :param str base_url: the base URL of tracked URLs
        :param set[str] | None external: addresses of recipients outside the company;
            None if they are not known yet
        :param dict consents: consent by address, from
            `trackable.objection._read_consents`
        :return: a code of `untracked_reason`, or False if the message can be tracked
        :rtype: str | bool
        """
        if not company.is_tracking_allowed:
            return "not_allowed"
        if external is not None:
            if len(external) > 1 and not company.track_several_recipients:
                return "several_recipients"
            if not external:
                return "no_recipient"
            if not company._get_addresses_to_track(external, consents):
                objecting = consent.OBJECTED in map(consents.get, external)
                return "objected" if objecting else "not_agreed"
        if not (is_public_url(base_url) or self._is_private_url_allowed()):
            return "private_url"
        return False

    @api.model
    def _get_untracked_remedy(self, reason):
        """Return what the sender can do so that an email can be tracked. Composers show
        this text after the reason.

        An override returns the text for a reason that its module adds, and calls super
        otherwise.

        :param str reason: a code of `untracked_reason`
        :return: one or more sentences, or False if the sender can do nothing
        :rtype: str | bool
        """
        return {
            "not_allowed": self.env._("Ask your administrator to turn it on."),
            "several_recipients": self.env._(
                "Send separate emails, or ask your administrator to allow several"
                " recipients."
            ),
            "shared_copy": self.env._("Write to one address of each recipient."),
            "no_recipient": self.env._("Add a customer."),
            "not_agreed": self.env._(
                "Ask the customer, and record the answer on the contact."
            ),
            "private_url": self.env._("Ask your administrator to run Check Tracking."),
            "note": self.env._("Send a message instead."),
            "error": self.env._("Ask your administrator to check the server log."),
        }.get(reason, False)

    @api.model
    def _get_own_mailboxes(self, addresses):
        """Return the addresses at which this Odoo and its companies receive and send
        email.

        An override adds further addresses of the company.

        :param set[str] addresses: normalized addresses to look for; the result may
            leave out all others
        :rtype: set[str]
        """
        searched_addresses = list(addresses)
        # sudo: mail.alias, mail.alias.domain, res.company - senders cannot always read
        # them; recipients see these addresses anyway
        aliases = self.env["mail.alias"].sudo()
        companies = self.env["res.company"].sudo()
        aliases = aliases.search_fetch(
            [("alias_full_name", "in", searched_addresses)], ["alias_full_name"]
        )
        companies = companies.search_fetch(
            [("partner_id.email_normalized", "in", searched_addresses)], ["email"]
        )
        # Read all domains: there are few, and companies can share a domain.
        domains = (
            self.env["mail.alias.domain"]
            .sudo()
            .search_fetch(
                [], ["name", "bounce_alias", "catchall_alias", "default_from"]
            )
        )
        texts = [
            *aliases.mapped("alias_full_name"),
            *companies.mapped("email"),
            *domains.mapped("bounce_email"),
            *domains.mapped("catchall_email"),
            *domains.mapped("default_from_email"),
        ]
        return normalize_addresses(texts)

    # ------------------------------------------------------------
    # Do not override: the steps of a decision
    # ------------------------------------------------------------

    def _decide_tracking(self, recipients):
        """Decide which of these messages are tracked, and store the reason on messages
        that cannot be tracked.

        :param dict recipients: message -> its current recipients (`res.partner`
            records, each with a separate copy; list of texts, each with the addresses
            of one further copy). Earlier recipients count as well.
        :return: message -> addresses outside the company to track; only for messages
            that are tracked
        :rtype: dict[MailMessage, set[str]]
        """
        copies = self._get_copies_by_message(recipients)
        external = self._get_external_addresses_of_copies(copies)
        consents = self.env["trackable.objection"]._read_consents(
            set().union(*external.values())
        )
        addresses_to_track = {}
        for message in self:
            company = message._get_tracking_company()
            base_url = company._get_tracking_url(message.get_base_url())
            reason = self._decide_untracked_reason_of_copies(
                company, base_url, copies[message], external[message], consents
            )
            if reason == "private_url":
                self._warn_of_private_url(base_url)
            if reason:
                message.write({"is_tracked": False, "untracked_reason": reason})
            else:
                addresses_to_track[message] = company._get_addresses_to_track(
                    external[message], consents
                )
        return addresses_to_track

    @api.model
    def _decide_untracked_reason_of_copies(
        self, company, base_url, copies, external, consents
    ):
        """Decide why a message with these copies cannot be tracked. A copy to several
        addresses is never tracked: nobody knows which of them opens it.

        :param res.company company: the company whose settings apply
        :param str base_url: the base URL of tracked URLs
        :param list[set[str]] copies: the addresses of each copy
        :param set[str] external: addresses of recipients outside the company
        :param dict consents: consent by address
        :return: a code of `untracked_reason`, or False
        :rtype: str | bool
        """
        reason = self._decide_untracked_reason(company, base_url, external, consents)
        if reason in (False, "several_recipients"):
            addresses_to_track = company._get_addresses_to_track(external, consents)
            separate = set().union(*(copy for copy in copies if len(copy) == 1))
            # Neither fewer recipients nor the company's setting would help.
            if addresses_to_track and not addresses_to_track & separate:
                return "shared_copy"
        return reason

    def _get_external_addresses(self, recipients):
        """Return the addresses outside the company that messages are sent to now, or
        were sent to earlier.

        :param dict recipients: as in `_decide_tracking`
        :rtype: dict[MailMessage, set[str]]
        """
        return self._get_external_addresses_of_copies(
            self._get_copies_by_message(recipients)
        )

    @api.model
    def _get_external_addresses_of_copies(self, copies_by_message):
        addresses = {
            message: set().union(*copies)
            for message, copies in copies_by_message.items()
        }
        internal = self._get_internal_addresses(set().union(*addresses.values()))
        return {message: addresses[message] - internal for message in addresses}

    def _get_copies_by_message(self, recipients):
        """Return the addresses of each copy of these messages, including the copies
        that were sent earlier.

        :param dict recipients: as in `_decide_tracking`
        :rtype: dict[MailMessage, list[set[str]]]
        """
        notifications_by_message = self._get_email_notifications()
        copies_by_message = {}
        for message in self:
            partners, texts = recipients[message]
            notifications = notifications_by_message[message]
            # Recipients without a partner share the copy of their mail.
            shared = notifications.filtered("mail_email_address")
            shared_texts = [
                ", ".join(of_mail.mapped("mail_email_address"))
                for of_mail in shared.grouped(
                    lambda notification: notification.mail_mail_id or notification
                ).values()
            ]
            copies_by_message[message] = self._get_copies(
                partners | notifications.res_partner_id, [*texts, *shared_texts]
            )
        return copies_by_message

    @api.model
    def _get_copies(self, partners, texts):
        """Return the normalized addresses of each copy. A partner can have several
        addresses.

        :param res.partner partners: each gets a separate copy
        :param list[str] texts: each has the addresses of one further copy
        :rtype: list[set[str]]
        """
        # sudo: res.partner - every recipient counts, even if the author may not read
        # the partner
        copies = [
            normalize_addresses([text])
            for text in [*partners.sudo().mapped("email"), *texts]
        ]
        return [copy for copy in copies if copy]

    def _get_tracking_company(self):
        """Return the company whose settings apply to the message.

        :rtype: res.company
        """
        # sudo: res.company - its settings apply to every sender
        return (self.record_company_id or self.env.company).sudo()

    @api.model
    def _warn_of_private_url(self, base_url):
        _logger.warning(
            "An email is sent untracked: recipients cannot reach %s. Set the system"
            " parameter web.base.url, or the Tracking Domain if the company has one, to"
            " a public address of this server.",
            base_url,
        )

    def _get_email_notifications(self):
        """Return the notifications of these messages that were sent by email earlier.

        :rtype: dict[MailMessage, mail.notification]
        """
        # sudo: mail.notification - every recipient counts, even if the author may not
        # read the notification
        notifications = (
            self.env["mail.notification"]
            .sudo()
            .search_fetch(
                [
                    ("mail_message_id", "in", self.ids),
                    ("notification_type", "=", "email"),
                ],
                [
                    "mail_message_id",
                    "mail_mail_id",
                    "res_partner_id",
                    "mail_email_address",
                ],
                order="id",
            )
        )
        notifications_by_message_id = notifications.grouped(
            lambda notification: notification.mail_message_id.id
        )
        return {
            message: notifications_by_message_id.get(message.id, notifications[:0])
            for message in self
        }

    @api.model
    def _get_internal_addresses(self, addresses):
        """Return the addresses that belong to internal users or are mailboxes of the
        company.

        Archived users are outside the company: they have left.

        :param set[str] addresses: normalized
        :rtype: set[str]
        """
        mailboxes = self._get_own_mailboxes(addresses).intersection(addresses)
        return self._get_user_addresses(addresses) | mailboxes

    @api.model
    def _get_user_addresses(self, addresses):
        """Return the addresses that belong to internal users."""
        # sudo: res.users - senders cannot always read all users
        users = self.env["res.users"].sudo()
        query = users._search(
            [
                ("share", "=", False),
                ("partner_id.email_normalized", "in", list(addresses)),
            ]
        )
        email = users._field_to_sql(query.table, "email", query)
        return normalize_addresses(
            text for [text] in self.env.execute_query(query.select(email))
        )

    @api.model
    def _is_private_url_allowed(self):
        # sudo: ir.config_parameter - readable by administrators only
        return str2bool(
            self.env["ir.config_parameter"].sudo().get_param(ALLOW_PRIVATE_URL), False
        )
