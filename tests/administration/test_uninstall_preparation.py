"""Prepare an uninstallation: the dialog, the list of links, remaining records."""

import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.pipeline_tracking.models.administration import trackable_uninstall
from odoo.addons.pipeline_tracking.tools import tracking_token

from ..common import BASE_URL, SUBTYPE, path_of
from ..helpers import nginx_map
from ..helpers.mailing_case import MailingCase

LOGGER = "odoo.addons.pipeline_tracking.models.administration.trackable_uninstall"
PARAMETER = "pipeline_tracking.uninstall_without_list"


class UninstallCase(MailingCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "pipeline_tracking"
        # The data folder of Odoo is shared by all tests.
        options = patch.dict(config.options, data_dir=folder.name)
        options.start()
        self.addCleanup(options.stop)

    def write_list(self):
        """Write the list.

        :return: path -> destination, without paths that contain the database's name
        :rtype: dict[str, str]
        """
        with self.assertLogs(LOGGER, "WARNING") as logs:
            file = self.env["trackable.uninstall"]._write_link_list()
        self.logged = "\n".join(logs.output)
        self.assertIn(str(file), self.logged)
        read = nginx_map.read(file.read_text())
        unnamed = {
            path: url
            for path, url in read.items()
            if not tracking_token.read_database_name(path.removeprefix("/t/"))
        }
        self.assertEqual(len(read), 2 * len(unnamed))
        self.assertEqual(sorted(read.values()), sorted(2 * list(unnamed.values())))
        return unnamed

    def paths(self, *delivered):
        """Return the paths of tracked links in delivered emails, without images."""
        return {
            path_of(url)
            for delivered_email in delivered
            for url in delivered_email.tracked_urls
            if not url.endswith(".gif")
        }


@tagged("post_install", "-at_install")
class TestLinkList(UninstallCase):
    def test_the_list_has_links_and_files(self):
        url = r'https://x.com/a?b=[1]&c="\$d"#é'
        delivered, _trackable = self.send(
            f"<p><a href='{url}'>x</a> <a href='https://y.com/'>y</a></p>",
            attachments=[("offer.pdf", b"%PDF-1.4 offer")],
        )
        listed = self.write_list()
        self.assertEqual(set(listed), self.paths(delivered))
        self.assertEqual(len(listed), 3)
        self.assertEqual(
            listed[path_of(delivered.links["x"])], url.replace("é", "%C3%A9")
        )
        self.assertEqual(listed[path_of(delivered.links["y"])], "https://y.com/")
        file = self.env["trackable.link"].search([("is_file", "=", True)]).attachment_id
        self.assertIn(
            f"{BASE_URL}/web/content/{file.id}?access_token={file.access_token}"
            "&download=true",
            listed.values(),
        )

    def test_the_list_has_the_links_of_each_email(self):
        first, _trackable = self.send('<a href="https://x.com/1">x</a>')
        second, _trackable = self.send('<a href="https://x.com/2">x</a>')
        _mailing, arrived = self.send_mailing()
        listed = self.write_list()
        self.assertEqual(set(listed), self.paths(first, second, *arrived.values()))
        self.assertEqual(listed[path_of(first.links["x"])], "https://x.com/1")
        self.assertEqual(listed[path_of(second.links["x"])], "https://x.com/2")
        for delivered in arrived.values():
            self.assertTrue(
                listed[path_of(delivered.links["offer"])].startswith(
                    "https://shop.example.net/offer?a=1&b=2&utm_"
                )
            )

    def test_withdrawn_files_are_left_out(self):
        delivered, trackable = self.send(
            attachments=[("old.pdf", b"%PDF-1.4 old"), ("new.pdf", b"%PDF-1.4 new")]
        )
        old, new = (
            trackable.link_ids.filtered(lambda link, name=name: link.label == name)
            for name in ("old.pdf", "new.pdf")
        )
        old.action_withdraw_file()
        listed = self.write_list()
        self.assertLess(set(listed), self.paths(delivered))
        ((_path, url),) = listed.items()
        self.assertIn(f"/web/content/{new.attachment_id.id}?", url)

    def test_disabled_links_are_left_out(self):
        delivered, trackable = self.send(
            '<a href="https://bad.example/">bad</a>'
            '<a href="https://good.example/">good</a>',
            attachments=[("bad.pdf", b"%PDF-1.4")],
        )
        bad = trackable.link_ids.filtered(lambda link: link.label.startswith("bad"))
        self.assertEqual(len(bad), 2)
        bad.action_disable()
        listed = self.write_list()
        self.assertEqual(
            listed, {path_of(delivered.links["good"]): "https://good.example/"}
        )

    def test_files_without_an_access_token_get_an_access_token(self):
        delivered, trackable = self.send(attachments=[("a.pdf", b"%PDF-1.4")])
        file = trackable.link_ids.attachment_id
        file.access_token = False
        ((path, url),) = self.write_list().items()
        self.assertEqual({path}, self.paths(delivered))
        self.assertTrue(file.access_token)
        self.assertIn(f"access_token={file.access_token}&", url)

    def test_the_list_covers_all_keys(self):
        body = '<a href="https://x.com/">x</a>'
        before, _trackable = self.send(body)
        self.env["trackable.key"]._rotate()
        after, _trackable = self.send(body)
        listed = self.write_list()
        self.assertLess(self.paths(before, after), set(listed))
        self.assertEqual(len(listed), 4)

    def test_the_list_has_links_of_deleted_messages_and_mailings(self):
        body = '<a href="https://x.com/">x</a>'
        delivered, trackable = self.send(body)
        trackable.mail_message_id.unlink()
        mailing, arrived = self.send_mailing()
        mailing.unlink()
        listed = self.write_list()
        self.assertEqual(set(listed), self.paths(delivered, *arrived.values()))

    def test_a_mailing_whose_links_differ_between_recipients(self):
        """The links of each recipient are unknown: list all links, up to a limit."""
        body = '<div><a t-attf-href="https://x.com/{{object.name}}">yours</a></div>'
        _mailing, arrived = self.send_mailing(body=body)
        listed = self.write_list()
        self.assertLess(self.paths(*arrived.values()), set(listed))
        self.assertEqual(len(listed), 9)
        self.assertNotIn("are listed", self.logged)
        with (
            patch.object(trackable_uninstall, "MAX_LINKS", 2),
            patch.object(trackable_uninstall, "MAX_MAILING_LINES", 3),
        ):
            self.assertEqual(len(self.write_list()), 6)
        self.assertIn("the first 2 are listed", self.logged)

    def test_more_links_than_a_batch(self):
        body = "".join(f'<a href="https://x.com/{i}">{i}</a>' for i in range(7))
        delivered, _trackable = self.send(f"<div>{body}</div>")
        with patch.object(trackable_uninstall, "LINK_BATCH_SIZE", 3):
            listed = self.write_list()
        self.assertEqual(set(listed), self.paths(delivered))
        self.assertEqual(len(set(listed.values())), 7)

    def test_only_odoo_can_read_the_list(self):
        self.send('<a href="https://x.com/">x</a>')
        self.write_list()
        (file,) = self.folder.iterdir()
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)
        self.assertTrue(file.name.startswith(f"{self.env.cr.dbname}-links-"))

    def test_a_failure_leaves_no_list(self):
        self.send('<a href="https://x.com/">x</a>')
        with (
            patch.object(
                trackable_uninstall.os, "replace", side_effect=OSError("full")
            ),
            self.assertLogs(LOGGER, "ERROR"),
            self.assertRaisesRegex(UserError, "full") as raised,
        ):
            self.env["trackable.uninstall"]._prepare_uninstall()
        self.assertEqual(list(self.folder.iterdir()), [])
        message = str(raised.exception)
        self.assertIn("Nothing was uninstalled", message)
        for hint in (str(self.folder), PARAMETER):
            self.assertIn(hint, message)

    def test_uninstalling_without_the_list(self):
        self.send('<a href="https://x.com/">x</a>')
        self.env["ir.config_parameter"].set_param(PARAMETER, "True")
        with self.assertLogs(LOGGER, "WARNING"):
            self.env["trackable.uninstall"]._prepare_uninstall()
        self.assertFalse(self.folder.exists())
        self.assertFalse(self.env["ir.config_parameter"].get_param(PARAMETER))


