"""A reply implies an open; an automatic reply does not."""

from odoo.tests import tagged

from ..helpers.incoming_reply_case import BODY, IncomingReplyCase
from ..helpers.user_agents import APPLE_MPP


@tagged("post_install", "-at_install")
class TestReplies(IncomingReplyCase):
    def setUp(self):
        super().setUp()
        self.wait(3600)

    def reply_and_process(self, text="Thank you!", **headers):
        self.receive(self.reply(text=text, **headers))
        return self.process()

    def assertOpenedByReply(self, trackable):
        self.assertCounts(trackable, opens=1, clicks=0)
        self.assertRecordValues(
            trackable.action_ids,
            [{"kind": "open", "actor": "recipient", "reason": "inferred"}],
        )
        self.assertEqual(trackable.reply_date, trackable.first_open_date)
        self.assertEqual(trackable.raw_open_count, 0)

    def test_reply_implies_an_open(self):
        self.assertEqual(self.reply_and_process(), 1)
        self.assertOpenedByReply(self.trackable)
        self.assertIn("opened an email (inferred) ·", self.entry_text(self.customer))
        self.assertFalse(self.env["trackable.hit"].search([]))

    def test_a_second_reply_changes_nothing(self):
        self.reply_and_process()
        first = self.trackable.reply_date
        self.wait(60)
        self.reply_and_process(**{"Message-Id": "<second@customer.example.org>"})
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(len(self.trackable.action_ids), 1)
        self.assertLessEqual(self.trackable.reply_date, first)

    def test_reply_after_an_open(self):
        self.hit(self.delivered.image_urls[0])
        self.process()
        self.wait(60)
        self.reply_and_process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertTrue(self.trackable.reply_date)
        self.assertEqual(self.trackable.action_ids.reason, "direct")

    def test_reply_after_a_possible_open(self):
        self.hit(self.delivered.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        self.assertEqual(self.trackable.status, "maybe")
        self.reply_and_process()
        self.assertEqual(self.trackable.status, "replied")
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(self.trackable.unknown_open_count, 1)

    def test_automatic_reply(self):
        self.assertEqual(
            self.reply_and_process(**{"Auto-Submitted": "auto-replied"}), 0
        )
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.trackable.reply_date)
        # The person replies, too.
        self.reply_and_process(**{"Message-Id": "<second@customer.example.org>"})
        self.assertOpenedByReply(self.trackable)

    def test_reply_by_another_person(self):
        self.assertEqual(
            self.reply_and_process(From="Oscar <oscar@other.example.org>"), 0
        )
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_address_in_another_format(self):
        self.reply_and_process(From='"Carla C." <Carla@Customer.Example.org>')
        self.assertOpenedByReply(self.trackable)

    def test_reply_to_an_earlier_email(self):
        self.inbox.emails.clear()
        _delivered, later = self.send(BODY)
        self.reply_and_process()
        self.assertOpenedByReply(self.trackable)
        self.assertCounts(later, opens=0, clicks=0)

    def test_reply_after_the_record_was_merged(self):
        self.lead.type = "lead"
        other = self.lead.copy({"name": "Bigger deal", "type": "opportunity"})
        merged = (other | self.lead).merge_opportunity(auto_unlink=True)
        self.assertEqual(merged, other)
        message = self.receive(self.reply(text="Thank you"))
        self.assertEqual(message.res_id, other.id)
        self.process()
        self.assertOpenedByReply(self.trackable)

    def test_reply_without_a_parent_answers_the_last_email(self):
        _delivered, later = self.send(BODY)
        self.lead.message_post(body="a note", subtype_xmlid="mail.mt_note")
        self.receive(
            self.reply(
                text="Thank you",
                **{"In-Reply-To": "", "References": ""},
            ),
            model="crm.lead",
            thread_id=self.lead.id,
        )
        self.process()
        self.assertOpenedByReply(later)
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_reply_on_another_record(self):
        reply = self.reply(text="New", **{"In-Reply-To": "", "References": ""})
        other = self.lead.copy()
        self.receive(reply, model="crm.lead", thread_id=other.id)
        self.assertEqual(self.process(), 0)
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_message_posted_in_odoo_is_not_a_reply(self):
        self.lead.message_post(
            body="x", author_id=self.customer.id, message_type="comment"
        )
        self.assertEqual(self.process(), 0)

    def test_database_error_loses_no_reply(self):
        self.env.cr.execute("ALTER TABLE trackable_hit RENAME TO trackable_hit_gone")
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs:
            message = self.receive(self.reply(text="Thank you"))
        self.assertIn("Thank you", message.body)
        self.assertEqual(len(logs.records), 1)
        self.env.cr.execute("ALTER TABLE trackable_hit_gone RENAME TO trackable_hit")
