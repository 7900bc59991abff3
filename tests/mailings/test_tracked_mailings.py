"""Each copy of a mailing is tracked, in place of Odoo's own tracking."""

from odoo.fields import Command
from odoo.tests import tagged

from ..common import BASE_URL
from ..helpers.mailing_case import BODY, SHORT_URL, MailingCase


@tagged("post_install", "-at_install")
class TestMailings(MailingCase):
    def test_each_copy_is_tracked(self):
        mailing, arrived = self.send_mailing()
        self.assertEqual(set(arrived), set(self.contacts.mapped("email")))
        emails = self.emails_of(mailing)
        self.assertEqual(set(emails), set(arrived))
        for contact in self.contacts:
            trackable = emails[contact.email]
            trace = mailing.mailing_trace_ids.filtered(
                lambda trace, contact=contact: trace.email == contact.email
            )
            self.assertEqual(trackable.mailing_trace_id, trace)
            self.assertEqual(trace.trace_status, "sent")
            self.assertEqual(
                (trackable.res_model, trackable.res_id, trackable.subject),
                ("mailing.contact", contact.id, "News"),
            )
            self.assertEqual(trackable.user_id, self.salesperson)
            self.assertEqual(trackable.link_count, 2)
        urls = [url for delivered in arrived.values() for url in delivered.tracked_urls]
        self.assertEqual(len(urls), len(set(urls)), "each URL is in one copy only")

    def test_one_image_and_one_tracked_url_for_each_link(self):
        _mailing, arrived = self.send_mailing()
        for delivered in arrived.values():
            self.assertTracked(delivered)
            self.assertNotIn("/mail/track/", delivered.html)
            self.assertNotIn("blank.gif", delivered.text)
            self.assertFalse(SHORT_URL.search(delivered.html))
            self.assertFalse(SHORT_URL.search(delivered.text))
            for text in ("offer", "prices"):
                self.assertIn("/t/", delivered.links[text])

    def test_links_are_shared_and_have_odoos_destinations(self):
        mailing, _arrived = self.send_mailing()
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        trackers = self.env["link.tracker"].search(
            [("mass_mailing_id", "=", mailing.id)]
        )
        self.assertEqual(len(links), 2, "recipients share the links")
        self.assertEqual(links.link_tracker_id, trackers)
        self.assertEqual(
            {link.label: link.url for link in links},
            {tracker.label: tracker.redirected_url for tracker in trackers},
        )
        offer = links.filtered(lambda link: link.label == "offer")
        self.assertIn("https://shop.example.net/offer?a=1&b=2&utm_", offer.url)

    def test_unsubscribe_and_view_are_untouched(self):
        mailing, arrived = self.send_mailing()
        for address, delivered in arrived.items():
            contact = self.contacts.filtered(
                lambda contact, address=address: contact.email == address
            )
            self.assertEqual(
                delivered.links["Unsubscribe"],
                mailing._get_unsubscribe_url(address, contact.id),
            )
            self.assertEqual(
                delivered.links["View in browser"],
                mailing._get_view_url(address, contact.id),
            )
            self.assertEqual(
                delivered.message["List-Unsubscribe"],
                f"<{mailing._get_unsubscribe_oneclick_url(address, contact.id)}>",
            )
            self.assertEqual(
                delivered.message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click"
            )

    def test_test_emails_are_not_tracked(self):
        mailing = self.create_mailing()
        self.env["mailing.mailing.test"].create(
            {"mass_mailing_id": mailing.id, "email_to": "test@customer.example.net"}
        ).send_mail_test()
        (delivered,) = self.inbox.emails
        self.assertUntracked(delivered)
        self.assertFalse(self.emails_of(mailing))
        self.inbox.emails.clear()
        _mailing, arrived = self.send_mailing(mailing)
        self.assertEqual(len(arrived), 3, "the mailing itself is tracked")
        self.assertEqual(len(self.emails_of(mailing)), 3)

    def test_mailings_to_contacts_and_to_leads(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": "Carla's", "partner_id": self.customer.id},
                {"name": "Nobody's", "email_from": "nobody@customer.example.net"},
            ]
        )
        partners = self.customer | self.other
        for records, addresses in (
            (partners, partners.mapped("email")),
            (leads, [self.customer.email, "nobody@customer.example.net"]),
        ):
            mailing, arrived = self.send_mailing(
                model=records._name,
                mailing_domain=repr([("id", "in", records.ids)]),
            )
            self.assertEqual(set(arrived), set(addresses))
            emails = self.emails_of(mailing)
            self.assertEqual(set(emails), set(addresses))
            for record, address in zip(records, addresses, strict=True):
                self.assertTracked(arrived[address])
                self.assertEqual(
                    (emails[address].res_model, emails[address].res_id),
                    (record._name, record.id),
                )
            self.assertEqual(emails[self.customer.email].partner_id, self.customer)

    def test_the_partner_is_the_only_contact_with_the_address(self):
        anna, bert, cleo = self.contacts
        partner = self.env["res.partner"].create({"name": "A", "email": anna.email})
        self.env["res.partner"].create([{"name": "B", "email": bert.email}] * 2)
        company = self.env["res.company"].create({"name": "Another"})
        self.env["res.partner"].create(
            {"name": "C", "email": cleo.email, "company_id": company.id}
        )
        mailing, _arrived = self.send_mailing()
        emails = self.emails_of(mailing)
        self.assertEqual(emails[anna.email].partner_id, partner)
        self.assertFalse(emails[bert.email].partner_id, "two contacts have the address")
        self.assertFalse(
            emails[cleo.email].partner_id, "the contact is of another company"
        )

    def test_without_a_public_address_odoo_tracks(self):
        self.set_base_url("http://localhost:8069")
        with self.assertLogs("odoo.addons.pipeline_tracking", "WARNING"):
            mailing, arrived = self.send_mailing()
        self.assertFalse(self.emails_of(mailing))
        for delivered in arrived.values():
            self.assertUntracked(delivered)
            self.assertIn("/mail/track/", delivered.html)
            self.assertTrue(SHORT_URL.search(delivered.html))

    def test_two_links_to_one_address_are_separate(self):
        body = (
            '<div><a href="https://x.com/">first</a><a href="https://x.com/">second</a>'
            "</div>"
        )
        mailing, arrived = self.send_mailing(body=body)
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(set(links.mapped("label")), {"first", "second"})
        self.assertEqual(len(links.link_tracker_id), 2)
        for delivered in arrived.values():
            self.assertNotEqual(delivered.links["first"], delivered.links["second"])

    def test_a_url_that_only_looks_like_a_short_url(self):
        """Odoo would append the id of the trace to the URL, and break it."""
        url = "https://x.com/r/abc"
        _mailing, arrived = self.send_mailing(
            body=f'<div><map><area href="{url}"></map><a href="{url}">r</a></div>'
        )
        for delivered in arrived.values():
            self.assertNotIn("/m/", delivered.html)
        areas = self.env["trackable.link"].search([("url", "=", url)])
        self.assertEqual(len(areas), 1, "Odoo does not shorten the link of an area")

    def test_a_link_that_differs_by_recipient(self):
        body = '<div><a t-attf-href="https://x.com/{{object.name}}">yours</a></div>'
        mailing, arrived = self.send_mailing(body=body)
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(len(links), 3)
        self.assertEqual(
            [email.link_count for email in self.emails_of(mailing).values()], [1, 1, 1]
        )
        self.assertEqual(
            len({delivered.links["yours"] for delivered in arrived.values()}), 3
        )

    def test_sending_again_reuses_trackable_emails(self):
        mailing = self.create_mailing()
        self.inbox.refuses = True
        with self.assertLogs("odoo.addons.mail", "ERROR"):
            mailing.action_send_mail()
        emails = self.env["trackable.email"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(len(emails), 3)
        self.assertFalse(any(emails.mapped("sent_date")))
        self.inbox.refuses = False
        self.env["mail.mail"].search([("mailing_id", "=", mailing.id)]).mark_outgoing()
        self.env["mail.mail"].process_email_queue()
        self.assertEqual(
            self.env["trackable.email"].search([("mailing_id", "=", mailing.id)]),
            emails,
        )
        self.assertTrue(all(emails.mapped("sent_date")))

    def test_from_a_list_of_records(self):
        """Links of a mailing that the composer creates have no link trackers."""
        partners = self.customer | self.other
        self.env["mail.compose.message"].with_context(
            active_ids=partners.ids, active_model="res.partner"
        ).create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "res_ids": repr(partners.ids),
                "mass_mailing_name": "Quick",
                "subject": "Quick",
                "body": '<p><a href="https://x.com/1">one</a></p>',
            }
        )._action_send_mail()
        self.env["mail.mail"].process_email_queue()
        mailing = self.env["mailing.mailing"].search([("name", "=", "Quick")])
        self.assertEqual(set(self.emails_of(mailing)), set(partners.mapped("email")))
        link = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(
            (link.url, link.link_tracker_id.id), ("https://x.com/1", False)
        )
        for delivered in self.inbox.emails:
            self.assertTracked(delivered)
            self.assertIn(f"{BASE_URL}/t/", delivered.links["one"])

    def test_a_partner_with_two_addresses_gets_one_copy(self):
        partner = self.env["res.partner"].create(
            {"name": "Two", "email": "one@x.example.org, two@x.example.org"}
        )
        mailing = self.create_mailing(
            model="res.partner", mailing_domain=repr([("id", "=", partner.id)])
        )
        mailing.action_send_mail()
        self.env["mail.mail"].process_email_queue()
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        (trackable,) = self.emails_of(mailing).values()
        self.assertEqual(trackable.email_to, mailing.mailing_trace_ids.email)

    def test_files_are_links_that_outlive_the_emails(self):
        file = self.env["ir.attachment"].create(
            {"name": "offer.pdf", "raw": b"%PDF-1.4 offer"}
        )
        mailing, arrived = self.send_mailing(attachment_ids=[Command.link(file.id)])
        self.assertFalse(
            self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        )
        link = self.env["trackable.link"].search(
            [("mailing_id", "=", mailing.id), ("is_file", "=", True)]
        )
        self.assertEqual((len(link), link.label), (1, "offer.pdf"))
        self.assertEqual(link.attachment_id.raw, b"%PDF-1.4 offer")
        self.assertNotEqual(link.attachment_id, file)
        for delivered in arrived.values():
            self.assertEqual(delivered.attachments, [])
            (url,) = [
                url for text, url in delivered.links.items() if "offer.pdf" in text
            ]
            self.assertIn("/t/", url)
        mailing.unlink()
        self.assertEqual(link.attachment_id.raw, b"%PDF-1.4 offer")

    def test_the_company_is_that_of_the_responsible_user(self):
        """The user of the cron job that sends the mailing does not matter."""
        company = self.env["res.company"].create({"name": "Another"})
        self.salesperson.write(
            {"company_ids": [Command.link(company.id)], "company_id": company.id}
        )
        mailing, _arrived = self.send_mailing()
        emails = self.emails_of(mailing).values()
        self.assertEqual({email.company_id for email in emails}, {company})

    def test_short_links_on_the_host_of_a_website(self):
        """Link trackers are found if short links have the host of a website."""
        self.patch(
            self.registry["link.tracker"],
            "_compute_short_url_host",
            lambda trackers: trackers.update({"short_url_host": "https://site.com/r/"}),
        )
        body = f'<div>{BODY}<a href="https://other.com/r/abc">other</a></div>'
        mailing, arrived = self.send_mailing(body=body)
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(len(links.link_tracker_id), 3)
        for delivered in arrived.values():
            self.assertNotIn("/r/", delivered.html)

    def test_exempt_links_are_not_tracked(self):
        """Odoo's short link to an exempt destination is not tracked either."""
        body = '<div><a href="https://x.com/unsubscribe?u=1">here</a></div>'
        mailing, arrived = self.send_mailing(body=body)
        self.assertFalse(
            self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        )
        for delivered in arrived.values():
            self.assertTracked(delivered)
            self.assertRegex(delivered.links["here"], r"/r/[A-Za-z0-9]+$")

    def test_an_email_shows_only_links_of_its_copy(self):
        body = '<div><a t-attf-href="https://x.com/{{object.name}}">yours</a></div>'
        mailing, arrived = self.send_mailing(body=body)
        emails = self.emails_of(mailing)
        anna = self.contacts[0].email
        self.hit(arrived[anna].links["yours"])
        self.process()
        self.assertEqual(emails[anna].link_ids.sudo().url.count("Anna"), 1)
        self.assertFalse(emails[self.contacts[1].email].link_ids)
