"""Chatter entries name subject, links and files only to users with access."""

import json
from datetime import timedelta
from unittest.mock import patch

from lxml import html as lxml_html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.pipeline_tracking.models.feedback import chatter_channel

from ..common import TrackingCase, TrackingMixin
from ..helpers.mailing_case import MailingMixin

BODY = (
    '<p><a href="https://shop.example.net/prices">Titan prices</a>'
    ' <a href="https://shop.example.net/terms">Titan terms</a></p>'
)
FILE = ("Titan.pdf", b"%PDF-1.4")
SECRETS = ("Proposal", "Titan", "shop.example.net", "/mail/message/")


def text_of(html):
    words = " ".join(lxml_html.fromstring(html).text_content().split())
    return words.replace("\u202f", " ")


class EntryMixin(TrackingMixin):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead.company_id = cls.env.company
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = cls.new_salesperson("stranger", cls.elsewhere)
        # All users may read a contact without a company.
        assert not cls.customer.company_id

    @classmethod
    def new_salesperson(cls, login, company):
        return new_test_user(
            cls.env,
            login,
            "base.group_user,sales_team.group_sale_salesman_all_leads",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def use(self, delivered, when="2026-06-01 08:00:00"):
        """Open an email, follow its links and download its files."""
        when = fields.Datetime.from_string(when)
        urls = sorted(delivered.tracked_urls, key=lambda url: not url.endswith(".gif"))
        for minute, url in enumerate(urls):
            self.hit(url)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE trackable_hit SET occurred_at = %s"
                " WHERE id = (SELECT max(id) FROM trackable_hit)",
                [when + timedelta(minutes=minute)],
            )
        self.env.invalidate_all()

    def send_and_use(self, **values):
        delivered, trackable = self.send(BODY, attachments=[FILE], **values)
        self.use(delivered)
        self.process()
        return trackable

    def shown(self, user, messages):
        """Return the messages as the web client of a user gets them, by their ids."""
        messages = messages.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        self.env.flush_all()
        data = Store().add(messages).get_result()
        return {
            message["id"]: message["body"][1]
            for message in data["mail.message"]
            if message.get("body")
        }

    def assertGeneric(self, text):
        for secret in SECRETS:
            self.assertNotIn(secret, text)

    def assertDetailed(self, text):
        for word in ("Proposal", "Titan prices", "Titan terms", "Titan.pdf"):
            self.assertIn(word, text)


