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

UNTRACKED_REASONS = [
    (
        "not_allowed",
        "Not tracked: tracking is off in the settings. Ask your administrator to turn"
        " it on.",
    ),
    (
        "several_recipients",
        "Not tracked: more than one recipient. Send separate emails, or ask your"
        " administrator to allow several recipients.",
    ),
    (
        "no_recipient",
        "Not tracked: no recipient outside your company. Add a customer.",
    ),
    ("objected", "Not tracked: the recipient opted out of tracking"),
    ("not_agreed", "Not tracked: no consent for this address yet"),
    (
        "private_url",
        "Not tracked: this server has no public address. Ask your administrator to run"
        " Check Tracking.",
    ),
    (
        "note",
        "Not tracked: a log note is never tracked. Send a message instead.",
    ),
    (
        "error",
        "Not tracked: an error occurred. Ask your administrator to check the server"
        " log.",
    ),
]


def _normalize_addresses(texts):
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
        `mail.message` and of `mail.compose.message`.

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
        return _normalize_addresses(texts)

    # ------------------------------------------------------------
    # Do not override: the steps of a decision
    # ------------------------------------------------------------

    def _decide_tracking(self, recipients):
        """Decide which of these messages are tracked, and store the reason on messages
        that cannot be tracked.

        :param dict recipients: message -> its current recipients (`res.partner`
            records, list of further email addresses). Earlier recipients count as well.
        :return: message -> addresses outside the company to track; only for messages
            that are tracked
        :rtype: dict[MailMessage, set[str]]
        """
        external = self._get_external_addresses(recipients)
        consents = self.env["trackable.objection"]._read_consents(
            set().union(*external.values())
        )
        addresses_to_track = {}
        for message in self:
            company = message._get_tracking_company()
            base_url = company._get_tracking_url(message.get_base_url())
            reason = self._decide_untracked_reason(
                company, base_url, external[message], consents
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

    def _get_external_addresses(self, recipients):
        """Return the addresses outside the company that messages are sent to now, or
        were sent to earlier.

        :param dict recipients: as in `_decide_tracking`
        :rtype: dict[MailMessage, set[str]]
        """
        notifications = self._get_email_notifications()
        addresses = {
            message: message._get_recipient_addresses(
                *recipients[message], notifications[message]
            )
            for message in self
        }
        internal = self._get_internal_addresses(set().union(*addresses.values()))
        return {message: addresses[message] - internal for message in self}

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
                ["mail_message_id", "res_partner_id", "mail_email_address"],
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
    def _get_recipient_addresses(self, partners, addresses, notifications=None):
        """Return the normalized addresses of all recipients. A partner can have several
        addresses.

        :param res.partner partners:
        :param list[str] addresses: addresses of recipients without a partner
        :param mail.notification | None notifications: sent by email earlier
        :rtype: set[str]
        """
        # sudo: res.partner - every recipient counts, even if the author may not read
        # the partner
        partners = partners.sudo()
        if notifications is None:
            notifications = self.env["mail.notification"]
        partners |= notifications.res_partner_id
        texts = [
            *partners.mapped("email"),
            *notifications.mapped("mail_email_address"),
            *addresses,
        ]
        return _normalize_addresses(texts)

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
        return _normalize_addresses(
            text for [text] in self.env.execute_query(query.select(email))
        )

    @api.model
    def _is_private_url_allowed(self):
        # sudo: ir.config_parameter - readable by administrators only
        return str2bool(
            self.env["ir.config_parameter"].sudo().get_param(ALLOW_PRIVATE_URL), False
        )
