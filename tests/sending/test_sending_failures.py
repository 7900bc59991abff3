"""An email is sent untracked if tracking fails."""

from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.pipeline_tracking import transactions
from odoo.addons.pipeline_tracking.models.sending.outgoing_batch import TrackableCopy

from ..common import TrackingCase
from .test_outgoing_copies import LINK


@tagged("post_install", "-at_install")
class TestSendingErrors(TrackingCase):
    def test_a_failed_commit_after_sending_is_logged(self):
        """The emails are already sent, so the caller must not fail."""
        with (
            patch.object(
                transactions,
                "committed_env",
                side_effect=psycopg2.OperationalError("full"),
            ),
            self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs,
        ):
            self.env["mail.mail"]._mark_not_sent([1])
        self.assertEqual(len(logs.records), 1)

    def test_an_error_in_rewriting_sends_the_email_untracked(self):
        for name in ("rewrite_links", "add_image"):
            with (
                self.subTest(name=name),
                patch.object(TrackableCopy, name, side_effect=ZeroDivisionError),
                self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs,
            ):
                self.inbox.emails.clear()
                self.post(LINK, attachments=[("a.txt", b"A")])
                (delivered,) = self.inbox.emails
                self.assertUntracked(delivered)
                self.assertIn("shop.example.net", delivered.html)
                self.assertEqual(
                    [part.get_filename() for part in delivered.attachments], ["a.txt"]
                )
                self.assertEqual(len(logs.records), 1)

    def test_an_error_in_one_email_does_not_affect_others(self):
        mails = self.env["mail.mail"].create(
            [
                {
                    "subject": name,
                    "body_html": LINK,
                    "is_tracked": True,
                    "email_to": f"{name}@x.example.org",
                }
                for name in "abc"
            ]
        )
        Mail = self.registry["mail.mail"]
        read = Mail._read_outgoing_document

        def fail_once(mail):
            return 1 / 0 if mail.subject == "b" else read(mail)

        self.patch(Mail, "_read_outgoing_document", fail_once)
        with self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs:
            mails.send()
        self.assertEqual(len(logs.records), 1)
        self.assertEqual(
            [bool(delivered.image_urls) for delivered in self.inbox.emails],
            [True, False, True],
        )
        self.assertEqual(mails[1].untracked_reason, "error")

    def test_an_error_in_creating_records_sends_the_email_untracked(self):
        TrackableEmail = self.registry["trackable.email"]
        with (
            patch.object(
                TrackableEmail, "_ensure", side_effect=psycopg2.OperationalError("no")
            ),
            self.assertLogs("odoo.addons.pipeline_tracking", "ERROR") as logs,
        ):
            message = self.post(LINK)
        self.assertEqual(len(logs.records), 1)
        self.assertEqual(message.sudo().untracked_reason, "error")
        self.assertFalse(message.is_tracked)
        (delivered,) = self.inbox.emails
        self.assertUntracked(delivered)
        self.assertEqual(
            delivered.links["our prices"].partition("?")[0],
            "https://shop.example.net/p",
        )

    def test_a_failing_query_sends_the_email_untracked(self):
        """The transaction that sends the email survives."""

        def fail(mail, *_args):
            mail.env.cr.execute("SELECT no_such_column FROM mail_mail")

        with (
            patch.object(
                self.registry["mail.mail"], "_prepare_trackable_email_values", fail
            ),
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.pipeline_tracking", "ERROR"),
        ):
            message = self.post(LINK)
        self.assertUntracked(*self.inbox.emails)
        self.assertEqual(message.notification_ids.notification_status, "sent")
