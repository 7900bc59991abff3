"""Chatter entries move with their messages when contacts or opportunities are merged.
A trackable email has one entry a day in each chatter.
"""

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import TrackingCase

BODY = '<a href="https://x.com/">x</a>'


@tagged("post_install", "-at_install")
class TestMovedEntries(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson.tz = "Asia/Kolkata"  # no daylight saving time
        cls.third = cls.env["res.partner"].create(
            {"name": "Thea Third", "email": "thea@third.example.org"}
        )

    def act(self, delivered):
        """Open an email and follow its link."""
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["x"])
        self.process()

    def send_and_act(self, record):
        """Send an email to the customer from a record. Open it and follow its link."""
        delivered, trackable = self.send(BODY, record=record)
        self.act(delivered)
        return delivered, trackable

    def send_to_address(self, address):
        """Send a tracked email to an address without a contact."""
        mail = self.env["mail.mail"].create(
            {"body_html": BODY, "is_tracked": True, "email_to": address}
        )
        mail.send()
        return self.trackable_emails(mail.mail_message_id)

    def next_day(self):
        """Move all entries and messages one day into the past."""
        self.wait(24 * 3600)
        self.env.cr.execute("UPDATE trackable_email_entry SET day = day - 1")
        self.env.cr.execute("UPDATE mail_message SET date = date - interval '1 day'")
        self.env.invalidate_all()

    def merge(self, sources, destination):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (sources | destination).ids, destination
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(sources.exists())

    def rows(self, trackable):
        """Return the day and the record of each entry of an email."""
        rows = self.env["trackable.email.entry"].search(
            [("trackable_email_id", "=", trackable.id)]
        )
        for row in rows:
            self.assertEqual(
                (row.res_model, row.res_id),
                (row.mail_message_id.model, row.mail_message_id.res_id),
            )
        return sorted((row.day, row.res_model, row.res_id) for row in rows)

    def assertOneEntryADay(self, trackable, record, days=1):
        rows = self.rows(trackable)
        self.assertEqual({row[1:] for row in rows}, {(record._name, record.id)})
        self.assertEqual(len({row[0] for row in rows}), len(rows))
        self.assertEqual(len(rows), days)
        self.assertEqual(len(self.entries(record)), days)

    # ------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------

    def test_email_sent_from_destination_contact(self):
        delivered, trackable = self.send_and_act(self.other)
        self.assertEqual(len(self.rows(trackable)), 2)
        self.merge(self.customer, self.other)
        self.assertOneEntryADay(trackable, self.other)
        text = self.entry_text(self.other)
        for words in ("Oscar Other", "Proposal", "opened", "clicked “x”"):
            self.assertIn(words, text)
        self.wait(60)
        self.act(delivered)
        self.assertOneEntryADay(trackable, self.other)
        self.assertIn("clicked “x” 2×", self.entry_text(self.other))

    def test_email_sent_from_merged_contact(self):
        _delivered, trackable = self.send_and_act(self.other)
        self.merge(self.other, self.customer)
        self.assertOneEntryADay(trackable, self.customer)
        self.assertIn("clicked “x”", self.entry_text(self.customer))

    def test_several_days(self):
        delivered, trackable = self.send_and_act(self.other)
        self.next_day()
        self.act(delivered)
        self.assertEqual(len(self.rows(trackable)), 4)
        self.merge(self.customer, self.other)
        self.assertOneEntryADay(trackable, self.other, days=2)

    def test_two_contacts_with_entry_merged_into_third(self):
        _delivered, trackable = self.send_and_act(self.other)
        self.merge(self.customer | self.other, self.third)
        self.assertOneEntryADay(trackable, self.third)
        self.assertIn("Thea Third", self.entry_text(self.third))

    def test_contacts_merged_into_contact_with_entry(self):
        _delivered, trackable = self.send_and_act(self.other)
        self.merge(self.customer | self.third, self.other)
        self.assertOneEntryADay(trackable, self.other)

    def test_entry_moves_to_contact_without_entry(self):
        _delivered, trackable = self.send_and_act(self.lead)
        entry = self.entries(self.customer)
        self.merge(self.customer, self.other)
        self.assertEqual(self.entries(self.other), entry)
        self.assertEqual(len(self.rows(trackable)), 2)

    def test_entries_of_several_emails_stay_apart(self):
        _delivered, first = self.send_and_act(self.other)
        _delivered, second = self.send_and_act(self.customer)
        self.merge(self.customer, self.other)
        self.assertEqual(len(self.rows(first)), 1)
        self.assertEqual(len(self.rows(second)), 1)
        self.assertEqual(len(self.entries(self.other)), 2)

    def test_queries_do_not_grow_with_entries(self):
        counts = []
        for number in (2, 12):
            source, destination = self.env["res.partner"].create(
                [
                    {"name": name, "email": f"{name}{number}@x.example.org"}
                    for name in ("source", "destination")
                ]
            )
            for _number in range(number):
                self.inbox.emails.clear()
                self.post(record=destination, partner_ids=source.ids)
                self.hit(self.inbox.emails[0].image_urls[0])
            self.process()
            messages = self.env["mail.message"].search(
                [("model", "=", "res.partner"), ("res_id", "=", source.id)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            messages.write({"res_id": destination.id})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self.entries(destination)), number)
        self.assertEqual(counts[0], counts[1])

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_retry_after_merge_finds_trackable_email(self):
        self.inbox.refuses = True
        message = self.post(BODY)
        trackable = self.trackable_emails(message)
        self.assertEqual(len(trackable), 1)
        self.merge(self.customer, self.other)
        self.assertEqual(trackable.recipient_key, f"res.partner,{self.other.id}")
        self.inbox.refuses = False
        mail = message.sudo().mail_ids
        mail.mark_outgoing()
        mail.send()
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        self.assertEqual(self.trackable_emails(message), trackable)
        self.assertTrue(trackable.sent_date)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_retry_to_contact_that_was_not_committed(self):
        """The trackable email has no contact if the contact was not committed yet."""
        self.inbox.refuses = True
        trackable = self.trackable_emails(self.post(BODY))
        trackable.partner_id = False
        without_contact = self.send_to_address(self.customer.email)
        self.merge(self.customer, self.other)
        self.assertEqual(trackable.recipient_key, f"res.partner,{self.other.id}")
        self.assertEqual(trackable.partner_id, self.other)
        self.assertFalse(without_contact.partner_id)
        self.assertEqual(without_contact.recipient_key, "carla@customer.example.org")

    def test_two_recipients_of_one_message_are_merged(self):
        """Both trackable emails stay. A retry finds the first."""
        self.env.company.track_several_recipients = True
        for sources, destination in (
            (self.customer, self.other),
            (self.other | self.env["res.partner"].create({"name": "Nobody"}), None),
        ):
            destination = destination or self.third
            partners = (sources | destination).filtered("email")
            message = self.post(BODY, partner_ids=partners.ids)
            trackables = self.trackable_emails(message)
            self.assertEqual(len(trackables), 2)
            for delivered in self.inbox.emails:
                self.act(delivered)
            self.inbox.emails.clear()
            self.merge(sources, destination)
            self.assertEqual(trackables.exists(), trackables)
            self.assertEqual(trackables.partner_id, destination)
            key = f"res.partner,{destination.id}"
            self.assertEqual(trackables.mapped("recipient_key").count(key), 1)

    def test_two_recipients_are_merged_into_a_third_contact(self):
        self.env.company.track_several_recipients = True
        message = self.post(BODY, partner_ids=(self.customer | self.other).ids)
        trackables = self.trackable_emails(message)
        self.merge(self.customer | self.other, self.third)
        self.assertEqual(trackables.exists().partner_id, self.third)
        key = f"res.partner,{self.third.id}"
        self.assertEqual(trackables.mapped("recipient_key").count(key), 1)

    def test_an_anonymized_email_stays_anonymous(self):
        _delivered, trackable = self.send_and_act(self.lead)
        trackable._anonymize()
        key = trackable.recipient_key
        self.merge(self.customer, self.other)
        self.assertEqual((trackable.recipient_key, trackable.email_to), (key, False))

    # ------------------------------------------------------------
    # Other records
    # ------------------------------------------------------------

    def move(self, messages, record):
        messages.write({"model": record._name, "res_id": record.id})
        self.env.flush_all()
        self.env.invalidate_all()

    def test_merged_opportunities(self):
        delivered, trackable = self.send_and_act(self.lead)
        bigger_lead = self.lead.copy({"name": "Bigger deal"})
        bigger_lead.write({"expected_revenue": 10**6, "probability": 90})
        # Only the email is moved, so both leads have an entry of this day.
        self.move(trackable.mail_message_id, bigger_lead)
        self.wait(60)
        self.act(delivered)
        self.assertEqual(len(self.entries(bigger_lead)), 1)
        self.assertEqual(len(self.entries(self.lead)), 1)
        merged = (self.lead + bigger_lead).merge_opportunity()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(merged, bigger_lead)
        self.assertIn("clicked “x” 2×", self.entry_text(bigger_lead))
        self.assertEqual(len(self.rows(trackable)), 2)  # and the contact's entry

    def test_merged_opportunities_with_different_emails(self):
        first, first_trackable = self.send_and_act(self.lead)
        bigger_lead = self.lead.copy({"name": "Bigger deal"})
        bigger_lead.write({"expected_revenue": 10**6, "probability": 90})
        second, second_trackable = self.send_and_act(bigger_lead)
        merged = (self.lead + bigger_lead).merge_opportunity()
        self.env.flush_all()
        self.assertEqual(len(self.entries(merged)), 2)
        for trackable in (first_trackable, second_trackable):
            self.assertEqual(len(self.rows(trackable)), 2)

    def test_thread_moved_to_contact(self):
        """The contact already has an entry of this email and day."""
        _delivered, trackable = self.send_and_act(self.lead)
        self.lead.message_change_thread(self.customer)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(
            {row[1:] for row in self.rows(trackable)},
            {("res.partner", self.customer.id)},
        )
        self.assertEqual(len(self.rows(trackable)), 1)
        self.assertEqual(
            (trackable.res_model, trackable.res_id), ("res.partner", self.customer.id)
        )

    def test_both_entries_moved_at_once(self):
        _delivered, trackable = self.send_and_act(self.lead)
        entries = self.entries(self.lead) | self.entries(self.customer)
        self.assertEqual(len(entries), 2)
        self.move(entries | trackable.mail_message_id, self.other)
        self.assertEqual(len(self.entries(self.other)), 1)
        self.assertIn("clicked “x”", self.entry_text(self.other))

    def test_moved_entry_has_no_details(self):
        """Readers of the new record may not be able to read the lead."""
        self.send_and_act(self.lead)
        entry = self.entries(self.lead)
        self.assertIn("clicked “x”", self.entry_text(self.lead))
        self.move(entry, self.other)
        self.assertIn("clicked a link", self.entry_text(self.other))

    def test_entry_moved_to_same_record(self):
        _delivered, trackable = self.send_and_act(self.lead)
        entry = self.entries(self.lead)
        rows = self.rows(trackable)
        self.move(entry, self.lead)
        self.assertEqual(self.entries(self.lead), entry)
        self.assertEqual(self.rows(trackable), rows)

    def test_queries_do_not_grow_with_messages(self):
        counts = []
        for number in (2, 12):
            lead = self.lead.copy({"name": "Other deal"})
            for _number in range(number):
                self.send_and_act(lead)
            other_lead = self.lead.copy({"name": "Destination"})
            messages = self.env["mail.message"].search(
                [("model", "=", "crm.lead"), ("res_id", "=", lead.id)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            messages.write({"res_id": other_lead.id})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self.entries(other_lead)), number)
        self.assertEqual(counts[0], counts[1])
