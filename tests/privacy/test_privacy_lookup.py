"""Odoo's privacy lookup finds trackable emails of a person, and anonymizes them."""

from lxml import etree

from odoo.tests import new_test_user, tagged

from ..helpers.anonymize_case import BODY, AnonymizeCase


@tagged("post_install", "-at_install")
class TestPrivacyLookup(AnonymizeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env, "ada", "base.group_system,base.group_erp_manager"
        )

    def look_up(self, name, email):
        wizard = (
            self.env["privacy.lookup.wizard"]
            .with_user(self.admin)
            .create({"name": name, "email": email})
        )
        wizard.action_lookup()
        return wizard

    def records_of(self, wizard, model):
        """Return the records of a model in the lines. No record is listed twice."""
        lines = wizard.line_ids.filtered(lambda line: line.res_model == model)
        self.assertEqual(len(lines), len(set(lines.mapped("res_id"))))
        return self.env[model].browse(lines.mapped("res_id"))

    def test_the_lookup_finds_emails_and_actions(self):
        self.send_and_act(self.other)
        _delivered, again = self.send_and_act(self.customer)
        again.partner_id = False
        emails = self.trackable | again
        for name, address in (
            (self.customer.name, "Carla <CARLA@customer.example.org>"),
            ("Nobody", self.customer.email),
        ):
            wizard = self.look_up(name, address)
            self.assertEqual(
                self.records_of(wizard, "trackable.email"), emails.sorted("id")
            )
            self.assertEqual(
                self.records_of(wizard, "trackable.email.action"),
                emails.action_ids.sorted("id"),
            )
        # found by the name of a contact with another address
        self.assertEqual(
            self.records_of(
                self.look_up(self.customer.name, "x@x.example.org"), "trackable.email"
            ),
            self.trackable,
        )
        wizard = self.look_up("Nobody", "nobody@x.example.org")
        self.assertFalse(wizard.line_ids)

    def test_the_lookup_finds_objections(self):
        self.env["trackable.objection"]._record_objection(
            "nobody@x.example.org", "a letter"
        )
        wizard = self.look_up("Nobody", "nobody@x.example.org")
        self.assertEqual(
            self.records_of(wizard, "trackable.objection").email_normalized,
            "nobody@x.example.org",
        )

    def test_deleting_a_line_anonymizes_the_email(self):
        messages = self.messages_about(self.trackable)
        wizard = self.look_up(self.customer.name, self.customer.email)
        line = wizard.line_ids.filtered(
            lambda line: line.res_model == "trackable.email"
        )
        self.assertEqual(line.res_id, self.trackable.id)
        self.assertFalse(line.has_active)
        line.action_unlink()
        self.assertTrue(line.is_unlinked)
        self.assertIn(
            f"Anonymized {self.trackable._description} #{line.res_id}",
            line.execution_details,
        )
        self.assertIn(line.execution_details, wizard.execution_details)
        self.assertAnonymized(self.trackable, self.delivered, messages)

    def test_deleting_all_lines_anonymizes_all_emails(self):
        self.lead.partner_id = False
        other_delivered, other = self.send_and_act(self.other)
        messages = self.messages_about(self.trackable)
        wizard = self.look_up(self.customer.name, self.customer.email)
        lines = wizard.line_ids.filtered(
            lambda line: line.res_model.startswith("trackable.")
        )
        lines.action_archive_all()  # skips records that cannot be archived
        lines.action_unlink_all()
        self.assertTrue(self.trackable.exists())
        self.assertFalse(self.trackable.email_to or self.trackable.partner_id)
        self.assertFalse(self.trackable.action_ids)
        self.assertFalse(messages.exists())
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertNotAnonymized(other, other_delivered)
        wizard = self.look_up(self.customer.name, self.customer.email)
        self.assertFalse(self.records_of(wizard, "trackable.email"))
        self.assertFalse(self.records_of(wizard, "trackable.email.action"))

    def test_deleting_one_action_keeps_the_counters(self):
        self.wait(36 * 3600)
        self.act_again(self.delivered)
        opens = self.trackable.open_count
        wizard = self.look_up(self.customer.name, self.customer.email)
        lines = wizard.line_ids.filtered(
            lambda line: line.res_model == "trackable.email.action"
        )
        first = min(lines, key=lambda line: line.res_id)
        first.action_unlink()
        self.assertEqual(len(self.trackable.action_ids), len(lines) - 1)
        self.assertEqual(self.trackable.open_count, opens)
        self.assertEqual(self.trackable.email_to, self.customer.email)
        self.act_again(self.delivered)
        self.assertEqual(self.trackable.open_count, opens + 1)

    def test_deleting_the_contact_anonymizes_its_emails(self):
        self.lead.partner_id = False
        messages = self.messages_about(self.trackable)
        wizard = self.look_up(self.customer.name, self.customer.email)
        line = wizard.line_ids.filtered(lambda line: line.res_model == "res.partner")
        line.action_unlink()
        self.assertAnonymized(self.trackable, self.delivered, messages)

    # ------------------------------------------------------------
    # Objections
    # ------------------------------------------------------------

    def test_deleting_all_lines_preserves_the_objection(self):
        self.trackable._record_objection_by_link()
        self.lead.partner_id = False
        address = self.customer.email
        wizard = self.look_up(self.customer.name, address)
        objection = self.records_of(wizard, "trackable.objection")
        line = wizard.line_ids.filtered(lambda line: line.res_model == objection._name)
        self.assertIn("would be tracked", line.kept_reason)
        self.assertFalse((wizard.line_ids - line).filtered("kept_reason"))
        wizard.line_ids.action_unlink_all()
        self.assertTrue(objection.exists())
        self.assertFalse(self.customer.exists())
        self.assertFalse(self.trackable.email_to)
        self.assertFalse(line.is_unlinked)
        self.assertTrue(all((wizard.line_ids - line).mapped("is_unlinked")))
        self.assertIn(
            f"Kept Tracking Opt-out #{objection.id}: This person opted out",
            wizard.execution_details,
        )
        # nor does the button of the line delete the objection
        line.action_unlink()
        self.assertTrue(objection.exists())
        # a new contact with the address is not tracked
        again = self.env["res.partner"].create({"name": "Carla", "email": address})
        lead = self.env["crm.lead"].create(
            {"name": "Again", "user_id": self.salesperson.id}
        )
        self.inbox.emails.clear()  # the notification to its salesperson
        message = self.post(partner_ids=again.ids, record=lead)
        self.assertRefused(message, "objected")

    def test_a_person_without_an_objection_is_tracked_again(self):
        self.lead.partner_id = False
        address = self.customer.email
        wizard = self.look_up(self.customer.name, address)
        wizard.line_ids.action_unlink_all()
        self.assertFalse(self.customer.exists())
        again = self.env["res.partner"].create({"name": "Carla", "email": address})
        lead = self.env["crm.lead"].create(
            {"name": "Again", "user_id": self.salesperson.id}
        )
        self.inbox.emails.clear()  # the notification to its salesperson
        self.post(partner_ids=again.ids, record=lead)
        self.assertTracked(self.inbox.emails[0])

    def test_objections_have_no_delete_button(self):
        arch = self.env["privacy.lookup.wizard.line"].get_view(
            self.env.ref("privacy_lookup.privacy_lookup_wizard_line_view_tree").id,
            "list",
        )["arch"]
        (button,) = etree.fromstring(arch).xpath("//button[@name='action_unlink']")
        self.assertEqual(button.get("invisible"), "(is_unlinked) or (kept_reason)")

    # ------------------------------------------------------------
    # In batches
    # ------------------------------------------------------------

    def send_on_days(self, number):
        """Send emails to one person, who opens each email on another day.

        :return: the actions on these emails
        """
        partner = self.env["res.partner"].create(
            {"name": "N", "email": f"n{number}@x.example.org"}
        )
        emails = self.env["trackable.email"]
        for _number in range(number):
            self.inbox.emails.clear()
            emails |= self.trackable_emails(self.post(BODY, partner_ids=partner.ids))
            (delivered,) = self.inbox.emails
            self.hit(delivered.image_urls[0])
            self.hit(delivered.links["a"])
            self.process()
            self.age(1)
        self.env.flush_all()
        return emails.action_ids.browse(emails.action_ids.ids)

    def test_number_of_queries_does_not_grow_with_actions(self):
        few, many = self.send_on_days(1), self.send_on_days(10)
        self.assertEqual((len(few), len(many)), (2, 20))
        emails = (few | many).trackable_email_id
        entries = self.messages_about(emails) - emails.notice_message_ids
        self.assertEqual(len(entries), 2 * len(emails), "on the customer and the lead")
        counts = [self.count_queries(actions._anonymize) for actions in (few, many)]
        self.assertEqual(counts[0], counts[1])
        self.assertFalse((few | many).exists())
        self.assertFalse(entries.exists())

    def test_number_of_queries_does_not_grow_with_lines(self):
        counts = []
        for number in (2, 1, 10):
            actions = self.send_on_days(number)
            address = actions.trackable_email_id[0].email_to
            wizard = self.look_up("Nobody in particular", address)
            lines = wizard.line_ids.filtered(
                lambda line: line.res_model.startswith("trackable.")
            )
            self.assertEqual(len(lines), 3 * number)
            counts.append(self.count_queries(lines.action_unlink_all))
            self.assertFalse(actions.exists())
            self.assertTrue(all(lines.mapped("is_unlinked")))
        self.assertEqual(counts[1], counts[2], "the first fills caches")
