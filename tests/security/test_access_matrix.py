"""Tables of the access rights to each model and method of the addon. A new model or
method must be added to a table.
"""

import inspect

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import TrackingCase

ADDON = "pipeline_tracking"
OPERATIONS = ("read", "write", "create", "unlink")
USERS = (
    "public",
    "portal",
    "colleague",
    "sender",
    "sender elsewhere",
    "manager",
    "manager elsewhere",
    "administrator",
)
INTERNAL_USERS = USERS[2:]
NO_ACCESS = {}
READ_BY_SENDER_AND_MANAGER = {"sender": {"read"}, "manager": {"read"}}

# Model -> user -> operations on the records of `get_records`. Other users may do
# nothing.
ALLOWED = {
    "trackable.action.total": NO_ACCESS,
    "trackable.objection": {
        # An objection applies to all companies: no manager may delete it.
        "manager": {"read", "create"},
        "manager elsewhere": {"read", "create"},
        "administrator": set(OPERATIONS),
    },
    "trackable.client": NO_ACCESS,
    "trackable.email": {"sender": {"read"}, "manager": {"read", "unlink"}},
    "trackable.email.action": READ_BY_SENDER_AND_MANAGER,
    "trackable.email.entry": NO_ACCESS,
    "trackable.email.report": READ_BY_SENDER_AND_MANAGER,
    "trackable.anonymize": {
        name: {"read", "write", "create"}
        for name in ("manager", "manager elsewhere", "administrator")
    },
    # Internal users open the dialog for their emails. Only they see what they entered.
    "trackable.follow.up": {
        **{name: {"create"} for name in INTERNAL_USERS},
        "sender": {"read", "write", "create"},
    },
    "trackable.hit": {"administrator": {"read"}},
    "trackable.key": NO_ACCESS,
    "trackable.link": READ_BY_SENDER_AND_MANAGER,
    "trackable.link.report": READ_BY_SENDER_AND_MANAGER,
    "trackable.self.test": {"administrator": set(OPERATIONS)},
    "trackable.self.test.line": {"administrator": set(OPERATIONS)},
}
# Models without a company. test_company_separation.py tests which emails a manager of
# another company anonymizes.
WITHOUT_COMPANY = {
    "trackable.objection",
    "trackable.anonymize",
    "trackable.follow.up",
    "trackable.self.test",
    "trackable.self.test.line",
}

# Methods that logged-in users can call by RPC, and their models. Extensions of Odoo's
# methods are not listed.
METHODS = {
    "get_feed": ["trackable.feed"],
    "get_tracking_entries": ["mail.message"],
    "get_tracking_timeline": ["mail.message"],
    "get_tracking_preview": ["crm.lead"],
    "action_check": ["trackable.self.test"],
    "action_disable": ["trackable.link"],
    "action_enable": ["trackable.link"],
    "action_check_tracking": ["res.config.settings"],
    "action_anonymize": ["trackable.anonymize"],
    "action_schedule": ["trackable.follow.up"],
    "action_object": ["trackable.email"],
    "action_open_first_steps": ["res.config.settings"],
    "action_open_record": ["trackable.email"],
    "action_reply_to_recipient": ["trackable.email"],
    "action_retry": ["trackable.hit"],
    "action_stop": ["trackable.email"],
    "action_withdraw_file": ["trackable.link"],
    "get_steps": ["trackable.setup"],
    "get_usual_opening_times": ["res.partner"],
    "mark_done": ["trackable.setup"],
    "send_test_email": ["trackable.setup"],
    "set_closed": ["trackable.setup"],
}
# Methods that return an action. The model of the action has its own access rules.
NAVIGATION_METHODS = {
    "action_open_email": ["trackable.email.report", "trackable.link.report"],
    "action_follow_up": ["trackable.email"],
    "action_open_queue": ["trackable.self.test.line"],
    "action_open_trackable_emails": ["crm.lead"],
    "action_view_trackable_emails": ["mailing.mailing"],
    "action_view_tracking_actions": ["mailing.mailing"],
    "action_view_tracking_links": ["mailing.mailing"],
}
ARGUMENTS = {
    "get_tracking_preview": ([], []),
    "mark_done": ("access",),
    "set_closed": (True,),
}


def is_of_addon(cls):
    return cls.__module__.startswith(f"odoo.addons.{ADDON}.")


