"""A chatter entry says in one line who did what with which email, and when."""

import json

from markupsafe import Markup

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from ..common import TrackingCase
from ..helpers.mailing_case import MailingMixin
from .test_chatter_entry_details import EntryMixin, text_of

OFFER = "<p>Hello Anna,</p><p>here is our <b>offer</b>.</p>"
OLD_ENTRY = (
    '<p><b>Carla Customer</b> – <a href="/mail/message/%s">Proposal</a></p>'
    "<ul><li>Opened at 10:00 AM CEST</li></ul>"
)


class EntryTextCase(EntryMixin, TrackingCase):
    def send_and_open(self, body=OFFER, when="2026-06-01 08:00:00", **values):
        delivered, trackable = self.send(body, **values)
        self.use(delivered, when)
        self.process()
        return trackable

    def text(self, record):
        """Return the text of a record's newest entry."""
        return text_of(self.entries(record)[-1].body)


@tagged("post_install", "-at_install")
class TestEntryText(EntryTextCase):
    # ------------------------------------------------------------
    # The name of the email
    # ------------------------------------------------------------

    def test_subject_identifies_the_email(self):
        self.send_and_open()
        self.assertEqual(
            self.text(self.lead), "Carla Customer opened “Proposal” · 10:00 AM CEST"
        )

    def test_first_words_if_subject_is_the_name_of_the_record(self):
        for subject in ("Big deal", "Re: big deal", "RE: Fwd: Big deal", ""):
            trackable = self.send_and_open(subject=subject)
            trackable.subject = subject
            self.env["trackable.email.entry"]._update_entries(
                self.env["trackable.email.entry"]._get_entry_days(trackable.action_ids)
            )
            self.assertEqual(
                self.text(self.lead),
                "Carla Customer opened “Hello Anna, here is our offer.”"
                " · 10:00 AM CEST",
                subject,
            )
        self.send_and_open(subject="Big deal: the next step")
        self.assertIn("“Big deal: the next step”", self.text(self.lead))

    def test_first_words_if_subject_repeats_on_the_record(self):
        self.send_and_open()
        other_lead = self.lead.copy({"name": "Other deal"})
        self.send_and_open(record=other_lead)
        self.assertIn("“Proposal”", self.text(other_lead), "another record")
        self.send_and_open("<p>Any news?</p>")
        self.assertIn("“Any news?”", self.text(self.lead))
        self.assertIn("“Proposal”", text_of(self.entries(self.lead)[0].body))

    def test_copies_of_one_email_do_not_repeat_its_subject(self):
        self.env.company.track_several_recipients = True
        trackables = self.trackable_emails(
            self.post(partner_ids=(self.customer | self.other).ids)
        )
        self.assertEqual(len(trackables), 2)
        self.use(self.inbox.emails[0])
        self.process()
        self.assertIn("“Proposal”", self.text(self.lead))

    def test_subject_if_there_are_no_words(self):
        quote = '<blockquote data-o-mail-quote="1">Hello Sally</blockquote>'
        self.send_and_open(f"<p><br/></p>{quote}", subject="Big deal")
        self.assertIn("“Big deal”", self.text(self.lead))

    def test_only_readers_of_the_source_see_first_words(self):
        self.send_and_open(subject="Big deal")
        (entry,) = self.entries(self.customer)
        self.assertEqual(
            text_of(entry.body), "Carla Customer opened an email · 10:00 AM CEST"
        )
        words = "Hello Anna, here is our offer."
        self.assertIn(words, self.shown(self.salesperson, entry)[entry.id])
        for user in (self.colleague, self.stranger):
            self.assertNotIn("Hello", self.shown(user, entry)[entry.id])

    def test_first_words_are_escaped(self):
        script = "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;"
        self.send_and_open(f"<p>{script}</p>", subject="Big deal")
        for record in (self.lead, self.customer):
            (entry,) = self.entries(record)
            body = self.shown(self.salesperson, entry)[entry.id]
            self.assertNotIn("<script", body)
            self.assertIn("“<script>alert(1)</script> <b>”", text_of(body))

    def test_email_without_subject_and_words(self):
        trackable = self.send_and_open("<p><br/></p>")
        trackable.subject = False
        Entry = self.env["trackable.email.entry"]
        Entry._update_entries(Entry._get_entry_days(trackable.action_ids))
        self.assertIn("opened an email without a subject ·", self.text(self.lead))

    # ------------------------------------------------------------
    # Actions and times
    # ------------------------------------------------------------

    def test_links_without_an_open_on_that_day(self):
        delivered, _trackable = self.send('<a href="https://x.com/">prices</a>')
        self.use(delivered)
        self.process()
        self.hit(delivered.links["prices"])
        self.env.flush_all()
        self.env.cr.execute("UPDATE trackable_hit SET occurred_at = '2026-06-02 08:00'")
        self.env.invalidate_all()
        self.process()
        self.assertEqual(
            self.text(self.lead),
            "Carla Customer clicked “prices” in “Proposal” · 10:00 AM CEST",
        )
        self.assertEqual(
            self.text(self.customer),
            "Carla Customer clicked a link in an email · 10:00 AM CEST",
        )

    def test_time_is_that_of_the_last_action_and_names_its_zone(self):
        self.send_and_open('<a href="https://x.com/">prices</a>')
        (entry,) = self.entries(self.lead)
        self.assertIn(
            'last <time datetime="2026-06-01T08:01:00Z">10:01\u202fAM CEST</time>',
            entry.body,
        )
        self.assertEqual(entry.date, fields.Datetime.to_datetime("2026-06-01 08:00:00"))

    def test_days_are_those_of_the_sender(self):
        self.salesperson.tz = "America/New_York"
        delivered, _trackable = self.send()
        for when in ("2026-06-02 03:00:00", "2026-06-02 05:00:00"):
            self.use(delivered, when)
            self.process()
        texts = [text_of(entry.body) for entry in self.entries(self.lead)]
        self.assertEqual(len(texts), 2)
        self.assertIn("· 11:00 PM EDT", texts[0])
        self.assertIn("· 1:00 AM EDT", texts[1])

    def test_queries_do_not_grow_with_emails(self):
        counts = []
        for number in (3, 12):
            for _time in range(number):
                delivered, _trackable = self.send(subject="Big deal")
                self.use(delivered)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.process()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertEqual(len(self.entries(self.lead)), 15)

    # ------------------------------------------------------------
    # The link to the email
    # ------------------------------------------------------------

    def linked_records(self, user, messages):
        """Return the records of the messages that entries link to, as the web client
        gets them.
        """
        messages = messages.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        self.env.flush_all()
        data = Store().add(messages).get_result()
        fetched = messages.get_tracking_entries()
        found = [
            {
                (message["thread"]["model"], message["thread"]["id"])
                for message in answer["mail.message"]
                if message["id"] not in messages.ids
            }
            for answer in (data, fetched)
        ]
        self.assertEqual(found[0], found[1])
        return found[0]

    def test_web_client_knows_the_record_of_the_email(self):
        self.send_and_open()
        source = {("crm.lead", self.lead.id)}
        for record in (self.lead, self.customer):
            entries = self.entries(record)
            self.assertEqual(self.linked_records(self.salesperson, entries), source)
        for user in (self.colleague, self.stranger):
            self.assertFalse(self.linked_records(user, self.entries(self.customer)))

    def test_entries_of_earlier_versions_have_a_link(self):
        trackable = self.send_and_open()
        (entry,) = self.entries(self.lead)
        entry.body = Markup(OLD_ENTRY) % trackable.mail_message_id.id
        self.assertEqual(
            self.linked_records(self.salesperson, entry), {("crm.lead", self.lead.id)}
        )
        trackable.mail_message_id.unlink()
        self.assertFalse(self.linked_records(self.salesperson, entry))
        shown = self.shown(self.salesperson, entry)[entry.id]
        self.assertIn("Proposal</p>", shown)
        self.assertIn("<li>Opened at 10:00 AM CEST</li>", shown)

    def test_a_posted_link_reveals_no_record(self):
        """A colleague can post a message that looks like an entry."""
        trackable = self.send_and_open()
        message = self.customer.message_post(
            body=Markup('<a href="/mail/message/%s">x</a>')
            % trackable.mail_message_id.id,
            subtype_xmlid="pipeline_tracking.mt_trackable_email_action",
        )
        message = message.with_user(self.colleague)
        data = Store().add(message).get_result()
        self.assertNotIn("crm.lead", json.dumps(data, default=str))
        data = Store().add(message.with_user(self.salesperson)).get_result()
        self.assertIn("crm.lead", json.dumps(data, default=str))

    def test_other_messages_need_no_query(self):
        messages = self.customer.message_post(body="Hello")
        messages |= self.customer.message_post(body="/mail/message/1")
        messages = messages.with_user(self.salesperson)
        messages._get_entry_link_fields({})  # fills the caches
        with self.assertQueryCount(0):
            self.assertFalse(messages._get_entry_link_fields({}))


