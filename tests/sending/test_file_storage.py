"""The content of a tracked file is stored once, and outlives the email."""

import io

from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import BASE_URL
from ..helpers.files_case import PDF, FilesCase


@tagged("post_install", "-at_install")
class TestFileStorage(FilesCase):
    def test_the_content_is_stored_once(self):
        file = self.attach("Offer.pdf", PDF)
        _delivered, trackable = self.send("x", attachment_ids=file.ids)
        attachment = trackable.link_ids.attachment_id
        self.assertNotEqual(attachment, file)
        self.assertEqual(attachment.store_fname, file.store_fname)
        self.assertEqual(attachment.checksum, file.checksum)
        self.assertEqual(attachment.file_size, len(PDF))
        self.assertFalse(attachment.public)

    def test_a_module_that_stores_content_elsewhere(self):
        """Copy the columns that an override of the hook adds."""
        Attachment = self.registry["ir.attachment"]
        get_fields = Attachment._get_stored_content_fields
        self.patch(
            Attachment,
            "_get_stored_content_fields",
            lambda attachment: [
                *get_fields(attachment),
                "index_content",
                "create_date",
            ],
        )
        file = self.attach("Offer.pdf", PDF)
        file.index_content = "location elsewhere"
        other = self.attach("Terms.pdf", PDF + b"2")
        other.index_content = False
        _delivered, trackable = self.send("x", attachment_ids=(file + other).ids)
        copies = trackable.link_ids.attachment_id.grouped("name")
        for source in (file, other):
            copy = copies[source.name]
            self.assertEqual(copy.store_fname, source.store_fname)
            self.assertEqual(copy.index_content, source.index_content)
            self.assertEqual(copy.create_date, source.create_date)

    def test_sending_does_not_read_the_content(self):
        file = self.attach("Offer.pdf", PDF)
        reads = []
        Attachment = self.registry["ir.attachment"]
        file_read = Attachment._file_read

        def _file_read(attachment, *args, **kwargs):
            reads.append(args)
            return file_read(attachment, *args, **kwargs)

        self.env.flush_all()
        self.env.invalidate_all()
        self.patch(Attachment, "_file_read", _file_read)
        self.send("x", attachment_ids=file.ids)
        self.assertFalse(reads)

    def test_stored_in_the_database(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        delivered, trackable = self.send_files(("Offer.pdf", PDF))
        self.assertFalse(trackable.link_ids.attachment_id.store_fname)
        self.assertEqual(self.get(delivered.links["Offer.pdf"]).content, PDF)

    def test_large_images_are_not_resized(self):
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

    def test_the_file_outlives_message_and_attachment(self):
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

    def test_the_file_outlives_an_outgoing_mail_that_deletes_itself(self):
        """Outgoing emails of mailings delete themselves and their attachments, too."""
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

    def test_the_file_of_a_link_cannot_be_deleted(self):
        _delivered, trackable = self.send_files(("Offer.pdf", PDF))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            trackable.link_ids.attachment_id.unlink()

    def test_changing_the_attachment_does_not_change_the_sent_file(self):
        file = self.attach("Offer.pdf", PDF)
        delivered, _trackable = self.send("x", attachment_ids=file.ids)
        file.write({"raw": b"%PDF-1.4 another"})
        self.assertEqual(self.get(delivered.links["Offer.pdf"]).content, PDF)

    def test_a_forwarded_file_gets_a_new_link(self):
        """A pasted or forwarded file has a separate link in the new email."""
        first, trackable = self.send_files(("Offer.pdf", PDF))
        second, forwarded = self.send(first.html)
        link = forwarded.link_ids.filtered("is_file")
        self.assertEqual(link.label, "Offer.pdf")
        self.assertNotEqual(second.links["Offer.pdf"], first.links["Offer.pdf"])
        self.assertEqual(self.get(second.links["Offer.pdf"]).content, PDF)
        self.assertEqual(len(self.downloads(forwarded)), 1)
        self.assertFalse(trackable.action_ids)
        # Each file is withdrawn separately.
        trackable.link_ids.action_withdraw_file()
        self.assertEqual(self.get(second.links["Offer.pdf"]).content, PDF)
        self.assertEqual(self.get(first.links["Offer.pdf"]).status_code, 410)

    def test_a_file_forwarded_untracked(self):
        first, _trackable = self.send_files(("Offer.pdf", PDF))
        self.inbox.emails.clear()
        self.post(first.html, is_tracked=False)
        (second,) = self.inbox.emails
        self.assertUntracked(second)
        url = second.links["Offer.pdf"].removeprefix(BASE_URL)
        self.assertEqual(self.url_open(url).content, PDF)

    def test_a_file_needs_its_token(self):
        """A URL without the access token of the file is an ordinary link."""
        _delivered, trackable = self.send_files(("Offer.pdf", PDF))
        file = trackable.link_ids.attachment_id
        other = self.attach("other.pdf", PDF + b"2")
        other.generate_access_token()
        for file_id, access_token in (
            (file.id, "x" * 36),
            (other.id, file.access_token),
            (other.id, other.access_token),
            (10**17, file.access_token),
        ):
            url = (
                f"{BASE_URL}/web/content/{file_id}"
                f"?access_token={access_token}&amp;download=true"
            )
            _delivered, forwarded = self.send(f'<a href="{url}">x</a>')
            self.assertFalse(forwarded.link_ids.is_file)
