"""Deleting or anonymizing a person anonymizes their trackable emails, and no others."""

import json

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.pipeline_tracking.models.privacy.contact_anonymize_mixin import (
    MERGING_CONTACTS,
)

from ..helpers.anonymize_case import BODY, AnonymizeCase


@tagged("post_install", "-at_install")
class TestAnonymize(AnonymizeCase):
    def send_without_contact(self, address):
        """Send an email to an address without a contact."""
        partner = self.env["res.partner"].create({"name": "X", "email": address})
        delivered, email = self.send_and_act(partner)
        email.partner_id = False
        partner.with_context(trackable_merging=MERGING_CONTACTS).unlink()
        return delivered, email

    def test_deleting_a_contact_anonymizes_its_emails(self):
        other = self.send_and_act(self.other)
        messages = self.messages_about(self.trackable)
        self.assertEqual(
            len(messages), 3, "entries on customer and lead, a notification"
        )
        self.hit(self.delivered.image_urls[0])
        waiting = self.env["trackable.hit"].search([])
        self.lead.partner_id = False
        self.customer.unlink()
        self.assertFalse(waiting.exists())
        self.assertAnonymized(self.trackable, self.delivered, messages)
        self.assertNotAnonymized(other[1], other[0])

    def test_a_client_cannot_pretend_that_contacts_are_merged(self):
        messages = self.messages_about(self.trackable)
        self.lead.partner_id = False
        self.customer.with_context(trackable_merging=True).unlink()
        self.assertAnonymized(self.trackable, self.delivered, messages)

    def test_emails_sent_from_the_form_of_the_contact(self):
        delivered, email = self.send_and_act(self.customer, self.customer)
        self.assertEqual(email.res_model, "res.partner")
        messages = self.messages_about(email)
        self.customer._anonymize_tracked_emails()
        self.assertAnonymized(email, delivered, messages)
        self.assertFalse(email.res_model or email.res_id)
        self.assertTrue(self.customer.exists())
        self.assertEqual(self.customer._anonymize_tracked_emails(), 0, "already done")

    def test_emails_without_a_contact_to_an_exclusive_address(self):
        delivered, email = self.send_without_contact(self.customer.email)
        also_delivered, also = self.send_without_contact("oscar@other.example.org")
        messages = self.messages_about(email)
        self.assertEqual(self.customer._anonymize_tracked_emails(), 2)
        self.assertAnonymized(email, delivered, messages)
        self.assertNotAnonymized(also, also_delivered)

    def test_emails_without_a_contact_to_a_previous_address(self):
        delivered, email = self.send_without_contact(self.customer.email)
        messages = self.messages_about(email)
        self.customer.email = "carla@new.example.org"
        self.customer._anonymize_tracked_emails()
        self.assertAnonymized(email, delivered, messages)

    def test_emails_to_a_shared_address_stay(self):
        delivered, email = self.send_without_contact(self.customer.email)
        for model in ("res.partner", "mailing.contact"):
            other = self.env[model].create(
                {"name": "Also", "email": "Carla <CARLA@customer.example.org>"}
            )
            if "active" in other._fields:
                other.active = False
            self.customer._anonymize_tracked_emails()
            self.assertFalse(self.trackable.email_to)
            self.assertNotAnonymized(email, delivered)
            other.with_context(trackable_merging=MERGING_CONTACTS).unlink()

    def test_deleting_the_last_mailing_contact_of_an_address(self):
        delivered, email = self.send_without_contact("mia@x.example.org")
        first, second = self.env["mailing.contact"].create(
            [{"name": "Mia", "email": "mia@x.example.org"} for _number in range(2)]
        )
        messages = self.messages_about(email)
        first.unlink()
        self.assertNotAnonymized(email, delivered)
        email.action_ids.sorted()[:1].unlink()
        email.open_count = 1
        second.unlink()
        self.assertFalse(email.email_to)
        self.assertFalse(messages.exists())
        self.assertTrue(self.trackable.email_to)

    def test_merging_contacts_anonymizes_nothing(self):
        # an email without a contact, to the address of the merged contact
        delivered, email = self.send_without_contact(self.customer.email)
        remaining_contact = self.env["res.partner"].create(
            {"name": "Carla C.", "email": "carla@private.example.org"}
        )
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | remaining_contact).ids, remaining_contact
        )
        self.assertFalse(self.customer.exists())
        self.assertEqual(self.trackable.partner_id, remaining_contact)
        self.assertNotAnonymized(self.trackable, self.delivered)
        self.assertNotAnonymized(email, delivered)
        messages = self.messages_about(self.trackable)
        self.trackable.action_ids.sorted()[:2].unlink()
        remaining_contact.unlink()
        self.assertFalse(self.trackable.partner_id or self.trackable.email_to)
        self.assertFalse(messages.exists())

    def test_deleting_the_contact_of_a_user(self):
        user = new_test_user(
            self.env, "portia", "base.group_portal", email="portia@x.example.org"
        )
        partner = user.partner_id
        delivered, email = self.send_and_act(partner)
        messages = self.messages_about(email)
        user.unlink()
        self.assertTrue(email.email_to and email.partner_id)
        partner.unlink()
        self.assertAnonymized(email, delivered, messages)

    # ------------------------------------------------------------
    # By an explicit action only
    # ------------------------------------------------------------

    def test_changing_a_contact_anonymizes_nothing(self):
        """A colleague may reuse a contact for a successor, and an import may have empty
        cells.
        """
        for values in (
            {"email": False, "name": "Anonymous"},
            {"email": False},  # the email bounced
            {"name": "Carla Married"},
            {"email": "carla@new.example.org", "name": "Carla New"},
            {"email": False, "name": "Carla New"},  # the same name
        ):
            self.customer.email = values.get("email") or "carla@customer.example.org"
            if values.get("name") == "Carla New":
                self.customer.name = "Carla New"
            self.customer.write(values)
            self.assertNotAnonymized(self.trackable, self.delivered)
        contact = self.env["mailing.contact"].create(
            {"name": "Mia", "email": "mia@x.example.org"}
        )
        delivered, email = self.send_without_contact("mia@x.example.org")
        contact.write({"email": False, "name": "Anonymous"})
        self.assertNotAnonymized(email, delivered)

    def anonymize(self, user, partners):
        """Anonymize contacts by the action menu of contacts."""
        wizard = (
            self.env["trackable.anonymize"]
            .with_user(user)
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({})
        )
        return wizard.action_anonymize()

    def test_the_action_menu_of_contacts(self):
        action = self.env.ref("pipeline_tracking.trackable_anonymize_action_window")
        manager = self.new_manager()
        admin = new_test_user(self.env, "ada", "base.group_system")
        for user, has_action in (
            (manager, True),
            (admin, True),
            (self.salesperson, False),
        ):
            bindings = self.env["ir.actions.actions"].with_user(user)
            bindings = bindings.get_bindings("res.partner").get("action", ())
            action_ids = [binding["id"] for binding in bindings]
            self.assertEqual(action.id in action_ids, has_action)
        other = self.send_and_act(self.other)
        third = self.send_and_act(
            self.env["res.partner"].create(
                {"name": "Tina", "email": "tina@x.example.org"}
            )
        )
        with self.assertRaises(AccessError):
            self.anonymize(self.salesperson, self.customer)
        self.assertNotAnonymized(self.trackable, self.delivered)
        messages = self.messages_about(other[1])
        shown = self.anonymize(manager, self.customer | self.other)
        self.assertEqual(shown["params"]["message"], "Tracked emails anonymized: 2.")
        self.assertEqual(shown["params"]["type"], "success")
        self.assertAnonymized(other[1], other[0], messages)
        self.assertFalse(self.trackable.email_to)
        self.assertNotAnonymized(third[1], third[0])
        self.assertTrue(
            self.customer.email and self.other.email, "contacts do not change"
        )
        self.anonymize(admin, third[1].partner_id)
        self.assertFalse(third[1].email_to)

    # ------------------------------------------------------------
    # Statistics, notifications, queries
    # ------------------------------------------------------------

    def test_statistics_of_links_stay(self):
        Report = self.env["trackable.link.report"].with_user(self.new_manager())
        names = ["address", "recipient_count:count_distinct", "click_count:sum"]
        before = Report.formatted_read_group([], ["address"], names[1:])
        links = self.trackable.link_ids
        use = links.read(["recipient_count", "click_count", "raw_click_count"])
        self.customer._anonymize_tracked_emails()
        self.env.invalidate_all()
        self.assertEqual(
            Report.formatted_read_group([], ["address"], names[1:]), before
        )
        self.assertEqual(
            links.read(["recipient_count", "click_count", "raw_click_count"]), use
        )

    def test_anonymized_actions_expire(self):
        self.customer._anonymize_tracked_emails()
        self.age(400)
        self.clear()
        self.assertFalse(self.trackable.action_ids)
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_a_notification_about_two_emails_is_deleted(self):
        """The notification is one message, and names the customer."""
        self.inbox.emails.clear()
        also_delivered, also = self.send_and_act(self.other)
        self.wait(3600)
        self.hit(self.delivered.links["b"])
        self.hit(also_delivered.links["b"])
        self.process()
        both = self.trackable.notice_message_ids & also.notice_message_ids
        self.assertEqual(len(both), 1)
        other_notifications = also.notice_message_ids - both
        self.customer._anonymize_tracked_emails()
        self.assertFalse(both.exists())
        self.assertTrue(other_notifications.exists())

    def test_number_of_queries_does_not_grow(self):
        counts = []
        for number in (1, 4):
            partner = self.env["res.partner"].create(
                {"name": "N", "email": f"n{number}@x.example.org"}
            )
            for _number in range(number):
                self.send_and_act(partner)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(partner._anonymize_tracked_emails(), number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0], 40)

    def test_deleting_a_trackable_email_deletes_its_messages(self):
        other = self.send_and_act(self.other)
        messages = self.messages_about(self.trackable)
        self.hit(self.delivered.image_urls[0])
        self.trackable.with_user(self.new_manager()).unlink()
        self.assertFalse(messages.exists())
        self.assertFalse(self.env["trackable.hit"].search([]))
        self.assertNotAnonymized(other[1], other[0])

    # ------------------------------------------------------------
    # Messages to web clients
    # ------------------------------------------------------------

    def get_push_types(self, text):
        """Return the types of stored bus messages that contain a text."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        pushes = self.env["bus.bus"].search([("message", "ilike", text)])
        return {json.loads(push.message)["type"] for push in pushes}

    def send_live(self, partner):
        """Send an email to a contact, and push all of its actions to web clients."""
        self.inbox.emails.clear()
        message = self.post(BODY, partner_ids=partner.ids)
        delivered = self.inbox.emails[0]
        urls = [delivered.image_urls[0], delivered.links["a"], delivered.links["b"]]
        for way, url in zip(("toast", "inbox", "toast"), urls, strict=True):
            self.salesperson.tracking_notice = way
            self.wait(600)
            self.hit(url)
            self.process()
        return self.trackable_emails(message)

    def test_bus_messages_name_no_anonymized_contact(self):
        types = {
            "mail.message/inbox",
            "mail.record/insert",
            "pipeline_tracking/notice",
        }
        email = self.send_live(self.customer)
        self.send_live(self.other)
        self.assertLessEqual(types, self.get_push_types("Carla Customer"))
        self.assertLessEqual(types, self.get_push_types("Oscar Other"))
        self.customer._anonymize_tracked_emails()
        self.assertFalse(email.email_to)
        self.assertFalse(self.get_push_types("Carla") & types)
        self.assertLessEqual(types, self.get_push_types("Oscar Other"))
        # messages of other modules stay
        self.env["bus.bus"]._sendone("somebody", "other/type", {"text": "Carla"})
        self.other._anonymize_tracked_emails()
        self.assertEqual(self.get_push_types("Carla"), {"other/type"})
        self.assertFalse(self.get_push_types("Oscar Other") & types)

    def test_bus_messages_name_no_deleted_contact(self):
        self.send_live(self.customer)
        self.send_live(self.other)
        types = self.get_push_types("Carla Customer")
        self.assertIn("mail.record/insert", types)
        self.lead.partner_id = False
        self.customer.unlink()
        self.assertFalse(self.get_push_types("Carla Customer"))
        self.assertLessEqual(types, self.get_push_types("Oscar Other"))

    def test_bus_messages_name_no_recipient_of_a_deleted_email(self):
        email = self.send_live(self.customer)
        self.assertTrue(self.get_push_types("Carla Customer"))
        (email | self.trackable).with_user(self.new_manager()).unlink()
        self.assertFalse(self.get_push_types("Carla"))
