"""A reply shows an open; an automatic reply does not."""

from odoo.tests import tagged

from ..helpers.incoming_reply_case import BODY, IncomingReplyCase
from ..helpers.user_agents import APPLE_MPP


@tagged("post_install", "-at_install")
class TestReplies(IncomingReplyCase):
    def setUp(self):
        super().setUp()
        self.wait(3600)

    def answer(self, text="Thank you!", **headers):
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

    def test_a_reply_only(self):
        self.assertEqual(self.answer(), 1)
        self.assertOpenedByReply(self.trackable)
        self.assertIn("no image was loaded", self.entry_text(self.customer))
        self.assertFalse(self.env["trackable.hit"].search([]))

    def test_a_second_reply_changes_nothing(self):
        self.answer()
        first = self.trackable.reply_date
        self.wait(60)
        self.answer(**{"Message-Id": "<second@customer.example.org>"})
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(len(self.trackable.action_ids), 1)
        self.assertLessEqual(self.trackable.reply_date, first)

    def test_opened_and_replied(self):
        self.hit(self.delivered.image_urls[0])
        self.process()
        self.wait(60)
        self.answer()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertTrue(self.trackable.reply_date)
        self.assertEqual(self.trackable.action_ids.reason, "direct")

    def test_what_cannot_be_told_and_a_reply(self):
        self.hit(self.delivered.image_urls[0], user_agent=APPLE_MPP)
        self.process()
        self.assertEqual(self.trackable.opened, "maybe")
        self.answer()
        self.assertEqual(self.trackable.opened, "yes")
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.assertEqual(self.trackable.unknown_open_count, 1)

    def test_an_absent_persons_mailbox(self):
        self.assertEqual(self.answer(**{"Auto-Submitted": "auto-replied"}), 0)
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertFalse(self.trackable.reply_date)
        # and then the person
        self.answer(**{"Message-Id": "<second@customer.example.org>"})
        self.assertOpenedByReply(self.trackable)

    def test_somebody_else(self):
        self.assertEqual(self.answer(From="Oscar <oscar@other.example.org>"), 0)
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_the_address_as_it_was_written(self):
        self.answer(From='"Carla C." <Carla@Customer.Example.org>')
        self.assertOpenedByReply(self.trackable)

    def test_the_email_that_it_answers(self):
        self.inbox.emails.clear()
        _delivered, later = self.send(BODY)
        self.answer()
        self.assertOpenedByReply(self.trackable)
        self.assertCounts(later, opens=0, clicks=0)

    def test_a_thread_that_was_merged_into_another(self):
        self.lead.type = "lead"
        other = self.lead.copy({"name": "Bigger deal", "type": "opportunity"})
        merged = (other | self.lead).merge_opportunity(auto_unlink=True)
        self.assertEqual(merged, other)
        message = self.receive(self.reply(text="Thank you"))
        self.assertEqual(message.res_id, other.id)
        self.process()
        self.assertOpenedByReply(self.trackable)

    def test_the_last_one_where_it_is_not_known_which(self):
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

    def test_another_thread(self):
        reply = self.reply(text="New", **{"In-Reply-To": "", "References": ""})
        other = self.lead.copy()
        self.receive(reply, model="crm.lead", thread_id=other.id)
        self.assertEqual(self.process(), 0)
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_what_colleagues_and_customers_post_in_odoo_is_no_reply(self):
        self.lead.message_post(
            body="x", author_id=self.customer.id, message_type="comment"
        )
        self.assertEqual(self.process(), 0)

    def test_a_database_error_keeps_no_reply_from_arriving(self):
        self.env.cr.execute("ALTER TABLE trackable_hit RENAME TO trackable_hit_gone")
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs:
            message = self.receive(self.reply(text="Thank you"))
        self.assertIn("Thank you", message.body)
        self.assertEqual(len(logs.records), 1)
        self.env.cr.execute("ALTER TABLE trackable_hit_gone RENAME TO trackable_hit")
