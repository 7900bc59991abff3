"""Files of a tracked email are served through their links."""

import re

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..helpers.files_case import HTML, PDF, FilesCase, zip_of


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
        self.assertCounts(trackable, opens=1, clicks=1)  # an open is inferred
        self.assertIn("downloaded “Offer.pdf” ·", self.entry_text(self.lead))
        self.assertIn("downloaded a file ·", self.entry_text(self.customer))

    def test_every_file_type_is_an_attachment(self):
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

    def test_file_names(self):
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
        self.assertFalse(self.downloads(trackable) - action, "no content was sent")

    def test_range_requests(self):
        """Download managers, players and viewers request parts: see test_downloads."""
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        size = len(PDF)
        for byte_range, start, end in (
            ("bytes=0-1", 0, 2),  # the first request of a player
            ("bytes=0-99", 0, 100),
            ("bytes=100-199", 100, 200),
            ("bytes=200-", 200, size),
            ("bytes=-50", size - 50, size),
            ("bytes=0-", 0, size),
        ):
            with self.subTest(byte_range=byte_range):
                response = self.get(delivered.links["Offer.pdf"], Range=byte_range)
                self.assertEqual(response.status_code, 206)
                self.assertEqual(response.content, PDF[start:end])
                self.assertEqual(
                    response.headers["Content-Range"], f"bytes {start}-{end - 1}/{size}"
                )
                self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(len(self.downloads(trackable)), 1, "one download")

    def test_invalid_ranges(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        url = delivered.links["Offer.pdf"]
        response = self.get(url, Range=f"bytes={len(PDF)}-")
        self.assertEqual(response.status_code, 416)
        self.assertEqual(response.headers["Content-Range"], f"bytes */{len(PDF)}")
        self.assertFalse(self.downloads(trackable))
        for byte_range in (
            "bytes=x",
            "pages=1-2",
            "bytes=5-1",
            "bytes=0-1,5-9",
            "bytes=-999999",
        ):
            with self.subTest(byte_range=byte_range):
                before = len(self.downloads(trackable))
                self.assertFile(self.get(url, Range=byte_range), PDF, "Offer.pdf")
                self.assertEqual(len(self.downloads(trackable)), before + 1)

    def test_resumed_download_is_one_download(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        url = delivered.links["Offer.pdf"]
        first = self.get(url)
        rest = self.get(
            url, **{"Range": "bytes=5000-", "If-Range": first.headers["ETag"]}
        )
        self.assertEqual(first.content[:5000] + rest.content, PDF)
        self.assertEqual(len(self.downloads(trackable)), 1)
        # The client has a part of another file: the response is the whole file.
        response = self.get(url, **{"Range": "bytes=5000-", "If-Range": '"other"'})
        self.assertFile(response, PDF, "Offer.pdf")
        self.assertEqual(len(self.downloads(trackable)), 2)

    @mute_logger("odoo.addons.pipeline_tracking.controllers.tracking")
    def test_missing_file_is_not_found(self):
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        trackable.link_ids.attachment_id.sudo()._write({"store_fname": "00/no"})
        self.env.invalidate_all()
        self.assertEqual(self.get(delivered.links["Offer.pdf"]).status_code, 404)


@tagged("post_install", "-at_install")
class TestNewsletter(FilesCase):
    def test_newsletter_with_two_files(self):
        """End to end: send the newsletter over SMTP, and download both files."""
        theme = self.env["ir.qweb"]._render(
            "mass_mailing.theme_default_template", {"company_id": self.env.company}
        )
        # Leave out the editor's style sheet.
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
            self.wait(5)  # a person pauses
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
