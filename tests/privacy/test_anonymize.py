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
        """An email to an address of nobody's, as one to a deleted contact is."""
        partner = self.env["res.partner"].create({"name": "X", "email": address})
        delivered, email = self.send_and_act(partner)
        email.partner_id = False
        partner.with_context(trackable_merging=MERGING_CONTACTS).unlink()
        return delivered, email

    def test_a_contact_is_deleted(self):
        other = self.send_and_act(self.other)
        messages = self.messages_about(self.trackable)
        self.assertEqual(
            len(messages), 3, "entries at the customer and the lead, a notice"
        )
        self.hit(self.delivered.image_urls[0])
        waiting = self.env["trackable.hit"].search([])
        self.lead.partner_id = False
        self.customer.unlink()
        self.assertFalse(waiting.exists())
        self.assertAnonymized(self.trackable, self.delivered, messages)
        self.assertNotAnonymized(other[1], other[0])

    def test_a_client_cannot_say_that_contacts_are_merged(self):
        messages = self.messages_about(self.trackable)
        self.lead.partner_id = False
        self.customer.with_context(trackable_merging=True).unlink()
        self.assertAnonymized(self.trackable, self.delivered, messages)

    def test_what_was_sent_from_his_own_form(self):
        delivered, email = self.send_and_act(self.customer, self.customer)
        self.assertEqual(email.res_model, "res.partner")
        messages = self.messages_about(email)
        self.customer._anonymize_tracked_emails()
        self.assertAnonymized(email, delivered, messages)
        self.assertFalse(email.res_model or email.res_id)
        self.assertTrue(self.customer.exists())
        self.assertEqual(self.customer._anonymize_tracked_emails(), 0, "once is enough")

    def test_his_address_where_nobody_else_has_it(self):
        delivered, email = self.send_without_contact(self.customer.email)
        also_delivered, also = self.send_without_contact("oscar@other.example.org")
        messages = self.messages_about(email)
        self.assertEqual(self.customer._anonymize_tracked_emails(), 2)
        self.assertAnonymized(email, delivered, messages)
        self.assertNotAnonymized(also, also_delivered)

    def test_an_address_he_had(self):
        delivered, email = self.send_without_contact(self.customer.email)
        messages = self.messages_about(email)
        self.customer.email = "carla@new.example.org"
        self.customer._anonymize_tracked_emails()
        self.assertAnonymized(email, delivered, messages)

    def test_an_address_that_somebody_else_has(self):
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

    def test_a_mailing_contact_is_deleted(self):
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

    def test_merged_contacts_keep_it(self):
        # of nobody, to the address that goes
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

    def test_a_users_contact(self):
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

    def test_changing_a_contact_anonymizes_nobody(self):
        """A colleague who uses a contact for somebody's successor, or an import with
        empty cells, does not ask for it.
        """
        for values in (
            {"email": False, "name": "Anonymous"},
            {"email": False},  # it bounced
            {"name": "Carla Married"},
            {"email": "carla@new.example.org", "name": "Carla New"},
            {"email": False, "name": "Carla New"},  # the name stays
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

    def erase(self, user, partners):
        """As from the gear menu of contacts."""
        wizard = (
            self.env["trackable.anonymize"]
            .with_user(user)
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({})
        )
        return wizard.action_anonymize()

    def test_from_the_menu(self):
        action = self.env.ref("pipeline_tracking.trackable_anonymize_action_window")
        manager = self.new_manager()
        admin = new_test_user(self.env, "ada", "base.group_system")
        for user, sees in (
            (manager, True),
            (admin, True),
            (self.salesperson, False),
        ):
            bindings = self.env["ir.actions.actions"].with_user(user)
            bindings = bindings.get_bindings("res.partner").get("action", ())
            self.assertEqual(action.id in [binding["id"] for binding in bindings], sees)
        other = self.send_and_act(self.other)
        third = self.send_and_act(
            self.env["res.partner"].create(
                {"name": "Tina", "email": "tina@x.example.org"}
            )
        )
        with self.assertRaises(AccessError):
            self.erase(self.salesperson, self.customer)
        self.assertNotAnonymized(self.trackable, self.delivered)
        messages = self.messages_about(other[1])
        shown = self.erase(manager, self.customer | self.other)
        self.assertEqual(shown["params"]["message"], "Tracked emails anonymized: 2.")
        self.assertEqual(shown["params"]["type"], "success")
        self.assertAnonymized(other[1], other[0], messages)
        self.assertFalse(self.trackable.email_to)
        self.assertNotAnonymized(third[1], third[0])
        self.assertTrue(self.customer.email and self.other.email, "they stay")
        self.erase(admin, third[1].partner_id)
        self.assertFalse(third[1].email_to)

    # ------------------------------------------------------------
    # What stays
    # ------------------------------------------------------------

    def test_figures_of_links_stay(self):
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

    def test_a_notice_about_several_goes(self):
        """It is one message, and names him."""
        self.inbox.emails.clear()
        also_delivered, also = self.send_and_act(self.other)
        self.wait(3600)
        self.hit(self.delivered.links["b"])
        self.hit(also_delivered.links["b"])
        self.process()
        both = self.trackable.notice_message_ids & also.notice_message_ids
        self.assertEqual(len(both), 1)
        mine = also.notice_message_ids - both
        self.customer._anonymize_tracked_emails()
        self.assertFalse(both.exists())
        self.assertTrue(mine.exists())

    def test_no_query_more_for_more(self):
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

    def test_a_deleted_trackable_email_takes_what_was_told(self):
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

    def pushes(self, text):
        """Return the types of stored bus messages that hold a text."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        pushes = self.env["bus.bus"].search([("message", "ilike", text)])
        return {json.loads(push.message)["type"] for push in pushes}

    def send_live(self, partner):
        """An email to somebody, of which everything is sent to web clients."""
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

    def test_the_bus_does_not_name_them_any_more(self):
        types = {
            "mail.message/inbox",
            "mail.record/insert",
            "pipeline_tracking/notice",
        }
        email = self.send_live(self.customer)
        self.send_live(self.other)
        self.assertLessEqual(types, self.pushes("Carla Customer"))
        self.assertLessEqual(types, self.pushes("Oscar Other"))
        self.customer._anonymize_tracked_emails()
        self.assertFalse(email.email_to)
        self.assertFalse(self.pushes("Carla") & types)
        self.assertLessEqual(types, self.pushes("Oscar Other"))
        # what others wrote, or what is no business of tracking, stays
        self.env["bus.bus"]._sendone("somebody", "other/type", {"text": "Carla"})
        self.other._anonymize_tracked_emails()
        self.assertEqual(self.pushes("Carla"), {"other/type"})
        self.assertFalse(self.pushes("Oscar Other") & types)

    def test_the_bus_does_not_name_a_deleted_contact(self):
        self.send_live(self.customer)
        self.send_live(self.other)
        types = self.pushes("Carla Customer")
        self.assertIn("mail.record/insert", types)
        self.lead.partner_id = False
        self.customer.unlink()
        self.assertFalse(self.pushes("Carla Customer"))
        self.assertLessEqual(types, self.pushes("Oscar Other"))

    def test_the_bus_does_not_name_them_once_an_email_is_deleted(self):
        email = self.send_live(self.customer)
        self.assertTrue(self.pushes("Carla Customer"))
        (email | self.trackable).with_user(self.new_manager()).unlink()
        self.assertFalse(self.pushes("Carla"))
