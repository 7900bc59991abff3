"""The feed: who did what on which email, grouped by person, newest first."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.pipeline_tracking.models.feedback import trackable_feed

from ..helpers.feed_case import BODY, FeedCase
from ..helpers.files_case import PDF


@tagged("post_install", "-at_install")
class TestFeed(FeedCase):
    def test_people_and_lines_newest_first(self):
        delivered, _email = self.send(BODY)
        other, _email = self.send_to_other(subject="Catalogue")
        self.assertEqual(self.people(), {}, "sent emails are no news")
        self.open_later(delivered.image_urls[0])
        self.open_later(other.image_urls[0])
        self.assertEqual(
            list(self.people().items()),
            [
                ("Oscar Other", ["Opened “Catalogue”"]),
                ("Carla Customer", ["Opened “Proposal”"]),
            ],
        )
        self.open_later(delivered.image_urls[0])
        self.open_later(delivered.links["our prices"])
        self.assertEqual(
            list(self.people().items()),
            [
                (
                    "Carla Customer",
                    ["Clicked “our prices” in “Proposal”", "Opened “Proposal” 2×"],
                ),
                ("Oscar Other", ["Opened “Catalogue”"]),
            ],
        )

    def test_emails_of_one_person_are_grouped(self):
        for subject in ("First", "Second"):
            delivered, _email = self.send(subject=subject)
            self.open_later(delivered.image_urls[0])
        [person] = self.feed()["people"]
        self.assertEqual(
            [line["text"] for line in person["lines"]],
            ["Opened “Second”", "Opened “First”"],
        )
        self.assertEqual(person["email_id"], person["lines"][0]["email_id"])

    def test_test_emails_to_oneself_are_left_out(self):
        manager = self.new_manager()
        self.inbox.emails.clear()
        self.env["trackable.setup"].with_user(manager).send_test_email()
        (delivered,) = self.inbox.emails
        self.open_later(delivered.image_urls[0])
        email = self.env["trackable.email"].search([])
        self.assertEqual(
            (email.partner_id, email.user_id.id), (manager.partner_id, manager.id)
        )
        self.assertCounts(email, opens=1, clicks=0)
        everything = {"everyone": True, "automated": True}
        other_manager = new_test_user(
            self.env, "max", "base.group_user,pipeline_tracking.group_manager"
        )
        self.assertEqual(self.people(manager), {})
        for user in (manager, other_manager):
            self.assertEqual(self.people(user, **everything), {})
        # Emails to other users, and to addresses without a contact, are news.
        email.partner_id = other_manager.partner_id
        for user in (manager, other_manager):
            self.assertIn("max", self.feed(user, **everything)["people"][0]["name"])
        email.partner_id = False
        self.assertEqual([*self.people(manager)], [manager.email])

    def test_click_stands_for_inferred_open(self):
        delivered, email = self.send(BODY)
        self.hit(delivered.links["our prices"])
        self.process()
        self.assertCounts(email, opens=1, clicks=1)
        self.assertEqual(
            self.people(),
            {"Carla Customer": ["Clicked “our prices” in “Proposal”"]},
        )

    def test_reply(self):
        delivered, email = self.send(BODY)
        self.open_later(delivered.image_urls[0])
        self.reply(email)
        self.assertEqual(
            self.people(),
            {"Carla Customer": ["Replied to “Proposal”", "Opened “Proposal”"]},
        )

    def test_download(self):
        delivered, _email = self.send(attachments=[("offer.pdf", PDF)])
        self.hit(delivered.links["offer.pdf"])
        self.process()
        self.assertEqual(
            self.people(),
            {"Carla Customer": ["Downloaded “offer.pdf” from “Proposal”"]},
        )

    def test_possible_open(self):
        delivered, _email = self.send()
        self.wait(60)
        self.hit(delivered.image_urls[0], user_agent="Mozilla/5.0")
        self.process()
        self.assertEqual(
            self.people(), {"Carla Customer": ["May have opened “Proposal”"]}
        )

    def test_machines_and_colleagues_need_the_switch(self):
        delivered, _email = self.send(BODY)
        self.wait(60)
        self.hit(delivered.image_urls[0], method="HEAD")
        self.hit(delivered.links["our prices"], user_id=self.colleague.id)
        self.process()
        self.assertEqual(self.people(), {})
        [lines] = self.people(automated=True).values()
        self.assertCountEqual(
            lines,
            [
                "Opened “Proposal” (automated)",
                "Clicked “our prices” in “Proposal” (by Colin)",
            ],
        )
        self.open_later(delivered.image_urls[0])
        self.assertEqual(self.people(), {"Carla Customer": ["Opened “Proposal”"]})

    def test_lines_and_people_are_limited(self):
        delivered, _email = self.send(
            "".join(f'<a href="https://x.example.net/{n}">{n}</a>' for n in range(7))
        )
        for n in range(7):
            self.open_later(delivered.links[str(n)])
        [person] = self.feed()["people"]
        self.assertEqual(len(person["lines"]), trackable_feed.LINES_PER_PERSON)
        self.assertEqual(person["more_count"], 7 - trackable_feed.LINES_PER_PERSON)
        self.assertEqual(person["lines"][0]["text"], "Clicked “6” in “Proposal”")
        other, _email = self.send_to_other()
        self.open_later(other.image_urls[0])
        self.assertFalse(self.feed()["has_more"])
        self.patch(trackable_feed, "PEOPLE_PER_PAGE", 1)
        feed = self.feed()
        self.assertEqual([p["name"] for p in feed["people"]], ["Oscar Other"])
        self.assertTrue(feed["has_more"])
        feed = self.feed(page=2)
        self.assertEqual(len(feed["people"]), 2)
        self.assertFalse(feed["has_more"])
        self.patch(trackable_feed, "MAX_PAGES", 1)
        feed = self.feed(page=2)
        self.assertEqual((len(feed["people"]), feed["has_more"]), (1, False))

    def test_older_lines_are_on_the_next_page(self):
        delivered, _email = self.send()
        self.open_later(delivered.image_urls[0])
        self.wait(40 * 24 * 3600)
        feed = self.feed()
        self.assertEqual((feed["people"], feed["has_more"]), ([], True))
        feed = self.feed(page=2)
        self.assertEqual((len(feed["people"]), feed["has_more"]), (1, False))

    def test_number_of_queries_is_constant(self):
        def send_and_open():
            delivered, _email = self.send(BODY)
            self.open_later(delivered.image_urls[0])
            self.open_later(delivered.links["our prices"])

        send_and_open()
        self.assertLess(self.count_queries(self.feed), 30)
        # Emails with the same subject also need their first words.
        send_and_open()
        few = self.count_queries(self.feed)
        for _number in range(4):
            other, _email = self.send_to_other(
                partner_ids=self.other.copy({"email": "o@other.example.org"}).ids
            )
            self.open_later(other.image_urls[0])
            self.open_later(other.links["our prices"])
        self.assertEqual(len(self.feed()["people"]), 5)
        self.assertLessEqual(self.count_queries(self.feed), few)


@tagged("post_install", "-at_install")
class TestFeedAccess(FeedCase):
    def setUp(self):
        super().setUp()
        self.manager = self.new_manager()
        self.delivered, self.email = self.send(BODY)
        self.open_later(self.delivered.image_urls[0])

    def test_only_the_sender_and_managers_see_an_email(self):
        seen = {"Carla Customer": ["Opened “Proposal”"]}
        self.assertEqual(self.people(), seen)
        self.assertEqual(self.people(self.colleague), {})
        self.assertEqual(self.people(self.colleague, everyone=True), {})
        self.assertEqual(self.people(self.manager), {})
        self.assertEqual(self.people(self.manager, everyone=True), seen)
        self.assertTrue(self.feed(self.manager)["is_manager"])
        self.assertFalse(self.feed()["is_manager"])

    def test_senders_are_named_in_everyones_feed(self):
        [person] = self.feed(self.manager, everyone=True)["people"]
        self.assertEqual(person["lines"][0]["sender"], "Sally Sales")
        [person] = self.feed()["people"]
        self.assertEqual(person["lines"][0]["sender"], "")

    def test_emails_of_other_companies_are_not_shown(self):
        self.email.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self.people(self.manager, everyone=True), {})
        self.assertEqual(self.people(), {})
        self.email.company_id = self.env.company
        self.assertTrue(self.people())

    def test_customers_have_no_feed(self):
        for user in (
            new_test_user(self.env, "paul", "base.group_portal"),
            self.env.ref("base.public_user"),
        ):
            with self.assertRaises(AccessError):
                self.feed(user)

    def test_mailings_are_not_shown(self):
        self.email.mailing_id = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        self.assertEqual(self.people(), {})
        self.assertEqual(self.people(self.manager, everyone=True), {})

    def test_deleted_record(self):
        [person] = self.feed()["people"]
        self.assertEqual(
            (person["partner_id"], person["has_record"], person["can_reply"]),
            (self.customer.id, True, True),
        )
        self.lead.unlink()
        [person] = self.feed()["people"]
        self.assertEqual((person["has_record"], person["can_reply"]), (False, True))

    def test_missing_contact_shows_the_address(self):
        """The contact was deleted in the database, or never committed."""
        self.lead.unlink()
        self.email.partner_id = self.env["res.partner"].browse(2**30)
        [person] = self.feed()["people"]
        self.assertEqual(person["name"], "carla@customer.example.org")
        self.assertEqual(
            (person["partner_id"], person["has_record"], person["can_reply"]),
            (False, False, False),
        )
        self.assertEqual(person["lines"][0]["text"], "Opened “Proposal”")

    def test_deleted_contact_is_anonymized(self):
        self.assertTrue(self.people())
        self.customer.unlink()
        self.assertEqual(self.people(), {})

    def test_unreadable_contact_shows_the_address(self):
        self.customer.company_id = self.env["res.company"].create({"name": "Other"})
        [person] = self.feed()["people"]
        self.assertEqual(person["name"], "carla@customer.example.org")
        self.assertFalse(person["partner_id"])

    def test_anonymized_email_has_no_person(self):
        self.email._anonymize()
        self.assertEqual(self.people(), {})

    def test_phone_number(self):
        [person] = self.feed()["people"]
        self.assertEqual(person["phone"], "")
        self.customer.phone = "+32 81 81 37 00"
        [person] = self.feed()["people"]
        self.assertEqual(person["phone"], "+32 81 81 37 00")


@tagged("post_install", "-at_install")
class TestReply(FeedCase):
    def compose(self, email):
        action = email.with_user(self.salesperson).action_reply_to_recipient()
        self.assertEqual(action["res_model"], "mail.compose.message")
        return Form(
            self.env["mail.compose.message"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
        )

    def test_reply_is_posted_on_the_record(self):
        _delivered, email = self.send()
        self.inbox.emails.clear()
        composer = self.compose(email)
        self.assertEqual(composer.subject, "Re: Proposal")
        composer.body = "<p>Any questions?</p>"
        composer.save().action_send_mail()
        message = self.lead.message_ids[0]
        self.assertEqual(message.partner_ids, self.customer)
        self.assertEqual(message.parent_id, email.mail_message_id)
        (delivered,) = self.inbox.emails
        self.assertEqual(delivered.recipients, ["carla@customer.example.org"])
        self.assertEqual(
            self.compose(self.trackable_emails(message)).subject,
            "Re: Proposal",
            "no second prefix",
        )

    def test_reply_without_record_is_posted_on_the_contact(self):
        _delivered, email = self.send()
        self.lead.unlink()
        composer = self.compose(email)
        self.assertEqual(composer.model, "res.partner")
        self.assertEqual(composer.partner_ids[:], self.customer)

    def test_reply_on_the_contact_if_the_record_is_hidden(self):
        _delivered, email = self.send()
        manager = new_test_user(
            self.env,
            "manu",
            "base.group_partner_manager,sales_team.group_sale_salesman,"
            "pipeline_tracking.group_manager",
        )
        self.lead.user_id = self.colleague
        self.assertFalse(self.lead.with_user(manager).has_access("read"))
        self.env.invalidate_all()
        action = email.with_user(manager).action_reply_to_recipient()
        self.assertEqual(action["context"]["default_model"], "res.partner")
        self.assertNotIn("default_parent_id", action["context"])

    def test_reply_without_chatter_is_refused(self):
        _delivered, email = self.send()
        self.lead.unlink()
        email.partner_id = False
        with self.assertRaises(UserError):
            email.with_user(self.salesperson).action_reply_to_recipient()

    def test_reply_to_an_address_finds_the_contact(self):
        _delivered, email = self.send()
        email.partner_id = False
        self.assertEqual(self.compose(email).partner_ids[:], self.customer)

    def test_only_readers_of_the_email_can_reply(self):
        _delivered, email = self.send()
        with self.assertRaises(AccessError):
            email.with_user(self.colleague).action_reply_to_recipient()


@tagged("post_install", "-at_install")
class TestFeedWindow(FeedCase):
    def test_future_dates_do_no_harm(self):
        """The clock of another server may be ahead."""
        delivered, email = self.send()
        self.open_later(delivered.image_urls[0])
        email.action_ids.occurred_at = fields.Datetime.now() + timedelta(minutes=5)
        self.assertTrue(self.people())