@tagged("post_install", "-at_install")
class TestSecurityAccess(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        groups = {
            "portal": "base.group_portal",
            "sender elsewhere": "base.group_user,sales_team.group_sale_salesman",
            "manager": "base.group_user,pipeline_tracking.group_manager",
            "manager elsewhere": "base.group_user,pipeline_tracking.group_manager",
            "administrator": "base.group_system",
        }
        cls.users = {
            "public": cls.env.ref("base.public_user"),
            "colleague": cls.colleague,
            "sender": cls.salesperson,
            **{
                name: new_test_user(
                    cls.env,
                    name.replace(" ", "-"),
                    group_names,
                    **(
                        {
                            "company_id": cls.elsewhere.id,
                            "company_ids": [(6, 0, cls.elsewhere.ids)],
                        }
                        if "elsewhere" in name
                        else {}
                    ),
                )
                for name, group_names in groups.items()
            },
        }

    def setUp(self):
        super().setUp()
        delivered, self.trackable = self.send(
            '<a href="https://x.com/?token=secret">x</a>'
        )
        self.hit(delivered.links["x"])
        self.process()
        self.hit(delivered.image_urls[0])
        self.env["trackable.hit"].search([]).error = "set aside"
        self.objection = self.env["trackable.objection"].create(
            {"email_normalized": "nobody@x.com", "tracking_consent": "objected"}
        )
        self.follow_up = (
            self.env["trackable.follow.up"]
            .with_user(self.salesperson)
            .create({"trackable_email_ids": self.trackable.ids})
        )
        self.total = self.env["trackable.action.total"].create(
            {
                "trackable_email_id": self.trackable.id,
                "kind": "open",
                "actor": "recipient",
                "number": 1,
                "first_date": "2026-01-01",
                "last_date": "2026-01-01",
            }
        )
        self.env.flush_all()

    def get_addon_models(self):
        """Return the names of the addon's models, except abstract ones."""
        reflected = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.model")]
        )
        names = self.env["ir.model"].browse(reflected.mapped("res_id")).mapped("model")
        return {
            name
            for name in names
            if self.env[name]._original_module == ADDON and not self.env[name]._abstract
        }

    def get_records(self):
        """Return a record of each model, all for the same trackable email."""
        of_email = [("trackable_email_id", "=", self.trackable.id)]
        env = self.env
        administrators = env(user=self.users["administrator"])
        test = administrators["trackable.self.test"].create(
            {
                "state": "ok",
                "summary": "x",
                "line_ids": [(0, 0, {"key": "geoip", "state": "ok", "title": "x"})],
            }
        )
        return {
            "trackable.action.total": self.total,
            "trackable.objection": self.objection,
            "trackable.anonymize": administrators["trackable.anonymize"].create(
                {"partner_ids": self.customer.ids}
            ),
            "trackable.client": env["trackable.client"].search(
                [("action_id", "in", self.trackable.action_ids.ids)]
            )[0],
            "trackable.email": self.trackable,
            "trackable.email.action": self.trackable.action_ids[0],
            "trackable.email.entry": env["trackable.email.entry"].search(of_email)[0],
            "trackable.email.report": env["trackable.email.report"].browse(
                self.trackable.id
            ),
            "trackable.follow.up": self.follow_up,
            "trackable.hit": env["trackable.hit"].search(of_email),
            "trackable.key": env["trackable.key"].search([], limit=1),
            "trackable.link": self.trackable.link_ids,
            "trackable.link.report": env["trackable.link.report"].search(of_email)[0],
            "trackable.self.test": test,
            "trackable.self.test.line": test.line_ids,
        }

    def get_operations(self, user, record):
        """Return the operations that a user may do on a record."""
        model = record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return {
            operation
            for operation in OPERATIONS
            if (model.browse() if operation == "create" else model).has_access(
                operation
            )
        }

    # ------------------------------------------------------------
    # Models
    # ------------------------------------------------------------

    def test_every_model_is_in_the_table(self):
        self.assertEqual(self.get_addon_models(), set(ALLOWED))
        self.assertEqual(set(self.get_records()), set(ALLOWED))
        self.assertEqual(set(self.users), set(USERS))

    def test_operations_of_each_user_on_each_model(self):
        for model, record in self.get_records().items():
            self.assertTrue(record.exists(), model)
            for name in USERS:
                with self.subTest(model=model, user=name):
                    self.assertEqual(
                        self.get_operations(self.users[name], record),
                        ALLOWED[model].get(name, set()),
                    )

    def test_abstract_models_grant_no_access(self):
        granted = self.env["ir.model.access"].search(
            [("model_id.model", "=like", "trackable.%")]
        )
        self.assertLessEqual(set(granted.mapped("model_id.model")), set(ALLOWED))

    # ------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------

    def test_records_of_another_company_are_not_accessible(self):
        # The records about an email have the company of the email.
        self.trackable.company_id = self.elsewhere
        self.trackable.link_ids.company_id = self.elsewhere
        self.env.flush_all()
        self.env.invalidate_all()
        for model, record in self.get_records().items():
            for name in USERS:
                with self.subTest(model=model, user=name):
                    expected = set()
                    if model in WITHOUT_COMPANY:
                        expected = ALLOWED[model].get(name, set())
                    elif name == "manager elsewhere":
                        expected = ALLOWED[model].get("manager", set())
                    self.assertEqual(
                        self.get_operations(self.users[name], record), expected
                    )

    def test_only_records_of_chosen_companies_are_readable(self):
        manager = self.users["manager"]
        manager.company_ids |= self.elsewhere
        for companies, expected in (
            (self.env.company, True),
            (self.elsewhere, False),
            (self.env.company | self.elsewhere, True),
        ):
            for model, record in self.get_records().items():
                if "manager" in ALLOWED[model] and model not in WITHOUT_COMPANY:
                    visible_record = record.with_user(manager).with_context(
                        allowed_company_ids=companies.ids
                    )
                    with self.subTest(model=model, companies=companies):
                        self.assertEqual(visible_record.has_access("read"), expected)

    def test_each_model_with_a_company_has_a_global_rule(self):
        # A rule without a group cannot be widened by another rule.
        with_company = {
            model for model in ALLOWED if "company_id" in self.env[model]._fields
        }
        rules = self.env["ir.rule"].search(
            [("groups", "=", False), ("domain_force", "like", "company_ids")]
        )
        self.assertLessEqual(with_company, set(rules.mapped("model_id.model")))
        self.assertTrue(with_company)

    # ------------------------------------------------------------
    # Methods
    # ------------------------------------------------------------

    def test_each_callable_method_is_in_the_table(self):
        methods = set()
        for model in self.env.registry.values():
            classes = model.mro()
            others = {
                name for cls in classes if not is_of_addon(cls) for name in vars(cls)
            }
            methods |= {
                name
                for cls in filter(is_of_addon, classes)
                for name, value in vars(cls).items()
                if inspect.isfunction(value)
                and not name.startswith("_")
                and not getattr(value, "_api_private", False)
                and name not in others
            }
        self.assertEqual(methods, {*METHODS, *NAVIGATION_METHODS})

    def test_customers_may_call_no_method(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Offer",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        records = {
            **self.get_records(),
            "mail.message": self.trackable.mail_message_id,
            "crm.lead": self.lead,
            "trackable.feed": self.env["trackable.feed"],
            "mailing.mailing": mailing,
            "res.config.settings": self.env["res.config.settings"],
            "res.partner": self.customer,
            "trackable.setup": self.env["trackable.setup"],
        }
        customers = self.users["portal"], self.users["public"]
        for user in customers:
            for name, models in METHODS.items():
                for model in models:
                    method = getattr(records[model].with_user(user), name)
                    with (
                        self.subTest(method=name, user=user.login),
                        self.assertRaises(AccessError),
                    ):
                        method(*ARGUMENTS.get(name, ()))
            for name, models in NAVIGATION_METHODS.items():
                for model in models:
                    method = getattr(records[model].with_user(user), name)
                    with self.subTest(method=name, user=user.login):
                        self.assertNoAccess(method, user)
        # a permitted call
        timeline = records["mail.message"].with_user(self.salesperson)
        self.assertTrue(timeline.get_tracking_timeline()["lines"])

    def assertNoAccess(self, method, user):
        """Assert that a method, or the model of the returned action, refuses a user."""
        try:
            action = method()
        except AccessError:
            return
        with self.assertRaises(AccessError):
            self.env[action["res_model"]].with_user(user).search([])
