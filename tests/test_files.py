"""Files of a tracked email: sent as links, and back through them."""

import io
import re
import zipfile

from psycopg2 import IntegrityError

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import BASE_URL, BROWSER, TRACKED_URL, TrackingMixin, path_of

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def zip_of(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


class FilesCase(TrackingMixin, HttpCase):
    def send_files(self, *files, body="<p>Hello</p>", **values):
        """Send an email with files; what arrived, and its trackable email."""
        return self.send(body, attachments=list(files), **values)

    def get(self, url, method="GET", **headers):
        return self.url_open(
            path_of(url),
            method=method,
            headers={"User-Agent": BROWSER, **headers},
            allow_redirects=False,
        )

    def attach(self, name, content, mimetype=None, **values):
        attachments = self.env["ir.attachment"].with_user(self.salesperson)
        return attachments.create(
            {"name": name, "raw": content, "mimetype": mimetype, **values}
        )

    def downloads(self, trackable):
        self.process()
        return trackable.action_ids.filtered(lambda action: action.kind == "download")


@tagged("post_install", "-at_install")
class TestFilesSent(FilesCase):
    def test_as_links(self):
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

    def test_they_come_last_but_for_the_image(self):
        delivered, _trackable = self.send_files(
            ("a.txt", b"A"), body='<p>x <a href="https://x.com">y</a></p>'
        )
        file_url, link = delivered.links["a.txt"], delivered.links["y"]
        (image,) = delivered.image_urls
        positions = [delivered.html.index(url) for url in (link, file_url, image)]
        self.assertEqual(positions, sorted(positions))
        self.assertNotRegex(delivered.html.partition(image)[2], "<(?!/body|/html)")

    def test_in_the_plain_text(self):
        delivered, _trackable = self.send_files(("Offer.pdf", PDF))
        self.assertRegex(delivered.text, r"PDF\s+Offer\.pdf \[1\]\s+\(10 kB\)")
        self.assertIn(f"[1] {delivered.links['Offer.pdf']}", delivered.text)

    def test_sizes_in_the_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        delivered, _trackable = self.send_files(("Offre.pdf", PDF))
        self.assertRegex(delivered.html, r"\(10\sko\)")

    def test_no_text_but_a_file(self):
        delivered, _trackable = self.send_files(("a.txt", b"A"), body="")
        self.assertRegex(delivered.links["a.txt"], TRACKED_URL)
        self.assertTracked(delivered)

    def test_an_empty_file(self):
        """Odoo attaches none."""
        for is_tracked in (True, False):
            delivered, trackable = self.send_files(
                ("empty.txt", b""), is_tracked=is_tracked
            )
            self.assertEqual(delivered.attachments, [])
            self.assertNotIn("empty.txt", delivered.html)
            self.assertFalse(trackable.link_ids)

    def test_untracked_has_its_attachments(self):
        delivered, _trackable = self.send_files(("a.txt", b"A"), is_tracked=False)
        self.assertUntracked(delivered)
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["a.txt"]
        )

    def test_the_company_attaches_files(self):
        self.env.company.attach_tracked_files = True
        delivered, trackable = self.send_files(("a.txt", b"A"))
        self.assertTracked(delivered)
        self.assertEqual(
            [part.get_filename() for part in delivered.attachments], ["a.txt"]
        )
        self.assertNotIn("a.txt", delivered.html)
        self.assertFalse(trackable.link_ids)

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

    def test_a_file_the_author_links_to_is_not_listed_again(self):
        file = self.attach("a.txt", b"A")
        delivered, trackable = self.send(
            f'<a href="/web/content/{file.id}?download=true">here</a>',
            attachment_ids=file.ids,
        )
        self.assertNotIn("a.txt", delivered.html)
        self.assertEqual(self.get(delivered.links["here"]).content, b"A")
        self.assertTrue(trackable.link_ids.is_file)

    def test_links_to_elsewhere_attached(self):
        """Odoo sends attachments without a file as links of its own."""
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
        """Which Odoo would link to itself."""
        self.env["ir.config_parameter"].set_param(
            "base.default_max_email_size", "0.001"
        )
        file = self.attach(
            "a.txt", b"A" * 5000, res_model="crm.lead", res_id=self.lead.id
        )
        delivered, _trackable = self.send("<p>x</p>", attachment_ids=file.ids)
        self.assertNotIn("/web/content", delivered.html)
        self.assertEqual(self.get(delivered.links["a.txt"]).content, b"A" * 5000)

    def test_a_colleague_has_the_files_themselves(self):
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
    def test_retried(self):
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


