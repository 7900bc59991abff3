"""Migrations update the records of earlier versions."""

from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import SQL, file_path

from .common import TrackingCase


@tagged("post_install", "-at_install")
class TestMigrations(TrackingCase):
    def migrate(self, version, script):
        self.env.flush_all()
        path = file_path(f"pipeline_tracking/migrations/{version}/{script}.py")
        load_script(path, script).migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()

    def test_existing_emails_are_not_stopped(self):
        """SQL conditions on `is_stopped` would leave out an email with NULL."""
        self.env.company.track_several_recipients = True
        message = self.post(partner_ids=(self.customer | self.other).ids)
        tracked, stopped = self.trackable_emails(message)
        stopped.is_stopped = True
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE trackable_email SET is_stopped = NULL WHERE id = %s", [tracked.id]
        )
        self.env.invalidate_all()
        self.migrate("19.0.1.5.0", "post-migration")
        self.assertFalse(message._get_counter_badges()[message.id]["stopped"])
        self.assertTrue(stopped.is_stopped, "a stopped email stays stopped")
        self.env.cr.execute("SELECT FROM trackable_email WHERE is_stopped IS NULL")
        self.assertFalse(self.env.cr.rowcount)

    def test_labels_made_from_an_address_lose_its_path(self):
        labels = {
            "https://docs.example.org/d/SECRET": (
                "docs.example.org/d/SECRET",
                "docs.example.org",
            ),
            "https://intranet:8443/SECRET?x": ("intranet:8443/SECRET", "intranet:8443"),
            f"https://long.example.org/{'SECRET' * 20}": ("…", "long.example.org"),
            # texts of the author, in links to another address
            "https://x.example.org/1": ("y.example.org/SECRET", "y.example.org"),
            "https://x.example.org/2": (
                "See y.example.org/SECRET",
                "See y.example.org",
            ),
            "https://x.example.org/3": ("Our prices and/or offers",) * 2,
            "https://x.example.org": ("x.example.org",) * 2,
        }
        message = self.post(attachments=[("a.b/c.pdf", b"%PDF-1.4")])
        file = self.env["trackable.link"].search(
            [("mail_message_id", "=", message.id), ("is_file", "=", True)]
        )
        links = self.env["trackable.link"].create(
            [
                {"mail_message_id": message.id, "url": url, "label": old}
                for url, (old, _new) in labels.items()
            ]
        )
        self.assertEqual(len(file), 1)
        name = file.label
        self.migrate("19.0.1.5.0", "post-migration")
        self.assertEqual(links.mapped("label"), [new for _old, new in labels.values()])
        self.assertEqual(file.label, name, "a file keeps its name")

    def test_labels_in_several_batches(self):
        message = self.post()
        links = self.env["trackable.link"].create(
            [
                {
                    "mail_message_id": message.id,
                    "url": f"https://x.example.org/{n}",
                    "label": f"x.example.org/{n}",
                }
                for n in range(5003)
            ]
        )
        self.migrate("19.0.1.5.0", "post-migration")
        self.assertEqual(set(links.mapped("label")), {"x.example.org"})

    def test_existing_entries_on_other_records_lose_the_subject(self):
        for number in range(3):
            delivered, _trackable = self.send(
                '<a href="https://x.com/">Titan prices</a>',
                subject=f"Titan {number}",
            )
            self.hit(delivered.links["Titan prices"])
        self.process()
        emails = self.env["trackable.email"].search([], limit=3)
        on_lead, on_customer = self.entries(self.lead), self.entries(self.customer)
        self.assertEqual((len(on_lead), len(on_customer)), (3, 3))
        expected = on_customer.mapped("body")
        before = on_lead.mapped("body")
        for entry, body in zip(on_customer, before, strict=True):
            entry.body = body
        # the first email loses its actions, the second loses its recipient
        emails[0].action_ids.unlink()
        self.env.cr.execute(
            "UPDATE trackable_email_entry SET details = NULL; "
            "UPDATE trackable_email SET partner_id = 2000000000 WHERE id = %s",
            [emails[1].id],
        )
        self.migrate("19.0.1.5.0", "post-migration")
        self.assertEqual(
            on_lead.mapped("body"), before, "the lead's entries do not change"
        )
        for entry in on_customer:
            self.assertNotIn("Titan", entry.body)
            self.assertNotIn("/mail/message", entry.body)
            self.assertIn("an email", entry.body)
        unchanged = set(expected) & set(on_customer.mapped("body"))
        self.assertEqual(len(unchanged), 1, "the entry of the third email")
        self.assertEqual(len(set(on_customer.mapped("body"))), 3)
        bodies = on_customer.with_user(self.salesperson)._get_entry_bodies()
        self.assertEqual(len(bodies), 3, "a deleted recipient is named by the address")
        self.assertEqual("".join(bodies.values()).count("Titan prices"), 2)

    def test_emails_get_downloads_and_times_of_the_last_action(self):
        """The upgrade computes the same values as Odoo does for new actions."""
        delivered, used = self.send(
            '<a href="https://x.example.net">our prices</a>',
            attachments=[("offer.pdf", b"%PDF-1.4")],
        )
        _delivered, unused = self.send()
        for name in ("our prices", "offer.pdf"):
            self.hit(delivered.links[name])
            self.process()
            self.wait(3600)
        names = ["download_count", "last_action_date", "last_activity_date"]
        before = (used | unused).read(names)
        self.assertEqual((used.download_count, used.click_count), (1, 2))
        self.assertEqual(used.last_activity_date, used.last_action_date)
        self.assertEqual(unused.last_activity_date, unused.sent_date)
        self.env.flush_all()
        for name in names:
            self.env.cr.execute(
                SQL("ALTER TABLE trackable_email DROP COLUMN %s", SQL.identifier(name))
            )
        self.migrate("19.0.4.0.0", "pre-migration")
        self.assertEqual((used | unused).read(names), before)

    def test_earlier_actions_are_graded(self):
        """The upgrade does not know the signs of earlier requests, so it grades actions
        by their actor and reason.
        """
        _delivered, email = self.send()
        graded = {
            ("open", "recipient", "direct"): "medium",
            ("open", "recipient", "inferred"): "medium",
            ("open", "recipient", "mail-client"): "high",
            ("open", "recipient", "gmail-proxy"): "high",
            ("click", "recipient", "mail-client"): "medium",
            ("click", "recipient", "direct"): "medium",
            ("open", "unknown", "apple-mpp"): "low",
            ("open", "internal", "known-device"): "medium",
            ("open", "internal", "session"): "high",
            ("click", "machine", "too-soon"): "medium",
            ("click", "machine", "burst"): "high",
        }
        actions = self.env["trackable.email.action"].create(
            [
                {
                    "trackable_email_id": email.id,
                    "occurred_at": email.sent_date,
                    "kind": kind,
                    "actor": actor,
                    "reason": reason,
                }
                for kind, actor, reason in graded
            ]
        )
        crawled = actions[0].copy({"actor": "machine"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE trackable_email_action SET reason = 'google-crawler' WHERE id = %s",
            [crawled.id],
        )
        self.migrate("19.0.5.0.0", "pre-migration")
        self.assertFalse(any(actions.mapped("confidence")), "the column exists")
        self.env.cr.execute("ALTER TABLE trackable_email_action DROP COLUMN confidence")
        self.migrate("19.0.5.0.0", "pre-migration")
        self.assertEqual(actions.mapped("confidence"), [*graded.values()])
        self.assertEqual(
            (crawled.reason, crawled.confidence), ("scanner-network", "high")
        )

    def test_translations_of_the_old_texts_are_replaced(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        in_french = self.env(context={"lang": "fr_FR"})
        menu = in_french.ref("pipeline_tracking.menu_root")
        actor = in_french.ref(
            "pipeline_tracking.selection__trackable_email_action__actor__unknown"
        )
        for version in ("19.0.3.0.0", "19.0.4.0.0", "19.0.5.0.0"):
            menu.name, actor.name = "E-mails suivis", "Incertain"
            self.migrate(version, "post-migration")
            self.assertEqual(menu.name, "Suivi des e-mails")
            self.assertEqual(actor.name, "Possible")

    def test_the_scheduled_action_has_its_new_name(self):
        cron = self.env.ref("pipeline_tracking.ir_cron_process_hits")
        new_name = "Email Tracking: process opens and clicks"
        for old_name, expected in (
            ("Trackable Emails: process hits", new_name),
            ("Renamed by an administrator", "Renamed by an administrator"),
        ):
            cron.name = cron.cron_name = old_name
            self.migrate("19.0.3.0.0", "pre-migration")
            self.assertEqual([cron.name, cron.cron_name], [expected] * 2)
