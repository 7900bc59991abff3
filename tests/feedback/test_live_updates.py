"""Open chatters get live updates of records that the user may read."""

import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.bus.models import ir_websocket as bus_ir_websocket
from odoo.addons.pipeline_tracking.models.feedback.chatter_channel import (
    SUBCHANNEL,
    push_buttons,
)
from odoo.addons.pipeline_tracking.models.feedback.ir_websocket import (
    MAX_RECORDS,
    RECORD_CHANNEL,
)

from ..common import APPLE_MPP, TrackingCase


@tagged("post_install", "-at_install")
class TestPushes(TrackingCase):
    """Web clients that have a record open get updates of its tracked emails."""

    def read_pushes(self, work):
        """Return the notifications that are pushed while a function runs.

        :return: channel -> notifications
        :rtype: dict[tuple, list[dict]]
        """
        self.env.cr.precommit.run()  # sends earlier notifications
        self.env["bus.bus"].search([]).unlink()
        work()
        self.env.cr.precommit.run()
        pushes_by_channel = {}
        for notification in self.env["bus.bus"].search([], order="id"):
            channel = tuple(json.loads(notification.channel)[1:])
            if channel[-1] != SUBCHANNEL:  # for example, a notification to the sender
                continue
            pushes_by_channel.setdefault(channel, []).append(
                json.loads(notification.message)
            )
        return pushes_by_channel

    def test_badges_and_entries(self):
        delivered, trackable = self.send()
        lead = ("crm.lead", self.lead.id, "tracking")
        partner = ("res.partner", self.customer.id, "tracking")

        self.hit(delivered.image_urls[0])
        pushes = self.read_pushes(self.process)
        self.assertEqual(set(pushes), {lead, partner})
        badge, button, entry = pushes[lead]
        (message,) = badge["payload"]["mail.message"]
        self.assertEqual(message["id"], trackable.mail_message_id.id)
        self.assertEqual(message["tracking"]["opens"], 1)
        self.assertEqual(button["type"], "pipeline_tracking/changed_button")
        self.assertEqual(entry["type"], "pipeline_tracking/new_entries")
        self.assertEqual(entry["payload"], {"model": "crm.lead", "id": self.lead.id})

        self.wait(60)
        self.hit(delivered.image_urls[0])
        pushes = self.read_pushes(self.process)
        (changed,) = pushes[partner]
        self.assertEqual(changed["type"], "pipeline_tracking/changed_entries")
        self.assertEqual(
            changed["payload"],
            {
                "model": "res.partner",
                "id": self.customer.id,
                "message_ids": self.entries(self.customer).ids,
            },
        )
        (message,) = [
            message
            for push in pushes[lead]
            for message in push["payload"]["mail.message"]
            if "body" in message
        ]
        self.assertEqual(message["id"], self.entries(self.lead).id)
        self.assertIn("</a> 2× · ", message["body"][1])

    def read_last_badge(self, work):
        """Return the last badge that is pushed to the lead's chatter."""
        pushes = self.read_pushes(work)["crm.lead", self.lead.id, SUBCHANNEL]
        return [
            message["tracking"]
            for push in pushes
            for message in push["payload"].get("mail.message", ())
            if "tracking" in message
        ][-1]

    def test_pushed_badge_counts_all_recipients(self):
        self.env.company.track_several_recipients = True
        self.inbox.emails.clear()
        self.post(partner_ids=(self.customer | self.other).ids)
        for delivered, opens in zip(self.inbox.emails, (1, 2), strict=True):
            self.hit(delivered.image_urls[0])
            badge = self.read_last_badge(self.process)
            self.assertEqual(badge["opens"], opens)
            self.assertEqual((badge["opened"], badge["recipients"]), (opens, 2))

    def test_replies_and_downloads_are_pushed(self):
        delivered, trackable = self.send(attachments=[("offer.pdf", b"%PDF-1.4")])
        self.hit(delivered.links["offer.pdf"])
        badge = self.read_last_badge(self.process)
        self.assertEqual((badge["downloads"], badge["clicks"]), (1, 0))
        self.assertTrue(badge["last_action"])
        self.wait(60)
        reply = self.lead.message_post(
            body="Thank you", parent_id=trackable.mail_message_id.id
        )
        for is_first in (True, False):
            self.env["trackable.hit"]._record_reply(reply, self.customer.email)
            if is_first:
                badge = self.read_last_badge(self.process)
                self.assertEqual(badge["replied"], 1)
                self.assertGreater(badge["last_reply"], badge["last_action"])
            else:
                self.assertFalse(self.read_pushes(self.process))

    def test_stopped_tracking_is_pushed(self):
        _delivered, trackable = self.send()
        self.assertTrue(self.read_last_badge(trackable.action_stop)["stopped"])
        _delivered, trackable = self.send()
        self.assertTrue(
            self.read_last_badge(trackable._record_objection_by_link)["stopped"]
        )

    def test_deleted_entry_is_pushed(self):
        delivered, trackable = self.send(
            "".join(f'<a href="https://x.example.net/{n}">{n}</a>' for n in range(4))
        )
        self.hit(delivered.links["0"])
        self.process()
        entry = self.entries(self.customer)
        for name in "123":
            self.hit(delivered.links[name])
        pushes = self.read_pushes(self.process)
        self.assertFalse(self.entries(self.customer))
        payloads = [
            message
            for push in pushes["res.partner", self.customer.id, "tracking"]
            for message in push["payload"].get("mail.message", ())
        ]
        self.assertEqual(payloads, [{"id": entry.id, "_DELETE": True}])

    def read_pushed_buttons(self, work):
        """Return the records whose button changes while a function runs."""
        return sorted(
            (model, res_id)
            for (model, res_id, _name), pushes in self.read_pushes(work).items()
            for push in pushes
            if push["type"] == "pipeline_tracking/changed_button"
        )

    def test_buttons_of_all_records_that_count_the_email(self):
        """The first open changes the buttons of the record, the contact and their
        company. A second open and a click change no button.
        """
        company = self.env["res.partner"].create({"name": "Azure", "is_company": True})
        self.customer.parent_id = company
        delivered, trackable = self.send('<a href="https://x.example.net">prices</a>')
        expected = [
            ("crm.lead", self.lead.id),
            *(("res.partner", id_) for id_ in sorted((self.customer + company).ids)),
        ]
        self.hit(delivered.image_urls[0])
        self.hit(delivered.image_urls[0])
        self.assertEqual(self.read_pushed_buttons(self.process), expected)
        self.wait(60)
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["prices"])
        self.assertEqual(self.read_pushed_buttons(self.process), [])
        self.assertGreater(trackable.open_count, 1)

    def test_possible_open_changes_no_button(self):
        delivered, _trackable = self.send()
        self.hit(delivered.image_urls[0], user_agent=APPLE_MPP)
        self.assertEqual(self.read_pushed_buttons(self.process), [])

    def test_corrected_open_changes_the_button(self):
        delivered, trackable = self.send(
            "".join(f'<a href="https://x.example.net/{n}">{n}</a>' for n in range(4))
        )
        self.hit(delivered.links["0"])
        self.process()
        self.assertEqual(trackable.open_count, 1)
        for name in "123":
            self.hit(delivered.links[name])
        buttons = self.read_pushed_buttons(self.process)
        self.assertEqual(trackable.open_count, 0)
        self.assertIn(("crm.lead", self.lead.id), buttons)

    def test_buttons_of_many_emails_cost_no_further_query(self):
        opened = [self.send()[0] for _number in range(4)]

        def count(number):
            emails = self.env["trackable.email"].search([], limit=number)
            return self.count_queries(lambda: push_buttons(emails))

        self.assertTrue(opened)
        count(1)  # fills the caches
        self.assertEqual(count(1), count(4))

    def test_updates_follow_merged_opportunities(self):
        delivered, trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        bigger_lead = self.lead.copy({"name": "Bigger deal"})
        bigger_lead.write({"expected_revenue": 10**6, "probability": 90})
        merged = (self.lead + bigger_lead).merge_opportunity()
        self.assertNotEqual(
            merged, self.lead, "the test needs the other opportunity to stay"
        )
        self.assertEqual(trackable.res_id, merged.id)
        self.assertEqual(merged.trackable_email_count, 1)
        self.wait(60)
        self.hit(delivered.image_urls[0])
        pushes = self.read_pushes(self.process)
        self.assertIn(("crm.lead", merged.id, "tracking"), pushes)
        self.assertIn("opened “Proposal” 2× · ", self.entry_text(merged))

    def test_hit_that_is_set_aside_pushes_nothing(self):
        delivered, _trackable = self.send()
        other, other_email = self.send(record=self.lead.copy({"name": "Other"}))
        self.hit(delivered.image_urls[0])
        self.hit(other.image_urls[0])
        recompute = type(self.env["trackable.email"])._recompute_counters

        def fail(emails, actions):
            recompute(emails, actions)
            if other_email in emails:
                raise ValueError("in a module that extends this")

        with (
            patch.object(
                type(self.env["trackable.email"]), "_recompute_counters", fail
            ),
            mute_logger(
                "odoo.addons.pipeline_tracking.models.receiving.trackable_hit_process"
            ),
        ):
            pushes = self.read_pushes(self.process)
        self.assertEqual(len(pushes["crm.lead", self.lead.id, "tracking"]), 3)
        self.assertNotIn(("crm.lead", other_email.res_id, "tracking"), pushes)

    def test_automated_requests_are_not_pushed(self):
        delivered, _trackable = self.send()
        self.hit(delivered.image_urls[0], method="HEAD")
        self.assertFalse(self.read_pushes(self.process))


