"""A disabled link leads to a page that says so, until a manager enables the link."""

from unittest.mock import patch

from lxml import html as lxml_html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..helpers.files_case import PDF, FilesCase

MANAGER = "base.group_user,pipeline_tracking.group_manager"
BODY = """
<p><a href="https://phish.example/login?token=secret">Log in</a>
<a href="https://good.example/">Prices</a></p>
"""


@tagged("post_install", "-at_install")
class TestDisabling(FilesCase):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(self.env, "mona", MANAGER, name="Mona")
        self.delivered, self.trackable = self.send_files(("Offer.pdf", PDF), body=BODY)
        links = self.trackable.link_ids.grouped("label")
        self.phish, self.prices = links["Log in"], links["Prices"]
        self.file = links["Offer.pdf"]

    def disable(self, links, user=None):
        links.with_user(user or self.manager).action_disable()

    def enable(self, links, user=None):
        links.with_user(user or self.manager).action_enable()

    def notes(self, record):
        """Return the texts of notes about links on a record, oldest first."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", record._name),
                ("res_id", "=", record.id),
                ("body", "like", "Link %abled:"),
            ],
            order="id",
        )
        return [
            lxml_html.fromstring(f"<div>{message.body}</div>").text_content()
            for message in messages
        ]

    def assertDisabled(self, label, method="GET"):
        response = self.get(self.delivered.links[label], method=method)
        self.assertEqual(response.status_code, 410)
        self.assertEqual(response.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertEqual(response.headers["Cache-Control"], "no-store, private")
        self.assertNotIn("Set-Cookie", response.headers)
        self.assertNotIn("Location", response.headers)
        self.assertNotIn("phish.example", response.text)
        return response

    def assertRedirects(self, label, url):
        response = self.get(self.delivered.links[label])
        self.assertEqual(response.status_code, 302)
        self.assertEqual(response.headers["Location"], url)

    # ------------------------------------------------------------
    # The recipient
    # ------------------------------------------------------------

    def test_disabled_and_enabled(self):
        self.disable(self.phish)
        self.assertTrue(self.phish.disabled_date)
        page = lxml_html.document_fromstring(self.assertDisabled("Log in").text)
        self.assertEqual(page.get("lang"), "en")
        self.assertEqual(page.findtext(".//title"), "This link is no longer available")
        self.assertIn(
            "The sender has disabled this link. Contact the sender if you need it.",
            page.text_content(),
        )
        self.assertEqual(self.assertDisabled("Log in", method="HEAD").content, b"")
        self.assertFalse(self.env["trackable.hit"].search([]), "nothing is recorded")
        # the other link still redirects, and is recorded
        self.assertRedirects("Prices", "https://good.example/")
        self.assertEqual(len(self.env["trackable.hit"].search([])), 1)
        self.enable(self.phish)
        self.assertFalse(self.phish.disabled_date)
        self.assertRedirects("Log in", "https://phish.example/login?token=secret")
        self.assertEqual(len(self.env["trackable.hit"].search([])), 2)

    def test_the_page_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref("pipeline_tracking.link_disabled").update_field_translations(
            "arch_db", {"fr_FR": {"This link is no longer available": "Fermé."}}
        )
        self.disable(self.phish)
        for accepted, lang in (("fr-FR,fr;q=0.9", "fr"), ("xx-YY", "en")):
            response = self.get(
                self.delivered.links["Log in"], **{"Accept-Language": accepted}
            )
            page = lxml_html.document_fromstring(response.text)
            self.assertEqual(page.get("lang"), lang)
            self.assertEqual("Fermé." in response.text, lang == "fr")

    def test_a_disabled_file(self):
        """Unlike a withdrawn file, a disabled file can be enabled again."""
        self.disable(self.file)
        self.assertIn("This file is no longer", self.assertDisabled("Offer.pdf").text)
        self.assertEqual(self.assertDisabled("Offer.pdf", method="HEAD").content, b"")
        self.assertFalse(self.downloads(self.trackable))
        self.enable(self.file)
        self.assertEqual(self.get(self.delivered.links["Offer.pdf"]).content, PDF)
        self.assertEqual(len(self.downloads(self.trackable)), 1)

    def test_disabling_a_file_replaces_its_access_token(self):
        """Cleaned replies contain Odoo's address of the file, with its access token."""
        attachment = self.file.sudo().attachment_id
        before = attachment.access_token
        self.assertTrue(before)
        self.disable(self.file)
        self.assertNotEqual(attachment.access_token, before)
        self.enable(self.file)
        self.assertTrue(attachment.access_token)
        self.assertNotEqual(attachment.access_token, before)

    def test_a_withdrawn_file_stays_withdrawn(self):
        self.file.with_user(self.salesperson).action_withdraw_file()
        self.disable(self.file)
        self.assertFalse(self.file.disabled_date)
        self.enable(self.file)
        self.assertDisabled("Offer.pdf")

    def test_links_of_a_deleted_email_can_be_disabled(self):
        """These links and files still work, and managers can find and disable them."""
        self.trackable.unlink()
        self.assertRedirects("Prices", "https://good.example/")
        self.assertEqual(self.get(self.delivered.links["Offer.pdf"]).content, PDF)
        action = self.env.ref("pipeline_tracking.trackable_link_action_window")
        links = self.env[action.res_model].with_user(self.manager)
        self.assertEqual(links.search([("label", "=", "Log in")]), self.phish)
        self.assertIn(self.file, links.search([("is_file", "=", True)]))
        self.disable(self.phish | self.file)
        self.assertDisabled("Log in")
        self.assertDisabled("Offer.pdf")
        self.assertEqual(self.notes(self.lead)[0].count("Link disabled:"), 2)

    def test_a_link_stays_disabled_when_the_message_is_sent_again(self):
        self.disable(self.phish)
        message = self.trackable.mail_message_id
        values = {"mail_message_id": message.id, "url": self.phish.url}
        self.assertEqual(self.env["trackable.link"]._ensure([values]), self.phish)
        self.assertTrue(self.phish.disabled_date)

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    def test_only_managers_can_disable_links(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        mailer = new_test_user(
            self.env, "milo", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        public = self.env.ref("base.public_user")
        others = (self.salesperson, self.colleague, mailer, portal, public)
        for user in others:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.disable(self.phish, user)
        self.assertFalse(self.phish.disabled_date)
        self.disable(self.phish)
        for user in others:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.enable(self.phish, user)
        self.assertTrue(self.phish.disabled_date)

    def test_managers_disable_only_links_of_their_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "stan",
            MANAGER,
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        elsewhere_link = self.prices.copy({"url": "https://own.example/"})
        elsewhere_link.company_id = elsewhere
        with self.assertRaises(AccessError):
            self.disable(self.phish, stranger)
        with self.assertRaises(AccessError):
            self.disable(self.phish | elsewhere_link, stranger)
        self.assertFalse((self.phish | elsewhere_link).filtered("disabled_date"))
        self.disable(elsewhere_link, stranger)
        self.assertTrue(elsewhere_link.disabled_date)
        with self.assertRaises(AccessError):
            self.enable(elsewhere_link)
        administrator = new_test_user(self.env, "ada", "base.group_system")
        self.enable(elsewhere_link, administrator)
        self.disable(self.phish, administrator)
        self.assertTrue(self.phish.disabled_date)
        self.assertFalse(elsewhere_link.disabled_date)

    def test_users_cannot_write_the_date(self):
        link = self.phish.with_user(self.manager)
        self.assertFalse(link.read(["disabled_date"])[0]["disabled_date"])
        for user in (self.manager, self.salesperson):
            with self.assertRaises(AccessError):
                self.phish.with_user(user).write(
                    {"disabled_date": fields.Datetime.now()}
                )

    # ------------------------------------------------------------
    # Notes and batches
    # ------------------------------------------------------------

    def test_a_note_is_logged_on_the_source_record(self):
        self.disable(self.phish)
        self.assertEqual(self.notes(self.lead), ["Link disabled: Log in"])
        note = self.lead.message_ids[0]
        self.assertEqual(note.author_id, self.manager.partner_id)
        self.assertTrue(note.is_internal)
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(note.notification_ids)
        self.assertEqual(
            self.notes(self.customer), [], "other users may read this record"
        )
        self.enable(self.phish)
        self.assertEqual(self.notes(self.lead)[1:], ["Link enabled: Log in"])

    def test_a_link_is_disabled_when_the_note_fails(self):
        Lead = self.registry["crm.lead"]
        with (
            patch.object(Lead, "_message_log_batch", side_effect=ValueError("no")),
            mute_logger(
                "odoo.addons.pipeline_tracking.models.administration.trackable_link_disable"
            ),
        ):
            self.disable(self.phish)
        self.assertTrue(self.phish.disabled_date)

    def test_disabling_twice_logs_one_note(self):
        self.disable(self.phish)
        date = self.phish.disabled_date
        self.disable(self.phish)
        self.enable(self.prices)
        self.assertEqual(self.phish.disabled_date, date)
        self.assertEqual(len(self.notes(self.lead)), 1)

    def test_a_link_of_a_deleted_record(self):
        self.lead.unlink()
        self.disable(self.phish)
        self.assertTrue(self.phish.disabled_date)
        self.assertDisabled("Log in")

    def test_a_link_of_a_deleted_message(self):
        """The trackable email has a reference to the source record."""
        self.trackable.mail_message_id.unlink()
        self.disable(self.phish)
        self.assertEqual(self.notes(self.lead), ["Link disabled: Log in"])

    def test_several_links_at_once(self):
        """The number of queries does not depend on the number of links."""
        links, leads = self.phish, self.lead
        for number in range(6):
            lead = self.lead.copy({"name": f"Deal {number}"})
            _delivered, trackable = self.send(BODY, record=lead)
            links |= trackable.link_ids
            leads |= lead
        self.env.flush_all()

        def count_queries(disabled_links):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.disable(disabled_links)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count_queries(self.prices)  # fills caches
        few, many = count_queries(links[1:3]), count_queries(links - links[1:3])
        self.assertLess(many - few, 20)
        self.assertEqual(len(links), 13)
        self.assertFalse(links.filtered(lambda link: not link.disabled_date))
        for lead in leads:
            self.assertTrue(self.notes(lead))
        self.enable(links)
        self.assertFalse(links.filtered("disabled_date"))

    def test_a_link_of_a_mailing(self):
        """All copies share one link: disabling the link ends it for every recipient."""
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "body_html": BODY,
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
                "mailing_domain": [("id", "in", (self.customer | self.other).ids)],
            }
        )
        self.inbox.emails.clear()
        mailing.action_send_mail()
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        (phish,) = links.filtered(lambda link: link.label == "Log in")
        self.disable(phish)
        self.assertEqual(len(self.inbox.emails), 2)
        for delivered in self.inbox.emails:
            self.assertEqual(self.get(delivered.links["Log in"]).status_code, 410)
            self.assertEqual(self.get(delivered.links["Prices"]).status_code, 302)
        self.assertEqual(self.notes(mailing), ["Link disabled: Log in"])

    # ------------------------------------------------------------
    # Views
    # ------------------------------------------------------------

    def test_views(self):
        for view_type in ("form", "list"):
            for user, count in ((self.manager, 1), (self.salesperson, 0)):
                model = self.env["trackable.link"].with_user(user)
                arch = lxml_html.fromstring(model.get_view(view_type=view_type)["arch"])
                with self.subTest(view=view_type, user=user.login):
                    for name in ("action_disable", "action_enable"):
                        buttons = arch.xpath(f"//button[@name='{name}']")
                        self.assertEqual(bool(buttons), bool(count))
        self.assertIn(
            "disabled", self.env["trackable.link"].get_view(view_type="search")["arch"]
        )

    def test_search_by_destination(self):
        """Search the shown part of the address. The query can contain access tokens."""
        links = self.env["trackable.link"].with_user(self.manager)
        of_email = [("id", "in", self.trackable.link_ids.ids)]

        def search(text, operator="ilike"):
            return links.search([*of_email, ("address", operator, text)])

        self.assertEqual(search("phish.example"), self.phish)
        self.assertEqual(search("PHISH.example/LOGIN"), self.phish)
        self.assertEqual(search(".example"), self.phish | self.prices)
        for text in ("token", "secret", "https", "_", "%"):
            with self.subTest(text=text):
                self.assertFalse(search(text))
        self.assertEqual(
            search("phish", "not ilike"),
            self.prices | self.file,
            "files have no address",
        )
