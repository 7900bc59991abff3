"""What the web client is told of a message's tracking."""

import json
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.pipeline_tracking.models.ir_websocket import RECORD_CHANNEL
from odoo.addons.pipeline_tracking.models.trackable_live_mixin import SUBCHANNEL

from .common import APPLE_MPP, TrackingCase
from .mailings import MailingCase


def stored(message, user):
    """A message as a user's web client gets it.

    :rtype: dict
    """
    message = message.with_user(user)
    message.env.invalidate_all()
    messages = Store().add(message).get_result()["mail.message"]
    return next(one for one in messages if one["id"] == message.id)


@tagged("post_install", "-at_install")
class TestBadge(TrackingCase):
    def badge(self, message, user=None):
        return stored(message, user or self.salesperson).get("tracking")

    def counters(self, opens=0, clicks=0, possible_opens=0):
        return {"opens": opens, "clicks": clicks, "possible_opens": possible_opens}

    def test_it_follows_what_happens(self):
        delivered, trackable = self.send(
            '<a href="https://x.example.net">our prices</a>'
        )
        message = trackable.mail_message_id
        self.assertEqual(self.badge(message), self.counters())
        self.hit(delivered.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        self.assertEqual(self.badge(message), self.counters(possible_opens=1))
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["our prices"])
        self.hit(delivered.links["our prices"], method="HEAD")
        self.process()
        self.assertEqual(
            self.badge(message), self.counters(opens=1, clicks=1, possible_opens=1)
        )

    def test_why_it_is_not_tracked(self):
        message = self.post(partner_ids=[self.customer.id, self.other.id])
        self.assertEqual(
            self.badge(message), {"untracked": "not tracked: 2 recipients"}
        )
        self.customer.tracking_consent = "objected"
        self.assertEqual(
            self.badge(self.post()),
            {"untracked": "not tracked: the recipient does not want it"},
        )

    def test_nothing_is_said_where_there_is_nothing_to_say(self):
        for message in (
            self.post(is_tracked=False),
            self.post(partner_ids=self.colleague.partner_id.ids),
            self.post(subtype_xmlid="mail.mt_note"),
        ):
            self.assertIsNone(self.badge(message))

    def test_colleagues_see_it_and_customers_do_not(self):
        """As of the chatter's entries: who reads the record may know."""
        delivered, trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        message = trackable.mail_message_id
        self.assertEqual(self.badge(message, self.colleague), self.counters(opens=1))
        portal = new_test_user(self.env, "paul", "base.group_portal")
        own = portal.partner_id.message_post(
            body="Hello", partner_ids=self.customer.ids, is_tracked=True
        )
        self.assertIsNone(self.badge(own, portal))

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

    def test_a_chatter_of_a_hundred(self):
        """At most three queries more, with the button on the form: two for the badges,
        one for the button.
        """
        messages = self.make_tracked_messages(100)
        messages |= self.post(partner_ids=[self.customer.id, self.other.id])
        self.env.flush_all()
        self.assertEqual(stored(messages[0], self.salesperson)["tracking"]["opens"], 1)

        def added(some):
            """Queries that the badges of these messages cost."""
            return self.count_queries(some) - self.count_queries(some, badges=False)

        added(messages)  # fills the caches
        few, many = added(messages[:2] | messages[-1:]), added(messages)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 2)

        button = ["trackable_email_count", "trackable_email_open_rate"]
        self.count_reading(button)  # fills the caches
        self.assertEqual(self.lead.trackable_email_count, 100)
        self.assertEqual(self.count_reading(button) - self.count_reading([]), 1)

    def count_reading(self, names):
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
            lambda self: get_badges(self) if badges else {},
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
        self.hit(delivered.image_urls[0], user_agent=APPLE_MPP)
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

    def test_newest_first_and_who_it_was(self):
        timeline = self.timeline(self.salesperson)
        self.assertEqual(
            [(line["actor"], line["text"]) for line in timeline["lines"]],
            [
                ("recipient", "Clicked our prices"),
                ("internal", "Clicked our prices, by Colin"),
                ("recipient", "Opened"),
                ("unknown", "May have been opened"),
            ],
        )
        self.assertEqual(timeline["machine_count"], 1)
        self.assertEqual(timeline["email_id"], self.trackable.id)
        self.assertIn("Chrome, Windows", timeline["lines"][0]["details"])

    def test_a_colleague_sees_no_details(self):
        timeline = self.timeline(self.teammate)
        self.assertEqual(len(timeline["lines"]), 4)
        self.assertFalse(timeline["email_id"])
        self.assertEqual({line["details"] for line in timeline["lines"]}, {""})

    def test_who_may_not_read_the_message_sees_nothing(self):
        portal = new_test_user(self.env, "paul", "base.group_portal")
        self.lead.message_subscribe(portal.partner_id.ids)
        for user in (portal, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.timeline(user)
        self.env["ir.rule"].create(
            {
                "name": "nobody's",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "domain_force": "[(0, '=', 1)]",
            }
        )
        with self.assertRaises(AccessError):
            self.timeline(self.teammate)


@tagged("post_install", "-at_install")
class TestMailingBadge(MailingCase):
    def test_what_is_kept_of_a_mailing_has_one(self):
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
        self.assertEqual(
            stored(message, self.env.user)["tracking"],
            {"opens": 0, "clicks": 0, "possible_opens": 0},
        )


@tagged("post_install", "-at_install")
class TestTold(TrackingCase):
    """What goes over the bus, to whoever has the record open."""

    def told(self, work):
        """What is sent while it works.

        :return: channel -> notifications
        :rtype: dict[tuple, list[dict]]
        """
        self.env.cr.precommit.run()  # what was sent before
        self.env["bus.bus"].search([]).unlink()
        work()
        self.env.cr.precommit.run()
        found = {}
        for notification in self.env["bus.bus"].search([], order="id"):
            channel = tuple(json.loads(notification.channel)[1:])
            if channel[-1] != SUBCHANNEL:  # a notice to the sender, say
                continue
            found.setdefault(channel, []).append(json.loads(notification.message))
        return found

    def test_badges_and_entries(self):
        delivered, trackable = self.send()
        lead = ("crm.lead", self.lead.id, "tracking")
        partner = ("res.partner", self.customer.id, "tracking")

        self.hit(delivered.image_urls[0])
        told = self.told(self.process)
        self.assertEqual(set(told), {lead, partner})
        badge, entry = told[lead]
        self.assertEqual(
            badge["payload"]["mail.message"],
            [
                {
                    "id": trackable.mail_message_id.id,
                    "tracking": {"opens": 1, "clicks": 0, "possible_opens": 0},
                }
            ],
        )
        self.assertEqual(entry["type"], "pipeline_tracking/new_entries")
        self.assertEqual(entry["payload"], {"model": "crm.lead", "id": self.lead.id})

        self.wait(60)
        self.hit(delivered.image_urls[0])
        told = self.told(self.process)
        (changed,) = told[partner]
        (message,) = changed["payload"]["mail.message"]
        self.assertEqual(message["id"], self.entries(self.customer).id)
        self.assertIn("2 times", message["body"][1])

    def test_what_is_taken_back(self):
        delivered, trackable = self.send(
            "".join(f'<a href="https://x.example.net/{n}">{n}</a>' for n in range(4))
        )
        self.hit(delivered.links["0"])
        self.process()
        entry = self.entries(self.customer)
        for name in "123":
            self.hit(delivered.links[name])
        told = self.told(self.process)
        self.assertFalse(self.entries(self.customer))
        payloads = [
            message
            for one in told["res.partner", self.customer.id, "tracking"]
            for message in one["payload"]["mail.message"]
        ]
        self.assertEqual(payloads, [{"id": entry.id, "_DELETE": True}])

    def test_it_goes_along_when_opportunities_are_merged(self):
        delivered, trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        kept = self.lead.copy({"name": "Bigger deal"})
        kept.write({"expected_revenue": 10**6, "probability": 90})
        merged = (self.lead + kept).merge_opportunity()
        self.assertNotEqual(merged, self.lead, "or this shows nothing")
        self.assertEqual(trackable.res_id, merged.id)
        self.assertEqual(merged.trackable_email_count, 1)
        self.wait(60)
        self.hit(delivered.image_urls[0])
        told = self.told(self.process)
        self.assertIn(("crm.lead", merged.id, "tracking"), told)
        self.assertIn("2 times", self.entry_text(merged))

    def test_what_fails_is_not_told(self):
        """A hit that is set aside takes back what was told of it."""
        delivered, _trackable = self.send()
        other, other_email = self.send(record=self.lead.copy({"name": "Other"}))
        self.hit(delivered.image_urls[0])
        self.hit(other.image_urls[0])
        settle = type(self.env["trackable.email"])._settle

        def fail(emails, actions):
            settle(emails, actions)
            if other_email in emails:
                raise ValueError("of a module that extends us")

        with (
            patch.object(type(self.env["trackable.email"]), "_settle", fail),
            mute_logger("odoo.addons.pipeline_tracking.models.trackable_queue_mixin"),
        ):
            told = self.told(self.process)
        self.assertEqual(len(told["crm.lead", self.lead.id, "tracking"]), 2)
        self.assertNotIn(("crm.lead", other_email.res_id, "tracking"), told)

    def test_what_machines_do_is_told_to_nobody(self):
        delivered, _trackable = self.send()
        self.hit(delivered.image_urls[0], method="HEAD")
        self.assertFalse(self.told(self.process))


@tagged("post_install", "-at_install")
class TestChannels(TrackingCase):
    def channels(self, user, *asked):
        """The records a user's web client may listen to."""
        matches = filter(None, map(RECORD_CHANNEL.fullmatch, asked))
        websocket = self.env["ir.websocket"].with_user(user)
        records = websocket._get_readable_records(list(matches))
        return [(record._name, record.id) for record in records]

    def test_only_records_that_may_be_read(self):
        lead = f"pipeline_tracking/crm.lead/{self.lead.id}"
        self.assertEqual(
            self.channels(self.salesperson, lead), [("crm.lead", self.lead.id)]
        )
        portal = new_test_user(self.env, "paul", "base.group_portal")
        self.lead.message_subscribe(portal.partner_id.ids)
        for user in (portal, self.env.ref("base.public_user"), self.colleague):
            self.assertEqual(self.channels(user, lead), [], user.login)

    def test_what_is_no_record_is_ignored(self):
        for asked in (
            f"pipeline_tracking/crm.lead/{10**12}",
            "pipeline_tracking/crm.lead/0",
            "pipeline_tracking/no.such.model/1",
            "pipeline_tracking/mail.thread/1",
            "pipeline_tracking/ir.config_parameter/1",
            "pipeline_tracking/crm.lead/1; DROP TABLE",
            "broadcast",
        ):
            self.assertEqual(self.channels(self.salesperson, asked), [], asked)
