"""Colleagues are detected by session, network and device. Actions have a location."""

import tempfile
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from odoo import fields, http
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ..common import TrackingCase
from ..helpers.user_agents import CHROME, FIREFOX, GMAIL_PROXY, OUTLOOK

OFFICE = "198.51.100.7"
CUSTOMER = "192.0.2.1"


class InternalCase(TrackingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send('<a href="https://x.com/">x</a>')
        self.image = self.delivered.image_urls[0]
        self.wait(3600)

    def log_device(
        self, user, *, ip=OFFICE, browser="chrome", platform="windows", days=0
    ):
        """Create the device log of a user who works in Odoo."""
        when = fields.Datetime.now() - timedelta(days=days)
        self.env["res.device.log"].create(
            {
                "session_identifier": f"session of {user.login}",
                "user_id": user.id,
                "ip_address": ip,
                "browser": browser,
                "platform": platform,
                "first_activity": when,
                "last_activity": when,
            }
        )

    def open(self, **values):
        """Process an open, and return its action."""
        before = self.trackable.action_ids
        self.hit(self.image, **values)
        self.process()
        self.wait(60)
        return self.trackable.action_ids - before

    def assertColleague(self, action, reason, user=None):
        self.assertEqual((action.actor, action.reason), ("internal", reason))
        self.assertEqual(action.user_id, user or self.env["res.users"])

    def assertCustomer(self, action):
        self.assertEqual(action.actor, "recipient")
        self.assertFalse(action.user_id)


@tagged("post_install", "-at_install")
class TestInternal(InternalCase):
    def test_known_device(self):
        self.log_device(self.colleague)
        self.assertColleague(self.open(ip=OFFICE), "known-device", self.colleague)
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.trackable.raw_open_count, 1, "the open is stored")
        self.assertFalse(self.entries(self.customer) + self.entries(self.lead))
        # Another address or another program is the customer's.
        self.assertCustomer(self.open(ip=CUSTOMER))
        self.assertCustomer(self.open(ip=OFFICE, user_agent=FIREFOX))
        self.assertCustomer(self.open(ip=OFFICE, user_agent=OUTLOOK))
        self.assertCounts(self.trackable, opens=3, clicks=0)

    def test_device_without_recent_activity(self):
        self.log_device(self.colleague, days=31)
        self.assertCustomer(self.open(ip=OFFICE))
        self.log_device(self.colleague, days=29)
        self.assertColleague(self.open(ip=OFFICE), "known-device", self.colleague)

    def test_sender_opens_the_email(self):
        self.log_device(self.salesperson)
        self.assertColleague(self.open(ip=OFFICE), "known-device", self.salesperson)

    def test_device_of_a_portal_user(self):
        portal = new_test_user(self.env, "petra", "base.group_portal")
        self.log_device(portal)
        self.assertCustomer(self.open(ip=OFFICE))

    def test_device_of_an_archived_user(self):
        self.log_device(self.colleague)
        self.colleague.active = False
        self.assertCustomer(self.open(ip=OFFICE))

    def test_device_of_several_colleagues(self):
        self.log_device(self.colleague)
        self.log_device(self.salesperson)
        self.assertColleague(self.open(ip=OFFICE), "known-device")

    def test_unknown_browser_and_platform_are_not_a_device(self):
        self.log_device(self.colleague, browser=False, platform=False)
        action = self.open(ip=OFFICE, user_agent="SomeMailer/1.0")
        self.assertCustomer(action)

    def test_unknown_address(self):
        self.log_device(self.colleague, ip="")
        self.assertCustomer(self.open(ip=""))

    def test_company_networks(self):
        company = self.trackable.company_id
        company.tracking_own_networks = "198.51.100.0/24\n2001:db8::/48"
        self.assertColleague(self.open(ip=OFFICE), "own-network")
        self.assertColleague(self.open(ip="2001:db8::1"), "own-network")
        self.assertCustomer(self.open(ip=CUSTOMER))
        self.log_device(self.colleague)
        self.assertColleague(self.open(ip=OFFICE), "own-network", self.colleague)
        # Networks apply only to emails of their company.
        self.trackable.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertCustomer(self.open(ip="2001:db8::1"))

    def test_only_administrators_read_company_networks(self):
        company = self.trackable.company_id
        portal = new_test_user(self.env, "petra", "base.group_portal")
        for user in (portal, self.salesperson):
            with self.assertRaises(AccessError):
                company.with_user(user).read(["tracking_own_networks"])
        administrator = new_test_user(self.env, "adam", "base.group_system")
        company.with_user(administrator).read(["tracking_own_networks"])

    def test_company_networks_are_validated(self):
        company = self.env.company
        with self.assertRaisesRegex(ValidationError, "192.0.2.0/40"):
            company.tracking_own_networks = "198.51.100.0/24\n192.0.2.0/40"
        company.tracking_own_networks = False

    def test_seconds_are_validated(self):
        for name in (
            "tracking_hold_seconds",
            "tracking_repeat_seconds",
            "tracking_early_seconds",
        ):
            for seconds in (-1, 3601):
                with (
                    self.subTest(name=name, seconds=seconds),
                    self.assertRaisesRegex(ValidationError, "Enter 0 to 3600 seconds"),
                ):
                    self.env.company[name] = seconds
            self.env.company[name] = 3600

    def test_session_of_an_internal_user(self):
        for user, is_colleague in (
            (self.colleague, True),
            (new_test_user(self.env, "petra", "base.group_portal"), False),
        ):
            action = self.open(user_id=user.id)
            if is_colleague:
                self.assertColleague(action, "session", user)
            else:
                self.assertCustomer(action)
        deleted_user = new_test_user(self.env, "gone", "base.group_user")
        deleted_user_id = deleted_user.id
        deleted_user.unlink()
        self.assertCustomer(self.open(user_id=deleted_user_id))