@tagged("post_install", "-at_install")
class TestChannels(TrackingCase):
    def channels(self, user, *names):
        """Return the records that a user's web client may subscribe to."""
        matches = filter(None, map(RECORD_CHANNEL.fullmatch, names))
        websocket = self.env["ir.websocket"].with_user(user)
        records = websocket._get_readable_records(list(matches))
        return [(record._name, record.id) for record in records]

    def test_only_readable_records_have_channels(self):
        lead = f"pipeline_tracking/crm.lead/{self.lead.id}"
        self.assertEqual(
            self.channels(self.salesperson, lead), [("crm.lead", self.lead.id)]
        )
        portal = new_test_user(self.env, "paul", "base.group_portal")
        self.lead.message_subscribe(portal.partner_id.ids)
        for user in (portal, self.env.ref("base.public_user"), self.colleague):
            self.assertEqual(self.channels(user, lead), [], user.login)

    def test_invalid_channels_are_ignored(self):
        for name in (
            f"pipeline_tracking/crm.lead/{10**12}",
            "pipeline_tracking/crm.lead/0",
            "pipeline_tracking/no.such.model/1",
            "pipeline_tracking/mail.thread/1",
            "pipeline_tracking/ir.config_parameter/1",
            "pipeline_tracking/crm.lead/1; DROP TABLE",
            "pipeline_tracking/crm.lead/-1",
            f"pipeline_tracking/crm.lead/{2**31}",
            f"pipeline_tracking/crm.lead/{'9' * 5000}",
            f"pipeline_tracking/{'x' * 5000}/1",
            "pipeline_tracking/crm.lead/\N{ARABIC-INDIC DIGIT ONE}",
            "pipeline_tracking/crm.lead/\N{FULLWIDTH DIGIT ONE}",
            "pipeline_tracking/crm.lead/1\n",
            "pipeline_tracking/",
            "broadcast",
        ):
            self.assertEqual(self.channels(self.salesperson, name), [], name[:60])

    def subscribe(self, *names):
        """Subscribe to channels as a client does.

        :return: channels with a text name, and records with a chatter channel
        :rtype: tuple[list[str], list]
        """
        websocket = self.env["ir.websocket"].with_user(self.salesperson)
        session = SimpleNamespace(uid=self.salesperson.id)
        with patch.object(
            bus_ir_websocket, "request", SimpleNamespace(session=session)
        ):
            channels = websocket._build_bus_channel_list(list(names))
        texts = [channel for channel in channels if isinstance(channel, str)]
        pairs = [channel for channel in channels if isinstance(channel, tuple)]
        return texts, [pair[0] for pair in pairs if pair[1] == SUBCHANNEL]

    def test_invalid_and_duplicate_channels_are_dropped(self):
        lead = f"pipeline_tracking/crm.lead/{self.lead.id}"
        invalid = f"pipeline_tracking/crm.lead/{'9' * 5000}"
        texts, records = self.subscribe(
            "other", lead, invalid, "pipeline_tracking/x", lead
        )
        self.assertEqual(texts, ["other", "broadcast"])
        self.assertEqual(records, [self.lead])

    def test_number_of_records_is_bounded(self):
        """Many records cost as many queries as a single record."""
        leads = self.env["crm.lead"].create(
            [
                {"name": str(n), "user_id": self.salesperson.id}
                for n in range(MAX_RECORDS + 5)
            ]
        )
        self.env.flush_all()
        names = [f"pipeline_tracking/crm.lead/{lead.id}" for lead in leads]
        self.subscribe(*names)  # fills caches
        counts = []
        for subscribed_names in (names[:1], names):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            _texts, records = self.subscribe(*subscribed_names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        # The last channel belongs to the record that the client opened last.
        self.assertEqual(
            {record.id for record in records}, set(leads[-MAX_RECORDS:].ids)
        )
