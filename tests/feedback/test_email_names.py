"""The recipient and the record of a tracked email are named where they are known."""

from odoo.tests import tagged

from ..common import TrackingCase
from ..helpers.mailing_case import MailingMixin


@tagged("post_install", "-at_install")
class TestEmailNames(MailingMixin, TrackingCase):
    def find(self, text, model="trackable.email"):
        """Return the records that the salesperson finds by the recipient's name."""
        return (
            self.env[model]
            .with_user(self.salesperson)
            .search([("recipient_name", "ilike", text)])
        )

    def test_a_contact_is_named(self):
        delivered, email = self.send()
        self.assertEqual(
            email.with_user(self.salesperson).recipient_name, "Carla Customer"
        )
        self.hit(delivered.image_urls[0])
        self.process()
        action = email.action_ids.with_user(self.salesperson)
        self.assertEqual(action.recipient_name, "Carla Customer")
        self.assertEqual(self.find("carla"), email)
        self.assertEqual(self.find("customer.example.org"), email)
        self.assertEqual(self.find("carla", "trackable.email.action"), action)
        self.assertFalse(self.find("oscar"))

    def test_the_address_stands_in_for_a_missing_contact(self):
        _delivered, email = self.send()
        email.partner_id = False
        self.assertEqual(email.recipient_name, self.customer.email)
        email.partner_id = 2**31 - 1
        self.assertEqual(email.recipient_name, self.customer.email)
        email.write({"email_to": False, "partner_id": False})
        self.assertFalse(email.recipient_name)

    def test_a_mailing_contact_is_named(self):
        """Also to users who may not read mailing contacts."""
        mailing, _arrived = self.send_mailing()
        anna = self.contacts[0]
        email = self.emails_of(mailing)[anna.email]
        self.assertFalse(email.partner_id)
        email_of_user = email.with_user(self.salesperson)
        self.assertFalse(anna.with_user(self.salesperson).has_access("read"))
        self.assertEqual(email_of_user.recipient_name, "Anna")
        self.assertEqual(self.find("Anna"), email)
        anna.unlink()
        self.env.invalidate_all()
        self.assertEqual(email_of_user.recipient_name, email.email_to)

    def test_queries_do_not_grow_with_emails(self):
        mailing, _arrived = self.send_mailing()
        emails = self.env["trackable.email"].search([("mailing_id", "=", mailing.id)])
        for _number in range(3):
            emails |= self.send()[1]

        def read(emails):
            emails.with_user(self.salesperson).read(
                ["recipient_name", "source_name", "follow_up_date"]
            )

        few = emails[0] | emails[-1]
        read(few)
        self.assertLessEqual(
            self.count_queries(lambda: read(emails)),
            self.count_queries(lambda: read(few)),
        )

    def test_the_source_is_named_to_its_readers(self):
        _delivered, email = self.send()
        self.assertEqual(
            email.with_user(self.salesperson).source_name, "Lead: Big deal"
        )
        other = self.lead.copy({"name": "Secret", "user_id": self.colleague.id})
        email.res_id = other.id
        self.assertEqual(email.with_user(self.salesperson).source_name, "Lead")
        self.assertEqual(email.source_name, "Lead: Secret")
        email.write({"res_model": "model.of.an.app", "res_id": 1})
        self.assertFalse(email.source_name)
        email.write({"res_model": False, "res_id": False})
        self.assertFalse(email.source_name)

    def test_an_opt_out_is_known(self):
        _delivered, email = self.send()
        _delivered, other = self.send()
        other.email_to = self.other.email
        self.assertFalse(email.with_user(self.salesperson).has_objected)
        email.action_object()
        self.env.invalidate_all()
        self.assertTrue(email.with_user(self.salesperson).has_objected)
        self.assertFalse(other.has_objected)
        other.email_to = False
        self.assertFalse(other.has_objected)

    def test_a_hidden_opt_out_stays_hidden(self):
        _delivered, email = self.send()
        email.email_to = "nobody@x.com"
        email.action_object()
        self.env.invalidate_all()
        self.assertFalse(email.with_user(self.salesperson).has_objected)
        self.assertTrue(email.with_user(self.new_manager()).has_objected)

    def test_links_name_their_email(self):
        body = '<a href="https://x.com/">x</a>'
        _delivered, email = self.send(body)
        link = email.link_ids.with_user(self.salesperson)
        self.assertEqual(
            (link.email_subject, link.recipient_names, link.sent_date),
            ("Proposal", "Carla Customer", email.sent_date),
        )
        self.env.company.track_several_recipients = True
        message = self.post(body, partner_ids=(self.customer + self.other).ids)
        emails = self.trackable_emails(message)
        self.assertEqual(len(emails), 2)
        self.assertEqual(emails.link_ids.recipient_names, "Carla Customer, Oscar Other")
        mailing, _arrived = self.send_mailing()
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(set(links.mapped("email_subject")), {"News"})
        self.assertEqual(set(links.mapped("recipient_names")), {""})
        self.assertTrue(all(links.mapped("sent_date")))

    def test_links_are_ordered_by_their_last_use(self):
        body = "".join(f'<a href="https://x.com/{name}">{name}</a> ' for name in "abc")
        delivered, email = self.send(body)
        self.wait(60)
        for name in "ac":
            self.hit(delivered.links[name])
            self.process()
            self.wait(60)
        links = self.env["trackable.link"].with_user(self.salesperson)
        links = links.search(
            [("id", "in", email.link_ids.ids)], order="last_use_date desc, id desc"
        )
        self.assertEqual(links.mapped("label"), ["c", "a", "b"])
        self.assertGreater(links[0].last_use_date, links[1].last_use_date)
        self.assertFalse(links[2].last_use_date)