@tagged("post_install", "-at_install")
class TestEntryDetails(EntryMixin, TrackingCase):
    # ------------------------------------------------------------
    # The stored text
    # ------------------------------------------------------------

    def test_entry_on_source_record_has_details(self):
        trackable = self.send_and_use()
        (entry,) = self.entries(self.lead)
        self.assertDetailed(entry.body)
        link = f'href="/mail/message/{trackable.mail_message_id.id}"'
        self.assertIn(link, entry.body)

    def test_entry_on_another_record_is_generic(self):
        self.send_and_use()
        (entry,) = self.entries(self.customer)
        self.assertGeneric(entry.body)
        self.assertEqual(
            text_of(entry.body),
            "Carla Customer opened an email, clicked a link 2×, downloaded a file"
            " · last 10:03 AM CEST",
        )

    def test_entry_on_source_contact_has_details(self):
        self.send_and_use(record=self.customer)
        (entry,) = self.entries(self.customer)
        self.assertDetailed(entry.body)

    def test_long_entries_are_cut(self):
        links = "".join(f'<a href="https://x.com/{n}">x{n}</a>' for n in range(25))
        delivered, _trackable = self.send(links)
        self.use(delivered)
        self.process()
        (entry,) = self.entries(self.lead)
        self.assertIn("clicked “x0”, “x1”, “x2” and 22 more ·", entry.body)
        (entry,) = self.entries(self.customer)
        self.assertIn("clicked a link 25× ·", entry.body)

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    def test_readers_of_record_see_details(self):
        self.send_and_use()
        (entry,) = self.entries(self.customer)
        for user, sees in (
            (self.salesperson, True),
            (self.new_salesperson("sam", self.env.company), True),
            (self.colleague, False),
            (self.stranger, False),
        ):
            body = self.shown(user, entry)[entry.id]
            with self.subTest(user=user.login):
                if sees:
                    self.assertDetailed(body)
                    self.assertIn('href="/mail/message/', body)
                else:
                    self.assertGeneric(body)
                    self.assertEqual(body, entry.body)

    def test_email_of_other_company_has_no_details(self):
        self.lead.company_id = False
        trackable = self.send_and_use()
        self.assertTrue(trackable.company_id)
        (entry,) = self.entries(self.customer)
        self.assertTrue(self.lead.with_user(self.stranger).has_access("read"))
        self.assertGeneric(self.shown(self.stranger, entry)[entry.id])
        self.stranger.company_ids |= self.env.company
        self.assertDetailed(self.shown(self.stranger, entry)[entry.id])
        # Only the selected companies count.
        entry_elsewhere = entry.with_user(self.stranger).with_context(
            allowed_company_ids=self.elsewhere.ids
        )
        self.assertFalse(entry_elsewhere._get_entry_bodies())

    def test_entry_of_deleted_record_is_generic(self):
        self.send_and_use()
        self.lead.unlink()
        (entry,) = self.entries(self.customer)
        self.assertGeneric(self.shown(self.salesperson, entry)[entry.id])
        self.assertGeneric(self.shown(self.env.ref("base.user_admin"), entry)[entry.id])

    def test_deleted_message_is_not_linked(self):
        trackable = self.send_and_use()
        entries = self.entries(self.customer) | self.entries(self.lead)
        trackable.mail_message_id.unlink()
        shown = self.shown(self.salesperson, entries)
        self.assertEqual(set(shown), set(entries.ids))
        for body in shown.values():
            self.assertDetailed(body)
            self.assertNotIn("/mail/message/", body)

    def test_unreadable_message_is_not_linked(self):
        trackable = self.send_and_use()
        (entry,) = self.entries(self.lead)
        user = self.new_salesperson("sam", self.env.company)
        self.assertIn("/mail/message/", self.shown(user, entry)[entry.id])
        channel = self.env["discuss.channel"].create(
            {
                "name": "Managers",
                "group_public_id": self.env.ref("base.group_system").id,
            }
        )
        # SQL, so that the entry does not move with the message.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET model = 'discuss.channel', res_id = %s"
            " WHERE id = %s",
            [channel.id, trackable.mail_message_id.id],
        )
        self.env.invalidate_all()
        body = self.shown(user, entry)[entry.id]
        self.assertDetailed(body)
        self.assertNotIn("/mail/message/", body)

    def test_sudo_shows_no_more_details(self):
        """The user's access rights apply, also if a controller reads with sudo."""
        self.send_and_use()
        (entry,) = self.entries(self.customer)
        self.assertFalse(entry.with_user(self.colleague).sudo()._get_entry_bodies())
        self.assertTrue(entry.with_user(self.salesperson).sudo()._get_entry_bodies())

    def test_bus_channel_of_several_users_has_no_details(self):
        self.send_and_use()
        (entry,) = self.entries(self.customer)
        entry = entry.with_user(self.salesperson)
        store = Store(bus_channel=self.env.ref("base.group_user"))
        self.assertGeneric(json.dumps(store.add(entry).get_result(), default=str))

    def test_stored_message_has_no_details(self):
        self.send_and_use()
        (entry,) = self.entries(self.customer)
        for user in (self.salesperson, self.colleague):
            (values,) = entry.with_user(user).read(["body", "preview", "subject"])
            self.assertGeneric(json.dumps(values))
            with self.assertRaises(AccessError):
                self.env["trackable.email.entry"].with_user(user).search([])

    # ------------------------------------------------------------
    # An open chatter fetches changed entries
    # ------------------------------------------------------------

    def test_fetched_entries_depend_on_user(self):
        self.send_and_use()
        (entry,) = self.entries(self.customer)
        other = self.customer.message_post(body="Proposal")
        messages = entry | other

        def fetch(user):
            data = messages.with_user(user).get_tracking_entries()
            bodies = {
                message["id"]: message["body"][1]
                for message in data["mail.message"]
                if "body" in message
            }
            self.assertEqual(list(bodies), entry.ids)
            return bodies[entry.id]

        self.assertDetailed(fetch(self.salesperson))
        self.assertGeneric(fetch(self.colleague))
        portal = new_test_user(self.env, "petra", "base.group_portal")
        with self.assertRaises(AccessError):
            messages.with_user(portal).get_tracking_entries()
        (entry,) = self.entries(self.lead)
        data = entry.with_user(self.colleague).get_tracking_entries()
        self.assertFalse(data.get("mail.message"), "the user cannot read the record")

    def test_pushes_have_no_hidden_details(self):
        delivered, _trackable = self.send(BODY)
        self.use(delivered)
        self.process()
        with patch.object(chatter_channel, "_push") as push_mock:
            self.use(delivered, "2026-06-01 09:00:00")
            self.process()
        pushes = [list(call.args[1:]) for call in push_mock.call_args_list]
        contact_pushes = [push for push in pushes if push[0] == "res.partner"]
        (entry,) = self.entries(self.customer)
        self.assertEqual(
            contact_pushes,
            [
                [
                    "res.partner",
                    self.customer.id,
                    "pipeline_tracking/changed_entries",
                    {
                        "model": "res.partner",
                        "id": self.customer.id,
                        "message_ids": entry.ids,
                    },
                ]
            ],
        )
        lead_pushes = [push for push in pushes if push[0] == "crm.lead"]
        self.assertIn("Titan prices", json.dumps(lead_pushes))

    # ------------------------------------------------------------
    # Costs
    # ------------------------------------------------------------

    def count_queries(self, messages, user):
        self.env.flush_all()
        self.env.invalidate_all()
        messages = messages.with_user(user)
        messages.mapped("body")
        before = self.env.cr.sql_log_count
        bodies = messages._get_entry_bodies()
        return self.env.cr.sql_log_count - before, len(bodies)

    def test_queries_do_not_grow_with_entries(self):
        team = self.env["crm.team"].create({"name": "Team"})
        for number in range(20):
            record = self.lead.copy({"name": f"Lead {number}"})
            delivered, _trackable = self.send(
                BODY, record=record, user=self.salesperson
            )
            self.use(delivered)
        self.process()
        entries = self.entries(self.customer)
        self.assertEqual(len(entries), 20)
        self.count_queries(entries, self.salesperson)
        few, few_bodies = self.count_queries(entries[:2], self.salesperson)
        many, many_bodies = self.count_queries(entries, self.salesperson)
        self.assertEqual((few_bodies, many_bodies), (2, 20))
        self.assertEqual(few, many)
        self.assertEqual(self.count_queries(entries, self.colleague)[1], 0)
        # A record of another model adds a bounded number of queries.
        team.message_subscribe(self.customer.ids)
        delivered, trackable = self.send(BODY)
        self.use(delivered)
        self.process()
        trackable.write({"res_model": team._name, "res_id": team.id})
        self.count_queries(self.entries(self.customer), self.salesperson)
        more, bodies = self.count_queries(self.entries(self.customer), self.salesperson)
        self.assertEqual(bodies, 21)
        self.assertLessEqual(more, many + 4)

    def test_chatter_without_entries_costs_no_query(self):
        messages = self.env["mail.message"]
        for _time in range(3):
            messages |= self.customer.message_post(body="Hello")
        self.env.flush_all()
        messages.with_user(self.salesperson)._get_entry_bodies()
        messages.mapped("subtype_id")
        with self.assertQueryCount(0):
            messages.with_user(self.salesperson)._get_entry_bodies()


