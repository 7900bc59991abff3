"""The badge of a message shows what its recipients did. The timeline lists it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from ..common import APPLE_MPP, TrackingCase
from ..helpers.mailing_case import MailingCase
from ..helpers.user_agents import GMAIL_PROXY


def stored(message, user):
    """Return a message as a user's web client gets it.

    :rtype: dict
    """
    message = message.with_user(user)
    message.env.invalidate_all()
    messages = Store().add(message).get_result()["mail.message"]
    return next(data for data in messages if data["id"] == message.id)


UNOPENED = {
    "opens": 0,
    "clicks": 0,
    "downloads": 0,
    "possible_opens": 0,
    "recipients": 1,
    "opened": 0,
    "clicked": 0,
    "downloaded": 0,
    "replied": 0,
    "last_action": False,
    "last_reply": False,
    "stopped": False,
}


@tagged("post_install", "-at_install")
class TestBadge(TrackingCase):
    def badge(self, message, user=None):
        return stored(message, user or self.salesperson).get("tracking")

    def assertBadge(self, message, user=None, **expected):
        """Assert that a badge has these values, and the values of `UNOPENED` for all
        other keys but the time of the last action.
        """
        badge = self.badge(message, user)
        last_action = self.trackable_emails(message).mapped("last_action_date")
        self.assertEqual(
            badge,
            {
                **UNOPENED,
                "last_action": fields.Datetime.to_string(
                    max(filter(None, last_action), default=False)
                ),
                **expected,
            },
        )

    def test_badge_counts_opens_and_clicks(self):
        delivered, trackable = self.send(
            '<a href="https://x.example.net">our prices</a>'
        )
        message = trackable.mail_message_id
        self.assertBadge(message, last_action=False)
        self.hit(delivered.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        self.assertBadge(message, possible_opens=1, last_action=False)
        self.hit(delivered.image_urls[0])
        self.process()
        self.assertBadge(message, possible_opens=1, opens=1, opened=1)
        opened_at = self.badge(message)["last_action"]
        self.assertTrue(opened_at)
        self.wait(60)
        self.hit(delivered.links["our prices"])
        self.hit(delivered.links["our prices"], method="HEAD")
        self.process()
        self.assertBadge(
            message, opens=1, clicks=1, possible_opens=1, opened=1, clicked=1
        )
        self.assertGreaterEqual(self.badge(message)["last_action"], opened_at)

    def test_downloads_are_not_clicks(self):
        delivered, trackable = self.send(
            '<a href="https://x.example.net">our prices</a>',
            attachments=[("offer.pdf", b"%PDF-1.4 offer")],
        )
        message = trackable.mail_message_id
        file_url = delivered.links["offer.pdf"]
        self.hit(file_url)
        self.process()
        self.assertBadge(message, opens=1, downloads=1, opened=1, downloaded=1)
        self.wait(60)
        self.hit(delivered.links["our prices"])
        self.process()
        self.assertBadge(
            message,
            opens=1,
            clicks=1,
            downloads=1,
            opened=1,
            clicked=1,
            downloaded=1,
        )

    def test_badge_says_why_message_is_not_tracked(self):
        message = self.post(partner_ids=[self.customer.id, self.other.id])
        self.assertEqual(
            self.badge(message), {"untracked": "Not tracked: 2 recipients"}
        )
        self.customer.tracking_consent = "objected"
        self.assertEqual(
            self.badge(self.post()),
            {"untracked": "Not tracked: the recipient opted out of tracking"},
        )

    def test_badge_counts_recipients_with_and_without_tracking(self):
        self.env.company.track_several_recipients = True
        objecting = self.env["res.partner"].create(
            {
                "name": "Olga",
                "email": "olga@objecting.example.org",
                "tracking_consent": "objected",
            }
        )
        without_address = self.env["res.partner"].create({"name": "No Address"})
        partners = self.customer | self.other | objecting | without_address
        partners |= self.colleague.partner_id
        self.inbox.emails.clear()
        message = self.post(
            '<a href="https://x.example.net">our prices</a>', partner_ids=partners.ids
        )
        arrived = {
            delivered.recipients[0]: delivered for delivered in self.inbox.emails
        }
        self.assertEqual(len(arrived), 4)
        self.assertBadge(message, recipients=3)
        self.hit(arrived[self.other.email].links["our prices"])
        self.process()
        expected = {"recipients": 3, "opens": 1, "clicks": 1, "clicked": 1}
        self.assertBadge(message, opened=1, **expected)
        self.hit(arrived[self.customer.email].image_urls[0])
        self.process()
        self.assertBadge(message, opened=2, **{**expected, "opens": 2})

    def test_badge_of_anonymized_recipient(self):
        """The notification of the recipient is not counted as another recipient."""
        delivered, trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        message = trackable.mail_message_id
        self.customer.with_user(self.new_manager())._anonymize_tracked_emails()
        badge = self.badge(message)
        self.assertEqual((badge["recipients"], badge["opened"]), (1, 1))
        timeline = message.with_user(self.salesperson).get_tracking_timeline()
        self.assertEqual(timeline["recipients"], [])
        self.assertNotIn(self.customer.name, str(timeline))

    def test_messages_without_tracking_have_no_badge(self):
        for message in (
            self.post(is_tracked=False),
            self.post(partner_ids=self.colleague.partner_id.ids),
            self.post(subtype_xmlid="mail.mt_note"),
        ):
            self.assertIsNone(self.badge(message))

    def test_colleagues_see_badge_and_customers_do_not(self):
        delivered, trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        message = trackable.mail_message_id
        self.assertBadge(message, self.colleague, opens=1, opened=1)
        portal = new_test_user(self.env, "paul", "base.group_portal")
        message = portal.partner_id.message_post(
            body="Hello", partner_ids=self.customer.ids, is_tracked=True
        )
        self.assertIsNone(self.badge(message, portal))

    def test_portal_user_pushes_badge_to_colleague(self):
        """Odoo pushes a message to colleagues as its author, who can be a customer."""
        _delivered, trackable = self.send()
        portal = new_test_user(self.env, "paul", "base.group_portal")
        message = trackable.mail_message_id.with_user(portal)
        store = Store(bus_channel=self.salesperson)
        fields_to_store = message._to_store_defaults(store.target)
        tracking = [
            field
            for field in fields_to_store
            if getattr(field, "field_name", "") == "tracking"
        ]
        (values,) = (
            Store(bus_channel=self.salesperson)
            .add(message.sudo(), tracking)
            .get_result()["mail.message"]
        )
        self.assertEqual(values["tracking"], UNOPENED)

    def test_chatter_entries_are_marked(self):
        """The web client subscribes to a record whose chatter has an entry."""
        delivered, trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        for record in (self.lead, self.customer):
            values = stored(self.entries(record), self.colleague)
            self.assertTrue(values["is_tracking_entry"])
        message = stored(trackable.mail_message_id, self.colleague)
        self.assertNotIn("is_tracking_entry", message)

    def make_tracked_messages(self, count):
        messages = self.env["mail.message"].create(
            [
                {
                    "author_id": self.salesperson.partner_id.id,
                    "body": "Hello",
                    "is_tracked": True,
                    "message_type": "comment",
                    "model": "crm.lead",
                    "res_id": self.lead.id,
                }
                for _ in range(count)
            ]
        )
        self.env["trackable.email"].create(
            [
                {
                    "mail_message_id": message.id,
                    "open_count": 1,
                    "recipient_key": self.customer.email,
                    "res_id": self.lead.id,
                    "res_model": "crm.lead",
                    "sent_date": message.date,
                    "user_id": self.salesperson.id,
                }
                for message in messages
            ]
        )
        return messages

    def test_badges_and_button_cost_three_queries(self):
        """A chatter of 100 messages costs two queries for badges, a third for the
        button.
        """
        messages = self.make_tracked_messages(100)
        messages |= self.post(partner_ids=[self.customer.id, self.other.id])
        self.env.flush_all()
        self.assertEqual(stored(messages[0], self.salesperson)["tracking"]["opens"], 1)

        def count_badge_queries(messages):
            """Return the number of queries that the badges of messages cost."""
            without_badges = self.count_queries(messages, badges=False)
            return self.count_queries(messages) - without_badges

        count_badge_queries(messages)  # fills the caches
        few = count_badge_queries(messages[:2] | messages[-1:])
        many = count_badge_queries(messages)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 2)

        button = ["trackable_email_count", "trackable_email_summary"]
        self.count_read_queries(button)  # fills the caches
        self.assertEqual(self.lead.trackable_email_count, 100)
        without_button = self.count_read_queries([])
        self.assertEqual(self.count_read_queries(button) - without_button, 1)

    def count_read_queries(self, names):
        lead = self.lead.with_user(self.salesperson)
        lead.env.invalidate_all()
        before = self.env.cr.sql_log_count
        lead.read(["name", *names])
        return self.env.cr.sql_log_count - before

    def count_queries(self, messages, badges=True):
        messages = messages.with_user(self.salesperson)
        Message = self.env.registry["mail.message"]
        get_badges = Message._get_tracking_badges
        with patch.object(
            Message,
            "_get_tracking_badges",
            lambda self, *args: get_badges(self, *args) if badges else {},
        ):
            messages.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Store().add(messages).get_result()
            return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestTimeline(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teammate = new_test_user(
            cls.env,
            "tina",
            "base.group_user,sales_team.group_sale_salesman_all_leads",
        )

    def setUp(self):
        super().setUp()
        delivered, self.trackable = self.send(
            '<a href="https://x.example.net">our prices</a>'
        )
        self.message = self.trackable.mail_message_id
        (self.image,) = delivered.image_urls
        self.hit(self.image, user_agent=APPLE_MPP)
        self.wait(60)
        self.hit(delivered.image_urls[0])
        self.wait(60)
        self.hit(delivered.links["our prices"], user_id=self.colleague.id)
        self.hit(delivered.links["our prices"], method="HEAD")
        self.wait(60)
        self.hit(delivered.links["our prices"])
        self.process()

    def timeline(self, user):
        return self.message.with_user(user).get_tracking_timeline()

    def test_lines_are_newest_first_and_name_actors(self):
        timeline = self.timeline(self.salesperson)
        self.assertEqual(
            [
                (line["who"], line["text"], line["certainty"])
                for line in timeline["lines"]
            ],
            [
                ("Carla Customer", "clicked “our prices”", ""),
                ("Colin", "clicked “our prices”", "Colleague"),
                ("Carla Customer", "opened", ""),
                ("Carla Customer", "opened", "Possible"),
            ],
        )
        self.assertEqual(timeline["machine_count"], 1)
        self.assertEqual(timeline["email_ids"], self.trackable.ids)
        self.assertIn("Chrome, Windows", timeline["lines"][0]["details"])
        self.assertIn("Apple Mail loads images", timeline["lines"][-1]["details"])
        self.assertEqual(timeline["recipients"], [], "the lines name the recipient")

    def test_reply_is_a_line(self):
        self.trackable.reply_date = fields.Datetime.now() + timedelta(seconds=2)
        for user in (self.salesperson, self.teammate):
            timeline = self.timeline(user)
            first, second = timeline["lines"][:2]
            self.assertEqual(
                (first["kind"], first["who"], first["text"]),
                ("reply", "Carla Customer", "replied"),
            )
            self.assertEqual(second["kind"], "click")
        self.assertEqual(len({line["id"] for line in timeline["lines"]}), 5)

    def test_inferred_open_is_below_its_reason(self):
        delivered, trackable = self.send(
            '<a href="https://x.example.net">our prices</a>'
        )
        self.hit(delivered.links["our prices"])
        self.process()
        timeline = trackable.mail_message_id.get_tracking_timeline()
        self.assertEqual(
            [line["kind"] for line in timeline["lines"]], ["click", "open"]
        )
        self.assertIn("Inferred", timeline["lines"][1]["details"])

    def test_deleted_contact_is_anonymized(self):
        self.customer.unlink()
        timeline = self.timeline(self.teammate)
        self.assertEqual(
            {line["who"] for line in timeline["lines"]},
            {"Colin", "Anonymized recipient"},
        )

    def test_limits_explain_uncertain_opens(self):
        self.message.reply_to = "catchall@acme.example.com"
        domain = self.env["mail.alias.domain"].create(
            {"name": "acme.example.com", "catchall_alias": "catchall"}
        )
        self.assertEqual(self.timeline(self.salesperson)["limits"], [])
        domain.catchall_alias = "another"
        (limit,) = self.timeline(self.teammate)["limits"]
        self.assertIn("Replies go to catchall@acme.example.com", limit)
        alias = self.env["mail.alias"].create(
            {
                "alias_name": "catchall",
                "alias_domain_id": domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        self.assertEqual(self.timeline(self.salesperson)["limits"], [])
        alias.unlink()
        self.wait(60)
        self.hit(self.image, user_agent=GMAIL_PROXY)
        self.process()
        limits = self.timeline(self.salesperson)["limits"]
        self.assertEqual(len(limits), 2)
        self.assertIn("mail provider's server loaded the image", limits[0])

    def test_a_colleague_sees_no_details(self):
        timeline = self.timeline(self.teammate)
        self.assertEqual(len(timeline["lines"]), 4)
        self.assertFalse(timeline["email_ids"])
        self.assertEqual({line["details"] for line in timeline["lines"]}, {""})

    def test_timeline_requires_access_to_message(self):
        portal = new_test_user(self.env, "paul", "base.group_portal")
        self.lead.message_subscribe(portal.partner_id.ids)
        for user in (portal, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.timeline(user)
        self.env["ir.rule"].create(
            {
                "name": "No access",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "domain_force": "[(0, '=', 1)]",
            }
        )
        with self.assertRaises(AccessError):
            self.timeline(self.teammate)


@tagged("post_install", "-at_install")
class TestMailingBadge(MailingCase):
    def test_archived_mailing_has_a_badge(self):
        contact = self.env["res.partner"].create(
            {"name": "Mia", "email": "mia@customer.example.net"}
        )
        mailing = self.create_mailing(
            mailing_model_id=self.env["ir.model"]._get_id("res.partner"),
            mailing_domain=f"[('id', '=', {contact.id})]",
            contact_list_ids=[],
            keep_archives=True,
        )
        self.send_mailing(mailing)
        message = self.env["mail.message"].search(
            [("model", "=", "res.partner"), ("res_id", "=", contact.id)], limit=1
        )
        trackable = self.env["trackable.email"].search(
            [("mailing_id", "=", mailing.id)]
        )
        self.assertEqual(trackable.mail_message_id, message)
        self.assertEqual(stored(message, self.env.user)["tracking"], UNOPENED)