@tagged("post_install", "-at_install")
class TestPlaceAndDevice(InternalCase):
    def test_device_of_an_action(self):
        for user_agent, browser, platform, description in (
            (CHROME, "chrome", "windows", "Chrome, Windows"),
            (OUTLOOK, "Outlook", "windows", "Outlook, Windows"),
            (GMAIL_PROXY, False, False, ""),  # not the recipient's device
            ("SomeMailer/1.0", "", "", ""),
        ):
            with self.subTest(user_agent=user_agent):
                action = self.open(user_agent=user_agent)
                self.assertEqual(
                    (action.browser or "", action.platform or "", action.device),
                    (browser or "", platform or "", description),
                )

    def test_no_location_without_a_geoip_database(self):
        action = self.open()
        self.assertFalse(action.country_id or action.city or action.place)

    def test_location_of_an_action(self):
        self.use_geoip({f"{CUSTOMER}/32": ("FR", "Lyon"), "203.0.113.0/24": ("DE", "")})
        action = self.open(ip=CUSTOMER)
        self.assertEqual(action.country_id, self.env.ref("base.fr"))
        self.assertEqual(action.city, "Lyon")
        self.assertEqual(action.place, "Lyon, France")
        self.assertFalse(action.ip, "not stored by default")
        self.assertEqual(self.open(ip="203.0.113.9").place, "Germany")
        # A proxy has another location.
        self.assertFalse(self.open(ip=CUSTOMER, user_agent=GMAIL_PROXY).place)
        for ip in ("10.0.0.1", "", "x"):
            self.assertFalse(self.open(ip=ip).place)

    def test_unusable_geoip_database_loses_no_open(self):
        for options in ({"ip_version": 4}, {"database_type": "GeoLite2-ASN"}):
            with (
                self.subTest(**options),
                self.assertLogs("odoo.addons.pipeline_tracking", "WARNING"),
            ):
                self.use_geoip({f"{CUSTOMER}/32": ("FR", "Lyon")}, **options)
                action = self.open(ip="2001:db8::1")
                self.assertCustomer(action)
                self.assertFalse(action.place)

    def use_geoip(self, places, **options):
        """Create a GeoIP database for Odoo: network -> country code, city."""
        folder = self.enterContext(tempfile.TemporaryDirectory())
        file = str(Path(folder) / "city.mmdb")
        writer = MMDBWriter(**{"database_type": "GeoLite2-City", **options})
        for network, (code, city) in places.items():
            names = {"city": {"names": {"en": city}}} if city else {}
            writer.insert_network(
                IPSet([str(ip_network(network))]),
                {"country": {"iso_code": code, "names": {"en": code}}, **names},
            )
        writer.to_db_file(file)
        before = config["geoip_city_db"]
        config["geoip_city_db"] = file
        # Odoo caches the reader of the database.
        http.root.__dict__.pop("geoip_city_db", None)

        def restore():
            reader = http.root.__dict__.pop("geoip_city_db", None)
            if reader:
                reader.close()
            config["geoip_city_db"] = before

        self.addCleanup(restore)
