"""Hits become actions, counters and chatter entries."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from odoo.addons.pipeline_tracking.tools import classify

from ..common import APPLE_MPP, TrackingCase

BODY = (
    '<p>See <a href="https://shop.example.net/prices?token=secret">our prices</a> and'
    ' <a href="https://shop.example.net/terms/?token=secret"></a>,'
    ' more <a href="https://shop.example.net/about">about us</a></p>'
)


class ProcessCase(TrackingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send(BODY)
        self.image = self.delivered.image_urls[0]
        self.prices = self.delivered.links["our prices"]
        self.terms = self.delivered.links[""]
        self.last_dated = 0

    def at(self, when):
        """Set the time of the hits that were appended since the last call."""
        self.env.cr.execute(
            "UPDATE trackable_hit SET occurred_at = %s WHERE id > %s",
            [when, self.last_dated],
        )
        Hit = self.env["trackable.hit"]
        Hit.invalidate_model()
        self.last_dated = Hit.search([], order="id desc", limit=1).id


@tagged("post_install", "-at_install")
class TestProcess(ProcessCase):
    def test_open_and_click(self):
        self.hit(self.image)
        self.hit(self.prices)
        self.assertEqual(self.process(), 2)
        self.assertFalse(self.env["trackable.hit"].search([]), "the queue is empty")
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertRecordValues(
            self.trackable.action_ids.sorted("id"),
            [
                {"kind": "open", "actor": "recipient", "trackable_link_id": False},
                {
                    "kind": "click",
                    "actor": "recipient",
                    "trackable_link_id": self.trackable.link_ids[0].id,
                },
            ],
        )
        self.assertFalse(
            any(self.trackable.action_ids.mapped("ip")), "not stored by default"
        )
        self.assertEqual(self.process(), 0)
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_first_and_last_open_date(self):
        now = fields.Datetime.now()
        for days in (3, 5, 1):
            self.hit(self.image)
            self.at(now - timedelta(days=days))
            self.process()
        self.assertCounts(self.trackable, opens=3, clicks=0)
        self.assertEqual(self.trackable.first_open_date, now - timedelta(days=5))
        self.assertEqual(self.trackable.last_open_date, now - timedelta(days=1))

    def test_automated_and_possible_opens_are_stored_but_not_counted(self):
        self.hit(self.image, method="HEAD")
        self.hit(self.image, user_agent="")
        self.hit(self.image, user_agent=APPLE_MPP)
        self.hit(self.prices, method="HEAD")
        self.process()
        self.assertEqual(len(self.trackable.action_ids), 4)
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.entries(self.customer))
        # A person, in another network than the program that sent HEAD.
        self.hit(self.image, ip="198.51.100.7")
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(len(self.entries(self.customer)), 1)

    def test_every_reason_has_a_label(self):
        selection = self.env["trackable.email.action"]._fields["reason"].selection
        self.assertEqual({code for code, _label in selection}, set(classify.REASONS))

    def test_query_count_does_not_grow_with_the_hits(self):
        """Only statements that create records depend on the number of records."""

        def count_queries(emails):
            sent = [self.send(BODY)[0] for _ in range(emails)]
            for delivered in sent:
                for url in delivered.tracked_urls:
                    self.hit(url, ip=f"192.0.2.{len(sent)}")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.process()
            return self.env.cr.sql_log_count - before

        count_queries(2)  # fills the caches
        few, many = count_queries(3), count_queries(9)
        self.assertEqual(many, few)
        self.assertGreater(few, 10, "queries are counted")

    # ------------------------------------------------------------
    # Chatter
    # ------------------------------------------------------------

    def test_chatter_entry(self):
        self.hit(self.image)
        self.hit(self.prices)
        self.hit(self.terms)
        self.at("2026-06-01 08:00:00")
        self.hit(self.image)
        self.at("2026-06-01 08:05:00")
        self.process()
        texts = {
            self.lead: "Carla Customer opened “Proposal” 2×,"
            " clicked “our prices”, “shop.example.net” · last 10:05 AM CEST",
            self.customer: "Carla Customer opened an email 2×, clicked a link 2×"
            " · last 10:05 AM CEST",
        }
        message_id = self.trackable.mail_message_id.id
        for record, text in texts.items():
            with self.subTest(record=record):
                self.assertEqual(self.entry_text(record).replace("\u202f", " "), text)
                entry = self.entries(record)
                self.assertEqual(
                    f'href="/mail/message/{message_id}"' in entry.body,
                    record == self.lead,
                )
                self.assertNotIn("secret", entry.body)
                self.assertEqual(
                    fields.Datetime.to_string(entry.date), "2026-06-01 08:00:00"
                )

    def test_one_entry_a_day_is_updated_in_place(self):
        self.hit(self.image)
        self.at("2026-06-01 08:00:00")
        self.process()
        entry = self.entries(self.lead)
        self.hit(self.prices)
        self.at("2026-06-01 21:59:00")  # 23:59 in Paris, the sender's time zone
        self.process()
        self.assertEqual(self.entries(self.lead), entry)
        self.assertIn("opened", entry.body)
        self.assertIn("our prices", entry.body)
        self.hit(self.image)
        self.at("2026-06-01 22:00:00")
        self.process()
        self.assertEqual(len(self.entries(self.customer)), 2)
        self.assertEqual(len(self.entries(self.lead)), 2)
        self.assertNotIn("our prices", self.entries(self.lead)[-1].body)

    def test_batch_over_several_days(self):
        _delivered, other = self.send(
            BODY, partner_ids=self.customer.ids, record=self.customer
        )
        self.hit(self.image)
        self.at("2026-06-01 08:00:00")
        self.hit(self.image)
        self.at("2026-06-03 00:00:00")
        self.process()
        self.assertEqual(len(self.entries(self.customer)), 2)
        self.assertFalse(other.action_ids)

    def test_email_from_the_contact_has_one_entry(self):
        delivered, trackable = self.send(record=self.customer)
        self.hit(delivered.image_urls[0])
        self.process()
        self.assertEqual(len(self.entries(self.customer)), 1)
        self.assertCounts(trackable, opens=1, clicks=0)

    def test_entry_notifies_nobody(self):
        self.customer.message_subscribe((self.other + self.colleague.partner_id).ids)
        self.lead.message_subscribe(
            self.other.ids, self.env["mail.message.subtype"].search([]).ids
        )
        self.inbox.emails.clear()
        self.hit(self.image)
        self.process()
        entries = self.entries(self.customer) + self.entries(self.lead)
        self.assertEqual(len(entries), 2)
        self.assertFalse(entries.notification_ids)
        self.assertFalse(entries.sudo().mail_ids)
        self.assertFalse(self.inbox.emails)

    def test_followers_do_not_get_the_subtype_by_default(self):
        subtypes, internal, external = self.env[
            "mail.message.subtype"
        ].default_subtypes("crm.lead")
        self.assertNotIn(
            self.env.ref("pipeline_tracking.mt_trackable_email_action"),
            subtypes + internal + external,
        )

    def test_portal_user_does_not_see_the_entry(self):
        portal = new_test_user(
            self.env, "petra", "base.group_portal", email="p@p.example.org"
        )
        portal.partner_id.message_subscribe(portal.partner_id.ids)
        self.customer = portal.partner_id
        delivered, trackable = self.send(record=portal.partner_id)
        self.hit(delivered.image_urls[0])
        self.process()
        entry = self.entries(portal.partner_id)
        self.assertEqual(len(entry), 1)
        Message = self.env["mail.message"]
        on_record = [
            ("model", "=", "res.partner"),
            ("res_id", "=", portal.partner_id.id),
        ]
        visible = Message.with_user(portal).search(on_record)
        self.assertIn(trackable.mail_message_id, visible, "the email is visible")
        self.assertNotIn(entry, visible)
        self.assertIn(entry, Message.with_user(self.salesperson).search(on_record))

    def test_entry_on_the_contact_hides_subject_and_links(self):
        record = self.env["mailing.contact"].create(
            {"name": "x", "email": "x@x.example.org"}
        )
        self.salesperson.group_ids += self.env.ref(
            "mass_mailing.group_mass_mailing_user"
        )
        delivered, _trackable = self.send(BODY, record=record)
        self.hit(delivered.links["our prices"])
        self.process()
        self.assertRegex(
            self.entry_text(self.customer),
            "^Carla Customer opened an email [^“]*, clicked a link · [^“]*$",
        )
        self.assertRegex(
            self.entry_text(record), "opened “Proposal” .*, clicked “our prices” ·"
        )

    def test_entry_escapes_html(self):
        self.customer.name = "<b>Evil</b> <script>alert(1)</script>"
        delivered, _trackable = self.send(
            '<a href="https://x.com">&lt;img src=x onerror=alert(1)&gt;</a>',
            subject="<script>alert(2)</script>",
        )
        self.hit(
            next(url for url in delivered.tracked_urls if not url.endswith(".gif"))
        )
        self.process()
        (entry,) = self.entries(self.lead)
        self.assertNotIn("<script", entry.body)
        self.assertNotIn("<img", entry.body)
        text = self.entry_text(self.lead)
        self.assertIn("<script>alert(1)</script>", text)
        self.assertIn("<script>alert(2)</script>", text)
        self.assertIn("<img src=x onerror=alert(1)>", text)

    def test_entry_in_the_senders_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.salesperson.lang = "fr_FR"
        self.hit(self.image)
        self.at("2026-06-01 13:00:00")
        self.process()
        self.assertIn("15:00", self.entry_text(self.customer))
