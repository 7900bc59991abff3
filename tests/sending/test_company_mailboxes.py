"""Mailboxes of this Odoo and its companies do not count as external recipients."""

from odoo.tests import tagged

from ..common import TrackingCase

DOMAIN = "acme.example.com"


@tagged("post_install", "-at_install")
class TestCompanyMailboxes(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create(
            {
                "name": DOMAIN,
                "bounce_alias": "bounce",
                "catchall_alias": "catchall",
                "default_from": "notifications",
            }
        )
        cls.env["mail.alias.domain"].create(
            {
                "name": "shop.example.com",
                "bounce_alias": "b",
                "catchall_alias": "c",
                "default_from": "no-reply@elsewhere.example.com",
            }
        )
        cls.alias = cls.env["mail.alias"].create(
            {
                "alias_name": "sales",
                "alias_domain_id": cls.domain.id,
                "alias_model_id": cls.env.ref("crm.model_crm_lead").id,
            }
        )
        cls.env.company.email = "Acme <Office@acme.example.com>"
        cls.env.flush_all()

    MAILBOXES = (
        f"sales@{DOMAIN}",
        f"bounce@{DOMAIN}",
        f"catchall@{DOMAIN}",
        f"notifications@{DOMAIN}",
        f"office@{DOMAIN}",
        "no-reply@elsewhere.example.com",
        "c@shop.example.com",
    )

    def test_mailboxes_of_the_company_are_internal(self):
        external = {
            f"someone@{DOMAIN}",
            "sales@customer.example.org",
            "catchall@shop.example.com",
            "sales",
        }
        internal = self.env["mail.message"]._get_internal_addresses(
            {*self.MAILBOXES, *external}
        )
        self.assertEqual(internal, set(self.MAILBOXES))

    def test_a_copy_to_an_alias_does_not_count(self):
        message = self.post(outgoing_email_to=f"Sales <sales@{DOMAIN}>")
        self.assertTrue(message.is_tracked)
        (tracked,) = self.trackable_emails(message)
        self.assertEqual(tracked.email_to, self.customer.email)
        for delivered in self.inbox.emails:
            if delivered.recipients != [self.customer.email]:
                self.assertUntracked(delivered)

    def test_a_contact_with_the_address_of_a_shared_mailbox(self):
        shared = self.env["res.partner"].create(
            {"name": "Sales", "email": f"sales@{DOMAIN}"}
        )
        recipients = (self.customer + shared).ids
        lead = self.lead.with_user(self.salesperson)
        self.assertFalse(lead.get_tracking_preview(recipients)["reason"])
        self.assertTrue(self.post(partner_ids=recipients).is_tracked)
        self.inbox.emails.clear()
        self.assertRefused(self.post(partner_ids=shared.ids), "no_recipient")

    def test_other_addresses_in_the_domain_are_external(self):
        partner = self.env["res.partner"].create(
            {"name": "Someone", "email": f"someone@{DOMAIN}"}
        )
        message = self.post(partner_ids=(self.customer + partner).ids)
        self.assertRefused(message, "several_recipients")

    def test_query_count_does_not_depend_on_the_number_of_addresses(self):
        Message = self.env["mail.message"]
        counts = []
        many_addresses = {*self.MAILBOXES, *(f"{number}@x" for number in range(50))}
        for addresses in ({self.MAILBOXES[0]}, many_addresses):
            Message._get_internal_addresses(addresses)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Message._get_internal_addresses(addresses)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
