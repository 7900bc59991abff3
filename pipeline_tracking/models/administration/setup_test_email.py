"""Track the test email that a user sends to themselves, although colleagues are not
tracked (extends mail.message).

Treat the user as a person who agreed, unless they opted out (extends
trackable.objection).
"""

from odoo import api, models

from ...tools import consent

# The value of the context's key `tracking_test`. A request cannot contain this object,
# so no user can track an email to a colleague.
TEST_EMAIL = object()


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model
    def _get_internal_addresses(self, addresses):
        internal = super()._get_internal_addresses(addresses)
        return internal - _get_test_addresses(self.env)


class TrackableObjection(models.Model):
    _inherit = "trackable.objection"

    @api.model
    def _read_consents(self, addresses, readable_only=False):
        consents = super()._read_consents(addresses, readable_only)
        for address in _get_test_addresses(self.env).intersection(consents):
            consents[address] = consents[address] or consent.AGREED
        return consents


def _get_test_addresses(env):
    """Return the address of the user if the user sends a test email to themselves."""
    is_test = env.context.get("tracking_test") is TEST_EMAIL
    return {env.user.email_normalized} if is_test else set()