@tagged("post_install", "-at_install")
class TestUninstallEntries(UninstallCase):
    def entry(self):
        delivered, _trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        return self.entries(self.lead)

    def test_entries_stay_as_notes(self):
        entry = self.entry()
        self.env["trackable.uninstall"]._convert_entries_to_notes()
        entry.invalidate_recordset()
        self.assertEqual(entry.subtype_id, self.env.ref("mail.mt_note"))

    def test_a_deleted_subtype(self):
        entry = self.entry()
        self.env.ref(SUBTYPE).unlink()
        self.env["trackable.uninstall"]._convert_entries_to_notes()
        entry.invalidate_recordset()
        self.assertFalse(entry.subtype_id)
        self.assertTrue(entry.is_internal, "customers do not see the entry")


@tagged("post_install", "-at_install")
class TestUninstallDialog(UninstallCase):
    def warning(self, name):
        module = self.env["ir.module.module"].search([("name", "=", name)])
        return (
            self.env["base.module.uninstall"]
            .create({"module_ids": [Command.set(module.ids)]})
            .tracked_links_warning
        )

    def test_the_warning_about_links_that_stop_working(self):
        self.send(
            '<p><a href="https://x.com/">x</a> <a href="https://y.com/">y</a></p>'
        )
        self.send_mailing()
        for name in ("pipeline_tracking", "mass_mailing", "mail"):
            self.assertEqual(
                self.warning(name),
                "8 links in sent emails will stop working. Before that, Odoo writes"
                f" their destinations to {self.folder} on the server, so that your"
                " web server can keep redirecting these links. See"
                " /pipeline_tracking/docs/uninstall in this Odoo.",
            )
        self.assertFalse(self.warning("crm"))

    def test_no_warning_without_sent_links(self):
        self.assertFalse(self.warning("pipeline_tracking"))

    def test_odoo_refuses_while_the_module_is_server_wide(self):
        modules = [*config["server_wide_modules"], "pipeline_tracking"]
        with patch.dict(config.options, server_wide_modules=modules):
            self.assertIn("server_wide_modules", self.warning("pipeline_tracking"))
            module = self.env.ref("base.module_pipeline_tracking")
            with self.assertRaisesRegex(UserError, "pipeline_tracking"):
                module.button_uninstall()

    def test_the_dialog_shows_the_warning(self):
        arch = self.env["base.module.uninstall"].get_view()["arch"]
        self.assertIn('name="tracked_links_warning"', arch)


@tagged("post_install", "-at_install")
class TestRemainingRecords(UninstallCase):
    def test_entries_are_notes(self):
        delivered, _trackable = self.send()
        self.hit(delivered.image_urls[0])
        self.process()
        entry = self.entries(self.customer)
        self.assertTrue(entry)
        self.prepare()
        self.assertEqual(entry.subtype_id, self.env.ref("mail.mt_note"))
        self.assertTrue(entry.is_internal)

    def test_linked_files_have_a_description(self):
        _delivered, trackable = self.send(attachments=[("a.pdf", b"%PDF-1.4")])
        self.prepare()
        self.assertIn("tracked email", trackable.link_ids.attachment_id.description)

    def test_parameters_are_deleted(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("pipeline_tracking.allow_private_url", "True")
        parameters.set_param("pipelinextracking.other", "True")
        self.prepare()
        self.assertFalse(parameters.get_param("pipeline_tracking.allow_private_url"))
        self.assertTrue(parameters.get_param("pipelinextracking.other"))

    def prepare(self):
        with self.assertLogs(LOGGER, "WARNING"):
            self.env["trackable.uninstall"]._prepare_uninstall()
