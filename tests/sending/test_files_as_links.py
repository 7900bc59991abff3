"""Tracked emails contain files as links."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import TRACKED_URL
from ..helpers.files_case import HTML, ICS, PDF, FilesCase


@tagged("post_install", "-at_install")
class TestFilesSent(FilesCase):
    def test_files_become_links(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF), ("a&b.html", HTML))
        self.assertEqual(delivered.attachments, [])
        self.assertRegex(delivered.links["Offer.pdf"], TRACKED_URL)
        self.assertRegex(delivered.links["a&b.html"], TRACKED_URL)
        self.assertNotEqual(delivered.links["Offer.pdf"], delivered.links["a&b.html"])
        self.assertNotIn("/web/content", delivered.html + delivered.text)
        self.assertIn("(10 kB)", delivered.html)
        self.assertIn(">PDF<", delivered.html)
        self.assertRecordValues(
            trackable.link_ids.sorted("label"),
            [
                {"label": "Offer.pdf", "is_file": True, "address": False},
                {"label": "a&b.html", "is_file": True, "address": False},
            ],
        )

    def test_file_links_come_last_before_the_image(self):
        delivered, _trackable = self.send_files(
            ("a.txt", b"A"), body='<p>x <a href="https://x.com">y</a></p>'
        )
        file_url, link = delivered.links["a.txt"], delivered.links["y"]
        (image,) = delivered.image_urls
        positions = [delivered.html.index(url) for url in (link, file_url, image)]
        self.assertEqual(positions, sorted(positions))
        self.assertNotRegex(delivered.html.partition(image)[2], "<(?!/body|/html)")

    def test_file_links_in_the_plain_text_part(self):
        delivered, _trackable = self.send_files(("Offer.pdf", PDF))
        self.assertRegex(delivered.text, r"PDF\s+Offer\.pdf \[1\]\s+\(10 kB\)")
        self.assertIn(f"[1] {delivered.links['Offer.pdf']}", delivered.text)

    def test_sizes_in_the_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        delivered, _trackable = self.send_files(("Offre.pdf", PDF))
        self.assertRegex(delivered.html, r"\(10\sko\)")

    def test_a_file_without_a_text(self):
        delivered, _trackable = self.send_files(("a.txt", b"A"), body="")
        self.assertRegex(delivered.links["a.txt"], TRACKED_URL)
        self.assertTracked(delivered)

    def test_an_empty_file(self):
        """Odoo does not attach empty files."""
        for is_tracked in (True, False):
            delivered, trackable = self.send_files(
                ("empty.txt", b""), is_tracked=is_tracked
            )
            self.assertEqual(delivered.attachments, [])
            self.assertNotIn("empty.txt", delivered.html)
            self.assertFalse(trackable.link_ids)

    def test_untracked_emails_have_attachments(self):
        delivered, _trackable = self.send_files(("a.txt", b"A"), is_tracked=False)
        self.assertUntracked(delivered)
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["a.txt"]
        )

    def test_setting_to_send_files_as_attachments(self):
        self.env.company.attach_tracked_files = True
        delivered, trackable = self.send_files(("a.txt", b"A"))
        self.assertTracked(delivered)
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["a.txt"]
        )
        self.assertNotIn("a.txt", delivered.html)
        self.assertFalse(trackable.link_ids)

    def test_files_attached_to_one_email(self):
        """The company sends files as links, and the author attaches them."""
        delivered, trackable = self.send_files(
            ("a.txt", b"A"),
            body='<p><a href="https://x.com">x</a></p>',
            attach_files=True,
        )
        self.assertTracked(delivered)
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["a.txt"]
        )
        self.assertNotIn("a.txt", delivered.html)
        self.assertRegex(delivered.links["x"], TRACKED_URL)
        self.assertEqual(trackable.link_ids.mapped("label"), ["x"])
        # The choice applies to this email only.
        message = trackable.mail_message_id
        self.assertTrue(message.attach_files)
        self.assertFalse(message.copy().attach_files)
        delivered, _trackable = self.send_files(("b.txt", b"B"))
        self.assertRegex(delivered.links["b.txt"], TRACKED_URL)

    def test_files_attached_by_the_chatters_route(self):
        file = self.attach("a.txt", b"A", res_model="mail.compose.message")
        self.authenticate(self.salesperson.login, self.salesperson.login)
        self.inbox.emails.clear()
        post_data = {
            "body": "x",
            "is_tracked": True,
            "attach_files": True,
            "attachment_ids": file.ids,
            "attachment_tokens": [file._get_ownership_token()],
            "message_type": "comment",
            "partner_ids": self.customer.ids,
            "subtype_xmlid": "mail.mt_comment",
        }
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "crm.lead",
                "thread_id": self.lead.id,
                "post_data": post_data,
            },
        )
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["a.txt"]
        )

    def test_invitations_stay_attached(self):
        delivered, trackable = self.send_files(("invite.ics", ICS), ("a.txt", b"A"))
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["invite.ics"]
        )
        self.assertEqual(trackable.link_ids.mapped("label"), ["a.txt"])

    def test_inline_images_stay_inline(self):
        image = self.attach("logo.png", b"\x89PNG", "image/png", public=True)
        delivered, trackable = self.send_files(
            ("a.txt", b"A"),
            body=f'<p><img src="/web/image/{image.id}"></p>',
            attachment_ids=image.ids,
        )
        self.assertIn(f"/web/image/{image.id}", delivered.html)
        self.assertEqual(trackable.link_ids.mapped("label"), ["a.txt"])
        self.assertEqual(delivered.attachments, [])

    def test_a_file_that_the_author_links_to_is_not_listed_again(self):
        file = self.attach("a.txt", b"A")
        delivered, trackable = self.send(
            f'<a href="/web/content/{file.id}?download=true">here</a>',
            attachment_ids=file.ids,
        )
        self.assertNotIn("a.txt", delivered.html)
        self.assertEqual(trackable.link_ids.mapped("label"), ["here"])
        self.assertRegex(delivered.links["here"], TRACKED_URL)

    def test_names_do_not_exempt_files_from_tracking(self):
        """File links are tracked, even if the name looks like an exempt label."""
        self.env.company.track_address_links = False
        names = (
            "Abmeldung.pdf",
            "unsubscribe.txt",
            "Opt-out form.docx",
            "View in browser",
            "web-version",
            "www.acme.com",
            "Désinscription <b>&amp;.pdf",
            "{{ object }}.pdf",
            "a" * 300 + ".pdf",
        )
        delivered, trackable = self.send_files(*((name, PDF) for name in names))
        self.assertEqual(delivered.attachments, [])
        self.assertNotIn("/web/content", delivered.html + delivered.text)
        self.assertEqual(set(trackable.link_ids.mapped("label")), set(names))
        for name in names:
            self.assertEqual(self.get(delivered.links[name]).content, PDF)

    def test_a_base_url_that_looks_like_an_unsubscribe_link(self):
        self.set_base_url("https://optout.acme.example.com")
        delivered, _trackable = self.send_files(("a.txt", b"A"))
        self.assertRegex(delivered.links["a.txt"], TRACKED_URL)

    def test_an_unreplaced_placeholder_sends_the_email_untracked(self):
        """The email has attachments and no tracked URL."""
        self.patch(
            self.registry["mail.mail"],
            "_get_trackable_links",
            lambda mail, document: [],
        )
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"):
            message = self.post(attachments=[("a.txt", b"A")])
        (delivered,) = self.inbox.emails
        self.assertUntracked(delivered)
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["a.txt"]
        )
        self.assertFalse(message.is_tracked)
        self.assertEqual(message.sudo().untracked_reason, "error")
        trackable = self.trackable_emails(message)
        self.assertEqual(len(trackable), 1)
        self.assertFalse(trackable.sent_date)

    def test_attachments_with_a_url(self):
        """Links that Odoo adds for attachments without a file are tracked."""
        cloud = self.attach("cloud", False, type="url", url="https://x.com/f?a=1")
        delivered, trackable = self.send("<p>x</p>", attachment_ids=cloud.ids)
        self.assertNotIn("/web/content", delivered.html)
        self.assertEqual(delivered.attachments, [])
        (url,) = [url for url in delivered.tracked_urls if ".gif" not in url]
        location = self.get(url).headers["Location"]
        self.assertIn(f"/web/content/{cloud.id}?download=1&access_token=", location)
        self.assertEqual(trackable.link_ids.label, "cloud")
        self.assertFalse(trackable.link_ids.is_file)

    def test_files_too_large_to_attach(self):
        """Odoo would replace these attachments by untracked links."""
        self.env["ir.config_parameter"].set_param(
            "base.default_max_email_size", "0.001"
        )
        file = self.attach(
            "a.txt", b"A" * 5000, res_model="crm.lead", res_id=self.lead.id
        )
        delivered, _trackable = self.send("<p>x</p>", attachment_ids=file.ids)
        self.assertNotIn("/web/content", delivered.html)
        self.assertEqual(self.get(delivered.links["a.txt"]).content, b"A" * 5000)

    def test_a_colleague_gets_attachments(self):
        mail = self.env["mail.mail"].create(
            {
                "body_html": "<p>x</p>",
                "is_tracked": True,
                "recipient_ids": (self.customer | self.colleague.partner_id).ids,
                "attachment_ids": self.attach("a.txt", b"A").ids,
            }
        )
        mail.send()
        by_recipient = {email.recipients[0]: email for email in self.inbox.emails}
        tracked = by_recipient[self.customer.email]
        untracked = by_recipient[self.colleague.email]
        self.assertTracked(tracked)
        self.assertEqual(tracked.attachments, [])
        self.assertUntracked(untracked)
        self.assertEqual(
            [part.get_filename() for part in untracked.attachments], ["a.txt"]
        )
        self.assertNotIn("/web/content", untracked.html)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_retry_reuses_the_link_and_its_file(self):
        self.inbox.refuses = True
        message = self.post(attachments=[("a.txt", b"A")])
        link = self.trackable_emails(message).link_ids
        attachment = link.attachment_id
        self.inbox.refuses = False
        mail = message.sudo().mail_ids
        mail.mark_outgoing()
        mail.send()
        self.assertEqual(self.trackable_emails(message).link_ids, link)
        self.assertEqual(link.attachment_id, attachment)
        (delivered,) = self.inbox.emails
        self.assertEqual(self.get(delivered.links["a.txt"]).content, b"A")
