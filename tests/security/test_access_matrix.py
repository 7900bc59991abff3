"""One table says who may do what with each of our models and methods; a new one must be
added to it.
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
NOTHING = {}
READ_BY_WHOM_IT_CONCERNS = {"sender": {"read"}, "manager": {"read"}}

# With a record of theirs, which `records` gives; who is not named may do nothing.
ALLOWED = {
    "trackable.action.total": NOTHING,
    "trackable.objection": {
        # It binds every company: to end one is not one company's manager's.
        "manager": {"read", "create"},
        "manager elsewhere": {"read", "create"},
        "administrator": set(OPERATIONS),
    },
    "trackable.email": {"sender": {"read"}, "manager": {"read", "unlink"}},
    "trackable.email.action": READ_BY_WHOM_IT_CONCERNS,
    "trackable.email.entry": NOTHING,
    "trackable.email.report": READ_BY_WHOM_IT_CONCERNS,
    "trackable.anonymize": {
        name: {"read", "write", "create"}
        for name in ("manager", "manager elsewhere", "administrator")
    },
    "trackable.hit": {"administrator": {"read"}},
    "trackable.key": NOTHING,
    "trackable.link": READ_BY_WHOM_IT_CONCERNS,
    "trackable.link.report": READ_BY_WHOM_IT_CONCERNS,
    "trackable.self.test": {"administrator": set(OPERATIONS)},
    "trackable.self.test.line": {"administrator": set(OPERATIONS)},
}
# An address is the same person's to all of them. What the wizard of a manager elsewhere
# anonymizes is in test_company_separation.py: their own company's emails.
OF_NO_COMPANY = {
    "trackable.objection",
    "trackable.anonymize",
    "trackable.self.test",
    "trackable.self.test.line",
}

# What anybody who is logged in can call, customers in the portal included, and on what.
# What extends a method of Odoo's is not here.
METHODS = {
    "get_tracking_entries": ["mail.message"],
    "get_tracking_timeline": ["mail.message"],
    "get_untracked_reason": ["crm.lead"],
    "action_check": ["trackable.self.test"],
    "action_disable": ["trackable.link"],
    "action_enable": ["trackable.link"],
    "action_check_tracking": ["res.config.settings"],
    "action_anonymize": ["trackable.anonymize"],
    "action_follow_up": ["trackable.email"],
    "action_object": ["trackable.email"],
    "action_open_record": ["trackable.email"],
    "action_retry": ["trackable.hit"],
    "action_stop": ["trackable.email"],
    "action_withdraw_file": ["trackable.link"],
}
# They tell where to look, and what is there has rules of its own.
WAYS = {
    "action_open_email": ["trackable.email.report", "trackable.link.report"],
    "action_open_queue": ["trackable.self.test.line"],
    "action_open_trackable_emails": ["crm.lead"],
    "action_view_trackable_emails": ["mailing.mailing"],
    "action_view_tracking_actions": ["mailing.mailing"],
    "action_view_tracking_links": ["mailing.mailing"],
}
ARGUMENTS = {"get_untracked_reason": ([], [])}


def is_ours(cls):
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
        self.consent = self.env["trackable.objection"].create(
            {"email_normalized": "nobody@x.com", "tracking_consent": "objected"}
        )
        self.cleared = self.env["trackable.action.total"].create(
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

    def our_models(self):
        """Those that the addon makes, whatever they are, that hold records."""
        reflected = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.model")]
        )
        names = self.env["ir.model"].browse(reflected.mapped("res_id")).mapped("model")
        return {
            name
            for name in names
            if self.env[name]._original_module == ADDON and not self.env[name]._abstract
        }

    def records(self):
        """A record of each model, all of the same trackable email."""
        of_email = [("trackable_email_id", "=", self.trackable.id)]
        env = self.env
        administrators = env(user=self.users["administrator"])
        test = administrators["trackable.self.test"].create(
            {"line_ids": [(0, 0, {"key": "geoip", "state": "ok", "title": "x"})]}
        )
        return {
            "trackable.action.total": self.cleared,
            "trackable.objection": self.consent,
            "trackable.anonymize": administrators["trackable.anonymize"].create(
                {"partner_ids": self.customer.ids}
            ),
            "trackable.email": self.trackable,
            "trackable.email.action": self.trackable.action_ids[0],
            "trackable.email.entry": env["trackable.email.entry"].search(of_email)[0],
            "trackable.email.report": env["trackable.email.report"].browse(
                self.trackable.id
            ),
            "trackable.hit": env["trackable.hit"].search(of_email),
            "trackable.key": env["trackable.key"].search([], limit=1),
            "trackable.link": self.trackable.link_ids,
            "trackable.link.report": env["trackable.link.report"].search(of_email)[0],
            "trackable.self.test": test,
            "trackable.self.test.line": test.line_ids,
        }

    def may(self, user, record):
        """What a user may do with a record, and whether he may make such a one."""
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
        self.assertEqual(self.our_models(), set(ALLOWED))
        self.assertEqual(set(self.records()), set(ALLOWED))
        self.assertEqual(set(self.users), set(USERS))

    def test_every_model_every_group_every_operation(self):
        for model, record in self.records().items():
            self.assertTrue(record.exists(), model)
            for name in USERS:
                with self.subTest(model=model, user=name):
                    self.assertEqual(
                        self.may(self.users[name], record),
                        ALLOWED[model].get(name, set()),
                    )

    def test_abstract_ones_let_nobody_in(self):
        """Should one of them come to hold records, it says who may."""
        granted = self.env["ir.model.access"].search(
            [("model_id.model", "=like", "trackable.%")]
        )
        self.assertLessEqual(set(granted.mapped("model_id.model")), set(ALLOWED))

    # ------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------

    def test_another_companys_is_nobodys_here(self):
        """The email's company is that of all that is about it."""
        self.trackable.company_id = self.elsewhere
        self.trackable.link_ids.company_id = self.elsewhere
        self.env.flush_all()
        self.env.invalidate_all()
        for model, record in self.records().items():
            for name in USERS:
                with self.subTest(model=model, user=name):
                    expected = set()
                    if model in OF_NO_COMPANY:
                        expected = ALLOWED[model].get(name, set())
                    elif name == "manager elsewhere":
                        expected = ALLOWED[model].get("manager", set())
                    self.assertEqual(self.may(self.users[name], record), expected)

    def test_of_two_companies_the_one_that_is_chosen(self):
        manager = self.users["manager"]
        manager.company_ids |= self.elsewhere
        for companies, expected in (
            (self.env.company, True),
            (self.elsewhere, False),
            (self.env.company | self.elsewhere, True),
        ):
            for model, record in self.records().items():
                if "manager" in ALLOWED[model] and model not in OF_NO_COMPANY:
                    visible_record = record.with_user(manager).with_context(
                        allowed_company_ids=companies.ids
                    )
                    with self.subTest(model=model, companies=companies):
                        self.assertEqual(visible_record.has_access("read"), expected)

    def test_every_model_of_a_company_has_a_rule_for_all(self):
        """Of no group: a right more cannot take it away."""
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

    def test_every_method_that_can_be_called_is_in_the_table(self):
        methods = set()
        for model in self.env.registry.values():
            classes = model.mro()
            others = {name for cls in classes if not is_ours(cls) for name in vars(cls)}
            methods |= {
                name
                for cls in filter(is_ours, classes)
                for name, value in vars(cls).items()
                if inspect.isfunction(value)
                and not name.startswith("_")
                and not getattr(value, "_api_private", False)
                and name not in others
            }
        self.assertEqual(methods, {*METHODS, *WAYS})

    def test_customers_may_call_none_of_them(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Offer",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        records = {
            **self.records(),
            "mail.message": self.trackable.mail_message_id,
            "crm.lead": self.lead,
            "mailing.mailing": mailing,
            "res.config.settings": self.env["res.config.settings"],
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
            for name, models in WAYS.items():
                for model in models:
                    method = getattr(records[model].with_user(user), name)
                    with self.subTest(method=name, user=user.login):
                        self.assertLeadsNowhere(method, user)
        # who may, can
        timeline = records["mail.message"].with_user(self.salesperson)
        self.assertTrue(timeline.get_tracking_timeline()["lines"])

    def assertLeadsNowhere(self, method, user):
        try:
            action = method()
        except AccessError:
            return
        with self.assertRaises(AccessError):
            self.env[action["res_model"]].with_user(user).search([])
