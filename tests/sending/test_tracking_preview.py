"""Composers show before sending why an email cannot be tracked and what helps, who is
not tracked, and how many files become links.
"""

from unittest.mock import patch

from odoo.tests import Form, tagged

from odoo.addons.pipeline_tracking.models.sending.tracking_decision import (
    UNTRACKED_REASONS,
)

from ..helpers.files_case import ICS, PDF, FilesCase


@tagged("post_install", "-at_install")
class TestTrackingPreview(FilesCase):
    def preview(self, partners, *, user=None, emails=(), files=()):
        return self.lead.with_user(user or self.salesperson).get_tracking_preview(
            [partner.id for partner in partners],
            list(emails),
            [file.id for file in files],
        )

    # ------------------------------------------------------------
    # Reasons and remedies
    # ------------------------------------------------------------

    def test_a_tracked_email(self):
        self.assertEqual(
            self.preview(self.customer),
            {
                "reason": False,
                "text": "",
                "remedy": False,
                "exceptions": False,
                "file_count": 0,
            },
        )

    def test_reason_and_remedy_are_two_texts(self):
        preview = self.preview(self.customer + self.other)
        self.assertEqual(preview["text"], "More than one recipient")
        self.assertEqual(
            preview["remedy"],
            "Send separate emails, or ask your administrator to allow several"
            " recipients.",
        )
        self.customer.tracking_consent = "objected"
        preview = self.preview(self.customer)
        self.assertEqual(preview["reason"], "objected")
        self.assertFalse(preview["remedy"], "the sender respects the objection")

    def test_each_remedy_is_a_sentence_and_each_reason_is_not(self):
        Message = self.env["mail.message"]
        remedies = {
            code: Message._get_untracked_remedy(code)
            for code, _text in UNTRACKED_REASONS
        }
        self.assertEqual(
            [code for code, remedy in remedies.items() if not remedy], ["objected"]
        )
        for code, text in UNTRACKED_REASONS:
            self.assertNotIn(".", text)
            self.assertTrue(text[0].islower(), "it completes a sentence")
            self.assertRegex(remedies[code] or "X.", r"^[A-Z].*\.$")
        self.assertFalse(Message._get_untracked_remedy(False))

    def test_the_remedy_is_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        module = self.env["ir.module.module"]._get("pipeline_tracking")
        module._update_translations(["fr_FR"])
        self.salesperson.lang = "fr_FR"
        lead = self.lead.with_user(self.salesperson).with_context(lang="fr_FR")
        partners = self.customer + self.other
        texts = lead.get_tracking_preview(partners.ids)
        self.assertEqual(texts["text"], "Plus d'un destinataire")
        self.assertIn("administrateur", texts["remedy"])

    def test_one_copy_to_several_addresses(self):
        self.customer.email = "carla@customer.example.org, carla@home.example.org"
        for is_allowed in (False, True):
            self.env.company.track_several_recipients = is_allowed
            preview = self.preview(self.customer)
            self.assertEqual(preview["reason"], "shared_copy")
            self.assertEqual(
                preview["remedy"], "Write to one address of each recipient."
            )

    def test_the_prediction_is_the_decision(self):
        self.customer.email = "carla@customer.example.org, carla@home.example.org"
        both = self.customer + self.other
        for is_allowed, partners in (
            (False, self.customer),
            (False, both),
            (True, self.customer),
            (True, both),
        ):
            self.env.company.track_several_recipients = is_allowed
            with self.subTest(is_allowed=is_allowed, partners=partners):
                predicted = self.preview(partners)["reason"]
                message = self.post(partner_ids=partners.ids)
                self.assertEqual(message.sudo().untracked_reason, predicted)
                self.assertEqual(message.is_tracked, not predicted)

    # ------------------------------------------------------------
    # Some recipients are tracked
    # ------------------------------------------------------------

    def new_partners(self, *names):
        return self.env["res.partner"].create(
            [{"name": name, "email": f"{name}@x.example.org"} for name in names]
        )

    def test_all_of_several_recipients_are_tracked(self):
        self.env.company.track_several_recipients = True
        preview = self.preview(
            self.customer + self.other + self.colleague.partner_id, emails=["d@x.com"]
        )
        self.assertFalse(preview["reason"] or preview["exceptions"])

    def test_recipients_who_are_not_tracked_are_named(self):
        self.env.company.track_several_recipients = True
        self.other.tracking_consent = "objected"
        partners = self.customer + self.other + self.colleague.partner_id
        self.assertEqual(
            self.preview(partners)["exceptions"],
            "Tracked, except Oscar Other (opted out)",
        )
        ann = self.env["res.partner"].create(
            {"name": "Ann", "email": "a@x.com,b@x.com"}
        )
        self.assertEqual(
            self.preview(partners + ann)["exceptions"],
            "Tracked, except Oscar Other (opted out) and Ann (several addresses)",
        )

    def test_recipients_are_named_in_the_same_order_each_time(self):
        self.env.company.track_several_recipients = True
        partners = self.new_partners("ann", "bob")
        partners.tracking_consent = "objected"
        Thread = self.env.registry["crm.lead"]
        get_recipients = Thread._notify_get_recipients
        for step in (1, -1):

            def get_ordered(*args, step=step, **kwargs):
                data = get_recipients(*args, **kwargs)
                return sorted(data, key=lambda row: step * row["id"])

            with patch.object(Thread, "_notify_get_recipients", get_ordered):
                self.assertEqual(
                    self.preview(partners + self.customer)["exceptions"],
                    "Tracked, except ann (opted out) and bob (opted out)",
                )

    def test_recipients_without_consent_are_named(self):
        self.env.company.track_several_recipients = True
        self.env.company.tracking_consent_mode = "when_agreed"
        self.customer.tracking_consent = "agreed"
        self.assertEqual(
            self.preview(self.customer, emails=["new@x.example.org"])["exceptions"],
            "Tracked, except new@x.example.org (no consent)",
        )

    def test_many_recipients_who_are_not_tracked_are_counted(self):
        self.env.company.track_several_recipients = True
        partners = self.new_partners("ann", "bob", "cid")
        partners.tracking_consent = "objected"
        self.assertEqual(
            self.preview(partners + self.customer)["exceptions"],
            "Tracked for 1 of 4 recipients",
        )

    def test_followers_whom_the_user_may_not_read_are_counted(self):
        self.env.company.track_several_recipients = True
        self.env.company.tracking_consent_mode = "when_agreed"
        self.customer.tracking_consent = "agreed"
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        hidden = self.new_partners("hilda")
        self.lead.message_subscribe(hidden.ids)
        self.assertIn("hilda", self.preview(self.customer)["exceptions"])
        hidden.company_id = elsewhere
        self.assertEqual(
            self.preview(self.customer)["exceptions"], "Tracked for 1 of 2 recipients"
        )

    def test_an_objection_that_the_user_may_not_read(self):
        self.env.company.track_several_recipients = True
        address = "d@x.example.org"
        self.env["trackable.objection"]._record_objection(address, "A call")
        self.assertFalse(self.preview(self.customer, emails=[address])["exceptions"])
        self.salesperson.group_ids += self.env.ref("pipeline_tracking.group_manager")
        self.assertEqual(
            self.preview(self.customer, emails=[address])["exceptions"],
            f"Tracked, except {address} (opted out)",
        )

    # ------------------------------------------------------------
    # Files
    # ------------------------------------------------------------

    def test_files_sent_as_links_are_counted(self):
        files = [
            self.attach("a.pdf", PDF),
            self.attach("b.pdf", PDF),
            self.attach("invite.ics", ICS),
            self.attach("empty.txt", b""),
        ]
        self.assertEqual(self.preview(self.customer, files=files)["file_count"], 2)
        # An email that cannot be tracked has attachments.
        both = self.customer + self.other
        self.assertEqual(self.preview(both, files=files)["file_count"], 0)
        self.env.company.attach_tracked_files = True
        self.assertEqual(self.preview(self.customer, files=files)["file_count"], 0)

    def test_files_that_the_user_may_not_read_are_not_counted(self):
        file = self.env["ir.attachment"].create({"name": "secret.pdf", "raw": PDF})
        self.assertEqual(self.preview(self.customer, files=[file])["file_count"], 0)

    # ------------------------------------------------------------
    # The full composer
    # ------------------------------------------------------------

    def new_form(self):
        form = Form(self.full_composer(clicked_on_full_composer=True))
        form.partner_ids.add(self.customer)
        form.subject = form.body = "Hi"
        return form

    def test_the_full_composer_attaches_files_to_one_email(self):
        form = self.new_form()
        form.attachment_ids.add(self.attach("a.pdf", PDF))
        form.is_tracked = True  # as the web client does after a change of the files
        self.assertEqual(form.tracking_preview["file_count"], 1)
        composer = form.save()
        composer.attach_files = True
        self.assertEqual(composer.tracking_preview["file_count"], 1)
        self.inbox.emails.clear()
        composer._action_send_mail()
        (delivered,) = self.inbox.emails
        self.assertTracked(delivered)
        self.assertEqual(len(delivered.attachments), 1)

        form = self.new_form()
        form.attachment_ids.add(self.attach("a.pdf", PDF))
        self.inbox.emails.clear()
        form.save()._action_send_mail()
        (delivered,) = self.inbox.emails
        self.assertIn("a.pdf", delivered.links)
        self.assertEqual(delivered.attachments, [])

    def test_a_file_of_an_untracked_email_costs_no_query(self):
        file = self.attach("a.pdf", PDF)
        form = self.new_form()
        form.is_tracked = False
        with self.assertQueryCount(0):
            form.attachment_ids.add(file)

    def test_the_full_composer_with_tracking_off_costs_no_query(self):
        composer = self.new_form().save()
        composer.is_tracked = False
        self.env.flush_all()
        composer.invalidate_recordset(["tracking_preview"])
        with self.assertQueryCount(0):
            self.assertFalse(composer.tracking_preview)
