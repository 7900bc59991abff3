import time
from contextlib import suppress

from odoo import api, fields, http, models
from odoo.http import request
from odoo.tools import config, str2bool

from ...lane.connections import Unavailable
from ...lane.databases import databases, is_server_wide
from ...tools import address, request_info, tracking_token
from ...tools.self_test import Address, Facts, Job, evaluate, summarize
from . import self_test_probe
from .self_test_texts import FINDING_TEXTS, SUMMARY_TEXTS

QUEUE_FILTERS = {"backlog": "waiting", "set_aside": "set_aside"}
STATES = [
    ("error", "Error"),
    ("warning", "Warning"),
    ("notice", "Information"),
    ("ok", "OK"),
]


class TrackableSelfTest(models.TransientModel):
    """Check whether email tracking works, and show administrators what to fix."""

    _name = "trackable.self.test"
    _description = "Check Tracking"

    state = fields.Selection(STATES, required=True, readonly=True)
    summary = fields.Char(required=True, readonly=True)
    line_ids = fields.One2many("trackable.self.test.line", "test_id", readonly=True)

    def action_check(self):
        """Run the self-test, store its summary for the first steps, and open its
        findings.

        :rtype: dict
        :raise AccessError: the user is not an administrator; no request is sent then
        """
        self.check_access("create")
        findings = evaluate(self._collect_facts())
        summary = summarize(findings)
        self.env["trackable.setup"]._store_check(summary)
        test = self.create(
            {
                "state": summary.state,
                "summary": self._format_summary(summary.key, summary.values),
                "line_ids": [
                    fields.Command.create(self._prepare_line(finding))
                    for finding in findings
                ],
            }
        )
        return test._get_records_action(name=self.env._("Check Tracking"), target="new")

    @api.model
    def _format_summary(self, key, values):
        """Return the line that sums up the findings, in the language of the user.

        :param str key: of `SUMMARY_TEXTS`
        :param dict values: the values that the text contains
        :rtype: str
        """
        template = self.env._(SUMMARY_TEXTS[key])
        return template % values

    @api.model
    def _prepare_line(self, finding):
        """Build the values of a line from a finding.

        :param Finding finding:
        :rtype: dict
        """
        values = dict(finding.values)
        if "age" in values:
            values["age"] = self.env["trackable.hit"]._format_age(values["age"])
        templates = map(self.env._, FINDING_TEXTS[finding.key])
        texts = [template % values for template in templates]
        return {
            "key": finding.key,
            "state": finding.state,
            **dict(zip(("title", "reason", "remedy"), texts, strict=False)),
        }

    @api.model
    def _collect_facts(self):
        """Collect the facts of this server. This sends requests to it.

        :rtype: Facts
        """
        company = self.env.company
        Hit = self.env["trackable.hit"]
        waiting_count, oldest_seconds = Hit._get_backlog()
        return Facts(
            addresses=tuple(map(self._probe_address, self._get_tracked_base_urls())),
            database=self.env.cr.dbname,
            is_private_allowed=self.env["mail.message"]._is_private_url_allowed(),
            # Odoo reads any text as true.
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
            job=self._get_cron_state(),
            waiting=waiting_count,
            oldest=oldest_seconds,
            # The hits that the button *Open Queue* shows.
            set_aside=Hit.search_count([("error", "!=", False)]),
            has_geoip=self._has_geoip(),
        )

    def _get_tracked_base_urls(self):
        """Return the base URLs of tracked URLs: the company's tracking domain, if set,
        and Odoo's own address.

        :rtype: list[str]
        """
        company = self.env.company
        base_url = company.get_base_url().rstrip("/")
        return list(dict.fromkeys([company._get_tracking_url(base_url), base_url]))

    def _probe_address(self, url):
        """Send requests to an address, and return the answers.

        :param str url: from `_get_tracked_base_urls`
        :rtype: Address
        """
        host = address.get_host(url)
        try:
            names = databases.list_for_host(host)
        except Unavailable:
            names = []
        probe = self_test_probe.probe_url(url, self._sign_check_token(host))
        return Address(url, probe, tuple(names))

    def _sign_check_token(self, host):
        """Sign a token of the self-test, which is valid for a minute.

        :param str host: host of the request
        :rtype: str
        """
        database = ""
        if is_server_wide():
            database = databases.get_name_for_token(host, self.env.cr.dbname)
        keys = self.env["trackable.key"]._get_keys()
        key_id = max(keys)
        return tracking_token.sign(
            tracking_token.create_check_token(time.time(), database),
            key_id,
            keys[key_id],
        )

    def _get_parameter(self, key):
        # sudo: ir.config_parameter - readable by administrators only
        return self.env["ir.config_parameter"].sudo().get_param(key)

    def _get_cron_state(self):
        """Return whether the cron job that processes hits can run.

        :rtype: Job
        """
        # sudo: ir.cron - administrators may know whether the job runs
        cron = self.env["trackable.hit"].sudo()._get_cron()
        overdue = fields.Datetime.now() - cron.nextcall if cron else None
        return Job(
            is_there=bool(cron),
            is_active=bool(cron) and cron.active,
            threads=config["max_cron_threads"],
            overdue=overdue.total_seconds() if overdue else 0,
        )

    def _has_geoip(self):
        """Return whether Odoo has a GeoIP database that can be read."""
        for name in ("geoip_city_db", "geoip_country_db"):
            # The file, or the library that reads it, is missing or broken.
            with suppress(OSError, RuntimeError, AttributeError):
                return bool(getattr(http.root, name))
        return False


class TrackableSelfTestLine(models.TransientModel):
    """A finding of the self-test, as a list shows it."""

    _name = "trackable.self.test.line"
    _description = "Check Tracking Finding"

    test_id = fields.Many2one("trackable.self.test", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    state = fields.Selection(STATES, required=True)
    title = fields.Char(required=True)
    reason = fields.Char(help="Why the finding matters.")
    remedy = fields.Char("Solution", help="How to fix the problem.")

    def action_open_queue(self):
        """Open the hits that a finding is about.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pipeline_tracking.trackable_hit_action_window"
        )
        filter_name = QUEUE_FILTERS.get(self.key)
        if filter_name:
            action["context"] = {f"search_default_{filter_name}": 1}
        return action