@tagged("post_install", "-at_install")
class TestFilesServed(FilesCase):
    def assertFile(self, response, content, name):
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content, content)
        headers = response.headers
        self.assertEqual(headers["Content-Disposition"], f"attachment; filename={name}")
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(
            headers["Content-Security-Policy"], "default-src 'none'; sandbox"
        )
        self.assertEqual(headers["Cache-Control"], "no-store, private")
        self.assertEqual(headers["Accept-Ranges"], "bytes")
        self.assertNotIn("Set-Cookie", headers)

    def test_download(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        self.assertFile(self.get(delivered.links["Offer.pdf"]), PDF, "Offer.pdf")
        (action,) = self.downloads(trackable)
        self.assertEqual((action.actor, action.reason), ("recipient", "direct"))
        self.assertEqual(action.trackable_link_id, trackable.link_ids)
        self.assertCounts(trackable, opens=0, clicks=1)
        self.assertIn("Downloaded Offer.pdf at", self.entry_text(self.customer))

    def test_whatever_its_type(self):
        for name, content in (
            ("a.html", HTML),
            ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
            ("a.xml", b"<?xml version='1.0'?><x/>"),
            ("a.js", b"alert(1)"),
            ("a.zip", zip_of("x", b"y")),
            ("a", b"\0\1"),
        ):
            with self.subTest(name=name):
                delivered, _trackable = self.send_files((name, content))
                response = self.get(delivered.links[name])
                if "." in name:
                    self.assertFile(response, content, name)
                else:
                    self.assertEqual(response.content, content)
                self.assertTrue(
                    response.headers["Content-Disposition"].startswith("attachment;")
                )

    def test_its_own_name(self):
        for name, header in (
            ("Préis €.pdf", "filename*=UTF-8''Pr%C3%A9is%20%E2%82%AC.pdf"),
            ('a"b;c.pdf', 'filename="a\\"b;c.pdf"'),
            ("a\r\nSet-Cookie: x=1.pdf", "Set-Cookie: x=1.pdf"),
            ("../../etc/passwd.pdf", "passwd.pdf"),
        ):
            with self.subTest(name=name):
                delivered, trackable = self.send("x", attachments=[(name, PDF)])
                url = [url for url in delivered.tracked_urls if ".gif" not in url][0]
                response = self.get(url)
                self.assertEqual(response.content, PDF)
                self.assertIn(header, response.headers["Content-Disposition"])
                self.assertNotIn("Set-Cookie", response.headers)

    def test_head_and_conditional_requests(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        url = delivered.links["Offer.pdf"]
        response = self.get(url, method="HEAD")
        self.assertEqual(response.headers["Content-Length"], str(len(PDF)))
        (action,) = self.downloads(trackable)
        self.assertEqual(action.actor, "machine")
        etag = response.headers["ETag"]
        response = self.get(url, **{"If-None-Match": etag})
        self.assertEqual(response.status_code, 304)

    def test_parts(self):
        """As download managers, players and viewers ask for them."""
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        size = len(PDF)
        for asked, start, end, count in (
            ("bytes=0-1", 0, 2, 0),  # what players begin with
            ("bytes=0-99", 0, 100, 1),
            ("bytes=100-199", 100, 200, 0),
            ("bytes=200-", 200, size, 0),
            ("bytes=-50", size - 50, size, 0),
            ("bytes=0-", 0, size, 1),
        ):
            with self.subTest(asked=asked):
                before = len(self.downloads(trackable))
                response = self.get(delivered.links["Offer.pdf"], Range=asked)
                self.assertEqual(response.status_code, 206)
                self.assertEqual(response.content, PDF[start:end])
                self.assertEqual(
                    response.headers["Content-Range"], f"bytes {start}-{end - 1}/{size}"
                )
                self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(len(self.downloads(trackable)) - before, count)

    def test_parts_that_make_no_sense(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        url = delivered.links["Offer.pdf"]
        response = self.get(url, Range=f"bytes={len(PDF)}-")
        self.assertEqual(response.status_code, 416)
        self.assertEqual(response.headers["Content-Range"], f"bytes */{len(PDF)}")
        self.assertFalse(self.downloads(trackable))
        for asked in ("bytes=x", "pages=1-2", "bytes=5-1", "bytes=0-1,5-9"):
            with self.subTest(asked=asked):
                before = len(self.downloads(trackable))
                self.assertFile(self.get(url, Range=asked), PDF, "Offer.pdf")
                self.assertEqual(len(self.downloads(trackable)), before + 1)

    def test_a_resumed_download_is_one(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        url = delivered.links["Offer.pdf"]
        first = self.get(url)
        rest = self.get(
            url, **{"Range": "bytes=5000-", "If-Range": first.headers["ETag"]}
        )
        self.assertEqual(first.content[:5000] + rest.content, PDF)
        self.assertEqual(len(self.downloads(trackable)), 1)

    @mute_logger("odoo.addons.pipeline_tracking.controllers.main")
    def test_a_file_that_is_lost_is_no_server_error(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        trackable.link_ids.attachment_id.sudo()._write({"store_fname": "00/no"})
        self.env.invalidate_all()
        self.assertEqual(self.get(delivered.links["Offer.pdf"]).status_code, 404)


@tagged("post_install", "-at_install")
class TestFilesKept(FilesCase):
    def test_no_second_copy(self):
        file = self.attach("Offer.pdf", PDF)
        _delivered, trackable = self.send("x", attachment_ids=file.ids)
        own = trackable.link_ids.attachment_id
        self.assertNotEqual(own, file)
        self.assertEqual(own.store_fname, file.store_fname)
        self.assertEqual(own.checksum, file.checksum)
        self.assertEqual(own.file_size, len(PDF))
        self.assertEqual(
            (own.res_model, own.res_id), ("trackable.link", trackable.link_ids.id)
        )
        self.assertFalse(own.public)

    def test_the_content_is_not_read_to_be_sent(self):
        file = self.attach("Offer.pdf", PDF)
        read = []
        Attachment = self.registry["ir.attachment"]
        file_read = Attachment._file_read

        def _file_read(attachment, *args, **kwargs):
            read.append(args)
            return file_read(attachment, *args, **kwargs)

        self.env.flush_all()
        self.env.invalidate_all()
        self.patch(Attachment, "_file_read", _file_read)
        self.send("x", attachment_ids=file.ids)
        self.assertFalse(read)

    def test_stored_in_the_database(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        self.assertFalse(trackable.link_ids.attachment_id.store_fname)
        self.assertEqual(self.get(delivered.links["Offer.pdf"]).content, PDF)

    def test_large_images_are_sent_as_they_are(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        self.env["ir.config_parameter"].set_param("base.image_autoresize_max_px", "1x1")
        from PIL import Image  # noqa: PLC0415

        buffer = io.BytesIO()
        Image.new("RGB", (20, 20)).save(buffer, "PNG")
        image = self.env["ir.attachment"].with_context(image_no_postprocess=True)
        image = image.with_user(self.salesperson).create(
            {"name": "a.png", "raw": buffer.getvalue()}
        )
        delivered, _trackable = self.send("x", attachment_ids=image.ids)
        self.assertEqual(self.get(delivered.links["a.png"]).content, buffer.getvalue())

    def test_it_outlives_what_owned_it(self):
        file = self.attach("Offer.pdf", PDF)
        delivered, trackable = self.send("x", attachment_ids=file.ids)
        message = trackable.mail_message_id
        message.sudo().mail_ids.unlink()
        message.attachment_ids.unlink()
        message.unlink()
        self.assertFalse(file.exists())
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self.assertEqual(self.get(delivered.links["Offer.pdf"]).content, PDF)
        self.assertEqual(len(self.downloads(trackable)), 1)

    def test_an_outgoing_mail_that_deletes_itself(self):
        """As campaigns' do, with their attachments."""
        mail = self.env["mail.mail"].create(
            {
                "body_html": "<p>x</p>",
                "is_tracked": True,
                "auto_delete": True,
                "recipient_ids": self.customer.ids,
                "attachment_ids": [(0, 0, {"name": "a.txt", "raw": b"A"})],
            }
        )
        mail.send()
        self.assertFalse(mail.exists())
        (delivered,) = self.inbox.emails
        self.assertEqual(self.get(delivered.links["a.txt"]).content, b"A")

    def test_nothing_else_ends_it(self):
        _delivered, trackable = self.send_files(("Offer.pdf", PDF))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            trackable.link_ids.attachment_id.unlink()

    def test_the_sent_file_stays_what_it_was(self):
        file = self.attach("Offer.pdf", PDF)
        delivered, _trackable = self.send("x", attachment_ids=file.ids)
        file.write({"raw": b"%PDF-1.4 another"})
        self.assertEqual(self.get(delivered.links["Offer.pdf"]).content, PDF)

    def test_sent_once_more(self):
        """Pasted or forwarded, it is a file of the new email, with a link of its own."""
        first, trackable = self.send_files(("Offer.pdf", PDF))
        second, forwarded = self.send(first.html)
        link = forwarded.link_ids.filtered("is_file")
        self.assertEqual(link.label, "Offer.pdf")
        self.assertNotEqual(second.links["Offer.pdf"], first.links["Offer.pdf"])
        self.assertEqual(self.get(second.links["Offer.pdf"]).content, PDF)
        self.assertEqual(len(self.downloads(forwarded)), 1)
        self.assertFalse(trackable.action_ids)
        # each ends by itself
        trackable.link_ids.action_withdraw_file()
        self.assertEqual(self.get(second.links["Offer.pdf"]).content, PDF)
        self.assertEqual(self.get(first.links["Offer.pdf"]).status_code, 410)

    def test_sent_once_more_untracked(self):
        first, _trackable = self.send_files(("Offer.pdf", PDF))
        self.inbox.emails.clear()
        self.post(first.html, is_tracked=False)
        (second,) = self.inbox.emails
        self.assertUntracked(second)
        url = second.links["Offer.pdf"].removeprefix(BASE_URL)
        self.assertEqual(self.url_open(url).content, PDF)

    def test_a_file_needs_its_token(self):
        """Nobody sends a file by its number."""
        _delivered, trackable = self.send_files(("Offer.pdf", PDF))
        file = trackable.link_ids.attachment_id
        other = self.attach("other.pdf", PDF + b"2")
        other.generate_access_token()
        for number, access_token in (
            (file.id, "x" * 36),
            (other.id, file.access_token),
            (other.id, other.access_token),
            (10**17, file.access_token),
        ):
            url = (
                f"{BASE_URL}/web/content/{number}"
                f"?access_token={access_token}&amp;download=true"
            )
            _delivered, forwarded = self.send(f'<a href="{url}">x</a>')
            self.assertFalse(forwarded.link_ids.is_file)


@tagged("post_install", "-at_install")
class TestNewsletter(FilesCase):
    def test_a_newsletter_with_two_files(self):
        """End to end: over SMTP, and both files back through their links."""
        theme = self.env["ir.qweb"]._render(
            "mass_mailing.theme_default_template", {"company_id": self.env.company}
        )
        # its style sheet is the editor's
        body = (
            str(theme)
            .partition("</style>")[2]
            .replace('href="#"', 'href="https://shop.example.net/?a=1&amp;b=[2]"')
        )
        files = {
            "Catalogue.pdf": PDF * 50,
            "Preise & Größen.zip": zip_of("a", b"b" * 999),
        }
        delivered, trackable = self.send(
            body,
            attachments=list(files.items()),
            email_layout_xmlid="mail.mail_notification_light",
        )
        self.assertTracked(delivered)
        self.assertEqual(delivered.attachments, [])
        for name, content in files.items():
            response = self.get(delivered.links[name])
            self.assertEqual(response.content, content)
        self.assertEqual(
            sorted(self.downloads(trackable).trackable_link_id.mapped("label")),
            sorted(files),
        )
        self.assertEqual(
            self.get(delivered.links["LOGIN"]).headers["Location"],
            "https://shop.example.net/?a=1&b=[2]",
        )
        self.get(*delivered.image_urls)
        self.process()
        self.assertCounts(trackable, opens=1, clicks=3)
        text = re.sub(r"\s+", " ", delivered.text)
        for name in files:
            self.assertIn(name, text)
            self.assertIn(delivered.links[name], text)