@tagged("post_install", "-at_install")
class TestMailingEntries(EntryMixin, MailingMixin, TrackingCase):
    def open_and_click(self, delivered):
        self.hit(delivered.image_urls[0])
        self.hit(delivered.links["offer"])
        self.process()

    def test_entry_of_mailing_to_a_list(self):
        """Readers of a contact may not read the mailing: the stored text is generic."""
        marketer = new_test_user(
            self.env, "mark", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        anna = self.contacts[0]
        partner = self.env["res.partner"].create({"name": "A", "email": anna.email})
        _mailing, arrived = self.send_mailing()
        self.wait(300)
        self.open_and_click(arrived[anna.email])
        (on_partner,) = self.entries(partner)
        self.assertNotIn("News", on_partner.body)
        self.assertNotIn("offer", on_partner.body)
        self.assertIn(
            "News",
            self.entry_text(anna),
            "readers of mailing contacts may read all mailings",
        )
        for user, sees in (
            (marketer, True),
            (self.colleague, False),
            (self.stranger, False),
        ):
            body = self.shown(user, on_partner)[on_partner.id]
            with self.subTest(user=user.login):
                self.assertEqual("News" in body, sees)
                self.assertEqual("offer" in body, sees)

    def test_entry_of_mailing_to_contacts(self):
        partner = self.env["res.partner"].create(
            {"name": "A", "email": "a@x.example.net"}
        )
        _mailing, arrived = self.send_mailing(
            model="res.partner", mailing_domain=repr([("id", "=", partner.id)])
        )
        self.wait(300)
        self.open_and_click(arrived[partner.email])
        (entry,) = self.entries(partner)
        self.assertNotIn("News", entry.body)
        self.assertIn("News", self.shown(self.colleague, entry)[entry.id])
        self.assertNotIn("News", self.shown(self.stranger, entry)[entry.id])


@tagged("post_install", "-at_install")
class TestChatterRoute(EntryMixin, HttpCase):
    def test_three_viewers_of_a_contact(self):
        trackable = self.send_and_use()
        self.env.flush_all()

        def read(user):
            self.authenticate(user.login, user.login)
            return self.make_jsonrpc_request(
                "/mail/thread/messages",
                {"thread_model": "res.partner", "thread_id": self.customer.id},
            )

        (entry,) = self.entries(self.customer)
        for user in (self.colleague, self.stranger):
            response = read(user)
            self.assertIn(entry.id, response["messages"])
            self.assertGeneric(json.dumps(response))
            self.assertIn("an email", json.dumps(response))
        response = read(self.salesperson)
        (body,) = [
            message["body"][1]
            for message in response["data"]["mail.message"]
            if message["id"] == entry.id
        ]
        self.assertDetailed(body)
        self.assertIn(f"/mail/message/{trackable.mail_message_id.id}", body)
        link = f"/mail/message/{trackable.mail_message_id.id}"
        self.assertEqual(
            self.url_open(link, allow_redirects=False).status_code, 303, "not 404"
        )
