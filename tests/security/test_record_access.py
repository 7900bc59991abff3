"""Senders see their emails, managers the emails of their companies. No user changes
them.
"""

import itertools

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open

from ..common import TrackingCase

MODELS = (
    "trackable.email",
    "trackable.link",
    "trackable.link.report",
    "trackable.email.action",
    "trackable.email.entry",
    "trackable.hit",
    "trackable.key",
)


@tagged("post_install", "-at_install")
class TestAccess(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "manon", "base.group_user,pipeline_tracking.group_manager"
        )
        cls.administrator = new_test_user(cls.env, "adam", "base.group_system")
        cls.portal = new_test_user(cls.env, "petra", "base.group_portal")
        cls.public = cls.env.ref("base.public_user")

    def setUp(self):
        super().setUp()
        delivered, self.trackable = self.send(
            '<a href="https://x.com/?token=secret">x</a>'
        )
        self.hit(delivered.image_urls[0])
        self.process()
        self.hit(delivered.links["x"])

    def search_as(self, model, user):
        return self.env[model].with_user(user).search([])

    def test_senders_see_only_their_emails(self):
        self.assertIn(
            self.trackable, self.search_as("trackable.email", self.salesperson)
        )
        actions = self.search_as("trackable.email.action", self.salesperson)
        self.assertEqual(actions & self.trackable.action_ids, self.trackable.action_ids)
        self.assertNotIn(
            self.trackable, self.search_as("trackable.email", self.colleague)
        )
        self.assertFalse(self.search_as("trackable.email.action", self.colleague))
        links = self.trackable.link_ids
        self.assertEqual(
            links & self.search_as("trackable.link", self.salesperson), links
        )
        self.assertFalse(self.search_as("trackable.link", self.colleague))
        self.assertEqual(links & self.search_as("trackable.link", self.manager), links)

    def test_managers_see_emails_of_their_companies(self):
        self.assertIn(self.trackable, self.search_as("trackable.email", self.manager))
        self.assertTrue(self.search_as("trackable.email.action", self.manager))
        self.trackable.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertNotIn(
            self.trackable, self.search_as("trackable.email", self.manager)
        )
        self.assertFalse(self.search_as("trackable.email.action", self.manager))
        self.assertNotIn(
            self.trackable, self.search_as("trackable.email", self.salesperson)
        )

    def test_customers_see_nothing(self):
        for user in (self.portal, self.public):
            for model in MODELS:
                with (
                    self.subTest(user=user.login, model=model),
                    self.assertRaises(AccessError),
                ):
                    self.search_as(model, user)

    def test_no_user_reads_keys_hits_and_entries(self):
        for user, model in itertools.product(
            (self.salesperson, self.manager, self.administrator),
            ("trackable.key", "trackable.hit", "trackable.email.entry"),
        ):
            if (user, model) != (self.administrator, "trackable.hit"):
                with (
                    self.subTest(user=user.login, model=model),
                    self.assertRaises(AccessError),
                ):
                    self.search_as(model, user)

    def test_an_administrator_sees_the_queue(self):
        Hit = self.env["trackable.hit"]
        waiting = Hit.search([])
        self.assertEqual(self.search_as("trackable.hit", self.administrator), waiting)
        waiting.error = "ValueError: broken"
        self.assertEqual(self.search_as("trackable.hit", self.administrator), waiting)
        company = self.trackable.company_id
        self.trackable.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.search_as("trackable.hit", self.administrator))
        with self.assertRaises(AccessError):
            waiting.with_user(self.administrator).action_retry()
        self.assertTrue(waiting.error)
        self.trackable.company_id = company
        with self.assertRaises(AccessError):
            waiting.with_user(self.manager).action_retry()
        waiting.with_user(self.administrator).action_retry()
        self.assertFalse(waiting.error)

    def test_no_user_creates_or_changes_records(self):
        for user in (self.salesperson, self.manager, self.administrator):
            for model in MODELS:
                for operation in ("create", "write"):
                    with self.subTest(
                        user=user.login, model=model, operation=operation
                    ):
                        self.assertFalse(
                            self.env[model].with_user(user).has_access(operation)
                        )

    def test_only_managers_delete_and_only_emails(self):
        deleting = {
            (user.login, model)
            for user in (self.salesperson, self.manager, self.administrator)
            for model in MODELS
            if self.env[model].with_user(user).has_access("unlink")
        }
        self.assertEqual(deleting, {("manon", "trackable.email")})
        self.trackable.with_user(self.manager).unlink()
        self.assertFalse(self.trackable.exists())

    def test_no_user_reads_whole_destinations(self):
        for user in (self.salesperson, self.manager, self.administrator):
            link = self.trackable.link_ids.with_user(user)
            for name in ("url", "nonce"):
                with (
                    self.subTest(user=user.login, field=name),
                    self.assertRaises(AccessError),
                ):
                    link.read([name])
            with self.assertRaises(AccessError):
                link.search([("url", "like", "secret")])
        for user in (self.salesperson, self.manager):
            (values,) = self.trackable.link_ids.with_user(user).read(["address"])
            self.assertEqual(values["address"], "x.com")

    def test_an_opened_record_keeps_its_access_rules(self):
        # Senders may open the record of their email if its access rules allow it.
        action = self.trackable.with_user(self.salesperson).action_open_record()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("crm.lead", self.lead.id)
        )
        with self.assertRaises(AccessError):
            self.env[action["res_model"]].with_user(self.colleague).browse(
                action["res_id"]
            ).read()

    def test_a_missing_record_cannot_be_opened(self):
        trackable = self.trackable.with_user(self.salesperson)
        self.assertEqual(trackable.action_open_record()["views"], [(False, "form")])
        self.trackable.res_id = 2**31 - 1
        with self.assertRaisesRegex(UserError, "was deleted"):
            trackable.action_open_record()
        self.trackable.write({"res_model": "model.of.an.app", "res_id": 1})
        with self.assertRaisesRegex(UserError, "no longer installed"):
            trackable.action_open_record()
        self.trackable.write({"res_model": False, "res_id": False})
        with self.assertRaisesRegex(UserError, "not sent from a record"):
            trackable.action_open_record()

    def test_all_views_open(self):
        # before and after the contact and the message of the email are deleted
        self.read_views()
        self.lead.partner_id = False
        self.customer.unlink()
        self.trackable.mail_message_id.unlink()
        self.assertFalse(self.trackable.partner_id)
        self.read_views()

    def read_views(self):
        """Read all fields of all views, as the web client does."""
        for user in (self.salesperson, self.manager, self.administrator):
            for model in ("trackable.email", "trackable.email.action"):
                Model = self.env[model].with_user(user)
                for view in Model.get_views([(False, "list"), (False, "form")])[
                    "views"
                ].values():
                    names = {
                        node.get("name")
                        for node in etree.fromstring(view["arch"]).iter("field")
                    }
                    Model.search([]).web_read(
                        {
                            name: {"fields": {"display_name": {}}}
                            if Model._fields[name].type == "many2one"
                            else {}
                            for name in names & set(Model._fields)
                        }
                    )
                Model.formatted_read_group(
                    [], ["user_id"] if model == MODELS[0] else ["kind"], ["__count"]
                )

    def test_merged_contacts(self):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer + self.other).ids, self.other
        )
        self.assertEqual(self.trackable.partner_id, self.other)
        self.assertEqual(len(self.entries(self.other)), 1)
        self.process()
        self.assertEqual(len(self.entries(self.other)), 1, "one entry for the day")

    def test_deleting_an_email_deletes_its_entries(self):
        self.assertTrue(self.entries(self.customer) and self.entries(self.lead))
        self.trackable.unlink()
        self.assertFalse(self.entries(self.customer) or self.entries(self.lead))

    def test_a_portal_user_neither_reads_nor_sets_tracking(self):
        message = self.trackable.mail_message_id
        self.assertTrue(message.with_user(self.salesperson).is_tracked)
        message_of_portal = self.env["mail.message"].create(
            {"author_id": self.portal.partner_id.id, "body": "x"}
        )
        for name in ("is_tracked", "attach_files", "untracked_reason"):
            with self.assertRaises(AccessError):
                message_of_portal.with_user(self.portal).read([name])
            with self.assertRaises(AccessError):
                message_of_portal.with_user(self.portal).write({name: False})

    def test_a_neutralized_copy_has_other_keys(self):
        before = self.env["trackable.key"]._get_keys()
        with file_open("pipeline_tracking/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        after = self.env["trackable.key"]._get_keys()
        self.assertEqual(before.keys(), after.keys())
        for key_id, secret in after.items():
            self.assertNotEqual(secret, before[key_id])
            self.assertEqual(len(secret), 64)
