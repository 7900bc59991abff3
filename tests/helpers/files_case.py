"""Emails with attached files, and requests to the links of these files."""

import io
import zipfile

from odoo.tests import HttpCase

from ..common import BROWSER, TrackingMixin, path_of

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
        """Send an email with files.

        :return: the email that arrived, and its trackable email
        """
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