@tagged("post_install", "-at_install")
class TestMailingEntryText(MailingMixin, EntryTextCase):
    def test_entry_says_that_it_is_a_mailing(self):
        anna = self.contacts[0]
        partner = self.env["res.partner"].create({"name": "A", "email": anna.email})
        _mailing, arrived = self.send_mailing()
        self.wait(60)
        self.hit(arrived[anna.email].image_urls[0])
        self.process()
        (entry,) = self.entries(partner)
        self.assertRegex(text_of(entry.body), r"^.+ opened a mailing · [^“]+$")
        details = self.shown(self.env.ref("base.user_admin"), entry)[entry.id]
        self.assertRegex(text_of(details), "^.+ opened the mailing “News” · ")
        self.assertIn("opened the mailing “News” ·", self.text(anna))


@tagged("post_install", "-at_install")
class TestEntryFilter(EntryMixin, HttpCase):
    def test_the_server_remembers_the_choice_of_each_user(self):
        def read_choice(user):
            """Return the choice as the web client gets it when it starts."""
            store = Store()
            self.env["res.users"].with_user(user)._init_store_data(store)
            return store.get_result()["Store"]["settings"]["hide_tracking_entries"]

        self.assertIs(read_choice(self.colleague), False)
        settings = self.env["res.users.settings"]._find_or_create_for_user(
            self.colleague
        )
        settings = settings.with_user(self.colleague)
        changed = settings.set_res_users_settings({"hide_tracking_entries": True})
        self.assertEqual(changed, {"id": settings.id, "hide_tracking_entries": True})
        self.assertIs(read_choice(self.colleague), True)
        self.assertIs(read_choice(self.salesperson), False)
        with self.assertRaises(AccessError):
            settings.with_user(self.salesperson).set_res_users_settings(
                {"hide_tracking_entries": False}
            )

    def test_customers_never_get_entries(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        portal.partner_id.email = "petra@x.example.org"
        self.customer = portal.partner_id
        delivered, trackable = self.send("<p>Hello</p>", record=portal.partner_id)
        self.use(delivered)
        self.process()
        (entry,) = self.entries(portal.partner_id)
        self.env.flush_all()
        self.authenticate("petra", "petra")
        response = self.make_jsonrpc_request(
            "/mail/thread/messages",
            {"thread_model": "res.partner", "thread_id": portal.partner_id.id},
        )
        self.assertIn(trackable.mail_message_id.id, response["messages"])
        self.assertNotIn(entry.id, response["messages"])
        self.assertNotIn("opened", json.dumps(response))
