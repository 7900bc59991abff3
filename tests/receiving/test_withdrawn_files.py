"""The link of a withdrawn file leads to a page that explains the withdrawal."""

from lxml import html as lxml_html

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.pipeline_tracking.controllers.common import PAGE_POLICY

from ..helpers.files_case import PDF, FilesCase

WITHDRAWN = "The sender has withdrawn this file. Contact the sender if you need it."


@tagged("post_install", "-at_install")
class TestWithdrawing(FilesCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send_files(
            ("Offer.pdf", PDF), ("Terms.pdf", PDF + b"2")
        )
        self.offer, self.terms = self.trackable.link_ids.sorted("label")

    def withdraw(self, link, user):
        link.with_user(user).action_withdraw_file()

    def assertWithdrawn(self, response):
        self.assertEqual(response.status_code, 410)
        self.assertEqual(response.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertEqual(response.headers["Cache-Control"], "no-store, private")
        self.assertEqual(response.headers["Content-Security-Policy"], PAGE_POLICY)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_page_of_a_withdrawn_file(self):
        file = self.offer.attachment_id
        self.withdraw(self.offer, self.salesperson)
        self.assertFalse(file.exists())
        self.assertTrue(self.offer.withdrawn_date)
        response = self.get(self.delivered.links["Offer.pdf"])
        self.assertWithdrawn(response)
        page = lxml_html.document_fromstring(response.text)
        self.assertEqual(page.get("lang"), "en")
        self.assertIn("no longer available", page.findtext(".//title"))
        self.assertIn("no longer available", page.text_content())
        self.assertIn(WITHDRAWN, page.text_content())
        self.assertIn("Offer.pdf", page.text_content())
        self.assertTrue(response.text.startswith("<!DOCTYPE html>"))
        self.assertFalse(self.downloads(self.trackable), "no download")
        # The other file and the message's attachments stay.
        self.assertEqual(
            self.get(self.delivered.links["Terms.pdf"]).content, PDF + b"2"
        )
        self.assertEqual(len(self.trackable.mail_message_id.attachment_ids), 2)

    def test_page_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref("pipeline_tracking.file_withdrawn").update_field_translations(
            "arch_db", {"fr_FR": {WITHDRAWN: "Retiré."}}
        )
        self.withdraw(self.offer, self.salesperson)
        for accepted, lang in (("fr-FR,fr;q=0.9", "fr"), ("xx-YY", "en"), ("*", "en")):
            response = self.get(
                self.delivered.links["Offer.pdf"], **{"Accept-Language": accepted}
            )
            self.assertWithdrawn(response)
            page = lxml_html.document_fromstring(response.text)
            self.assertEqual(page.get("lang"), lang)
            self.assertEqual("Retiré." in response.text, lang == "fr")

    def test_earlier_download_stays(self):
        self.get(self.delivered.links["Offer.pdf"])
        self.withdraw(self.offer, self.salesperson)
        (action,) = self.downloads(self.trackable)
        self.assertEqual(action.trackable_link_id, self.offer)

    def test_withdrawing_twice(self):
        self.withdraw(self.offer, self.salesperson)
        date = self.offer.withdrawn_date
        self.withdraw(self.offer, self.salesperson)
        self.assertEqual(self.offer.withdrawn_date, date)

    def test_only_sender_and_managers_withdraw_a_file(self):
        manager = new_test_user(
            self.env, "manon", "base.group_user,pipeline_tracking.group_manager"
        )
        for user in (self.colleague, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.withdraw(self.offer, user)
        self.assertTrue(self.offer.attachment_id)
        self.withdraw(self.offer, manager)
        self.assertFalse(self.offer.attachment_id)

    def test_users_cannot_read_the_attachment(self):
        """Users who see a tracked email may lack access to the email's record."""
        manager = new_test_user(
            self.env, "manon", "base.group_user,pipeline_tracking.group_manager"
        )
        for user in (self.salesperson, manager, self.colleague):
            file = self.offer.attachment_id.with_user(user)
            for forbidden in (
                lambda file=file: file.read(["raw"]),
                lambda file=file: file.read(["access_token"]),
                lambda file=file: file.write({"name": "x"}),
                file.unlink,
            ):
                with self.assertRaises(AccessError):
                    forbidden()
            self.assertNotIn(
                self.offer.attachment_id,
                self.env["ir.attachment"].with_user(user).search([]),
            )

    def test_file_is_deleted_with_its_link(self):
        file = self.offer.attachment_id
        self.offer.unlink()
        self.assertFalse(file.exists())
        self.assertEqual(self.get(self.delivered.links["Offer.pdf"]).status_code, 404)

    def test_withdrawing_after_the_email_was_deleted(self):
        """The sender can still withdraw the file."""
        self.trackable.unlink()
        action = self.env.ref("pipeline_tracking.trackable_link_action_window")
        links = self.env[action.res_model].with_user(self.salesperson)
        self.assertIn(self.offer, links.search([("is_file", "=", True)]))
        self.withdraw(self.offer, self.salesperson)
        self.assertWithdrawn(self.get(self.delivered.links["Offer.pdf"]))

    def test_link_after_the_sender_was_deleted(self):
        self.salesperson.unlink()
        (values,) = self.offer.web_read(
            {"user_id": {"fields": {"display_name": {}}}, "label": {}}
        )
        self.assertEqual((values["user_id"], values["label"]), (False, "Offer.pdf"))

    def test_withdrawing_a_link_without_a_file(self):
        _delivered, trackable = self.send('<a href="https://x.com">x</a>')
        self.withdraw(trackable.link_ids, self.salesperson)
        self.assertFalse(trackable.link_ids.withdrawn_date)
