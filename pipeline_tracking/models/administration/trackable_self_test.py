import time
from contextlib import suppress

from odoo import api, fields, http, models
from odoo.http import request
from odoo.tools import config, str2bool

from ...lane.connections import Unavailable
from ...lane.databases import databases, is_server_wide
from ...tools import address, request_info, tracking_token
from ...tools.self_test import Address, Facts, Job, evaluate
from . import self_test_probe
from .trackable_self_test_words import WORDS

QUEUE_FILTERS = {"backlog": "waiting", "set_aside": "set_aside"}


class TrackableSelfTest(models.TransientModel):
    """What an administrator can act on, so that tracked emails work."""

    _name = "trackable.self.test"
    _description = "Check Tracking"

    line_ids = fields.One2many("trackable.self.test.line", "test_id", readonly=True)

    def action_check(self):
        """Check, and show what came of it.

        :raise AccessError: to whom it is not open, before anything is asked
        """
        self.check_access("create")
        findings = evaluate(self._collect_facts())
        test = self.create(
            {
                "line_ids": [
                    fields.Command.create(self._prepare_line(finding))
                    for finding in findings
                ]
            }
        )
        return test._get_records_action(name=self.env._("Check Tracking"), target="new")

    @api.model
    def _prepare_line(self, finding):
        """
        :param Finding finding:
        :return: values of a line
        :rtype: dict
        """
        values = dict(finding.values)
        if "age" in values:
            values["age"] = self.env["trackable.hit"]._say_age(values["age"])
        texts = map(self.env._, WORDS[finding.key])
        words = [text % values for text in texts]
        return {
            "key": finding.key,
            "state": finding.state,
            **dict(zip(("title", "reason", "remedy"), words, strict=False)),
        }

    @api.model
    def _collect_facts(self):
        """:rtype: Facts"""
        company = self.env.company
        Hit = self.env["trackable.hit"]
        waiting, oldest = Hit._get_backlog()
        return Facts(
            addresses=tuple(map(self._ask_address, self._get_urls())),
            database=self.env.cr.dbname,
            is_private_allowed=self.env["mail.message"]._is_private_url_allowed(),
            # Odoo takes any text for yes.
            is_frozen=bool(self._get_parameter("web.base.url.freeze")),
            is_neutralized=str2bool(
                self._get_parameter("database.is_neutralized"), False
            ),
            is_allowed=company.is_tracking_allowed,
            own_request=request_info.describe_proxy(request.httprequest.environ)
            if request
            else {},
            has_proxy_mode=bool(config["proxy_mode"]),
            has_lane=is_server_wide(),
            workers=config["workers"],
            job=self._get_job(),
            waiting=waiting,
            oldest=oldest,
            # Those that the button leads to.
            set_aside=Hit.search_count([("error", "!=", False)]),
            has_geoip=self._has_geoip(),
        )

    def _get_urls(self):
        """The company's tracking domain, if it has one, and Odoo's own address.

        :rtype: list[str]
        """
        company = self.env.company
        base_url = company.get_base_url().rstrip("/")
        return list(dict.fromkeys([company._get_tracking_url(base_url), base_url]))

    def _ask_address(self, url):
        """:rtype: Address"""
        host = address.get_host(url)
        try:
            names = databases.of_host(host)
        except Unavailable:
            names = []
        return Address(url, self_test_probe.ask(url, self._sign(host)), tuple(names))

    def _sign(self, host):
        """What to ask with at a host, for the next minute.

        :rtype: str
        """
        own = self.env.cr.dbname
        named = databases.name_for(host, own) if is_server_wide() else ""
        keys = self.env["trackable.key"]._get_keys()
        key_id = max(keys)
        return tracking_token.sign(
            tracking_token.create_check_token(time.time(), named), key_id, keys[key_id]
        )

    def _get_parameter(self, key):
        # sudo: ir.config_parameter - readable by administrators only
        return self.env["ir.config_parameter"].sudo().get_param(key)

    def _get_job(self):
        """:rtype: Job"""
        # sudo: ir.cron - whoever may check may know whether it runs
        cron = self.env["trackable.hit"].sudo()._get_cron()
        overdue = fields.Datetime.now() - cron.nextcall if cron else None
        return Job(
            is_there=bool(cron),
            is_active=bool(cron) and cron.active,
            threads=config["max_cron_threads"],
            overdue=overdue.total_seconds() if overdue else 0,
        )

    def _has_geoip(self):
        """Whether a database of places is there, and is one."""
        for name in ("geoip_city_db", "geoip_country_db"):
            # Missing, broken, or the library to read it is.
            with suppress(OSError, RuntimeError, AttributeError):
                return bool(getattr(http.root, name))
        return False


class TrackableSelfTestLine(models.TransientModel):
    """One finding of the self-test."""

    _name = "trackable.self.test.line"
    _description = "Check Tracking Finding"

    test_id = fields.Many2one("trackable.self.test", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    state = fields.Selection(
        [
            ("error", "Error"),
            ("warning", "Warning"),
            ("notice", "Notice"),
            ("ok", "All right"),
        ],
        required=True,
    )
    title = fields.Char(required=True)
    reason = fields.Char(help="Why it matters.")
    remedy = fields.Char(help="What to do.")

    def action_open_queue(self):
        """The hits that a finding is about."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pipeline_tracking.trackable_hit_action_window"
        )
        name = QUEUE_FILTERS.get(self.key)
        if name:
            action["context"] = {f"search_default_{name}": 1}
        return action
