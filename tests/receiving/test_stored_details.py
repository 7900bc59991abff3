"""The company chooses which details of a request its actions store."""

from odoo.tests import tagged

from odoo.addons.pipeline_tracking.models.receiving.trackable_hit_details import Place
from odoo.addons.pipeline_tracking.tools.email_requests import Verdict

from ..common import TrackingCase
from ..helpers.user_agents import CHROME, GMAIL_PROXY, OUTLOOK

IP = "192.0.2.77"


@tagged("post_install", "-at_install")
class TestStoredDetails(TrackingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send()
        self.company = self.trackable.company_id

    def record_open(self, *, user_agent=CHROME, ip=IP):
        """Record an open, and return its action."""
        self.wait(3600)
        before = self.trackable.action_ids
        self.hit(self.delivered.image_urls[0], user_agent=user_agent, ip=ip)
        self.process()
        return self.trackable.action_ids - before

    def test_ip_address(self):
        for setting, ip, stored_ip in (
            ("none", IP, False),
            ("truncated", IP, "192.0.2.0"),
            ("truncated", "2001:db8:1:2::3", "2001:db8:1::"),
            ("truncated", "::ffff:192.0.2.77", "192.0.2.0"),
            ("truncated", "", False),
            ("full", IP, IP),
            ("full", "2001:db8:1:2::3", "2001:db8:1:2::3"),
            ("full", "", False),
        ):
            self.company.tracking_keep_ip = setting
            self.assertEqual(self.record_open(ip=ip).ip, stored_ip)

    def test_user_agent(self):
        action = self.record_open()
        self.assertEqual(action.user_agent, CHROME)
        self.assertTrue(action.browser and action.platform)
        self.company.tracking_keep_user_agent = False
        action = self.record_open()
        self.assertFalse(action.user_agent or action.browser or action.platform)
        # Classification still uses the user agent.
        self.assertEqual(self.record_open(user_agent=GMAIL_PROXY).reason, "gmail-proxy")
        self.assertEqual(self.record_open(user_agent="").reason, "no-user-agent")

    def test_location(self):
        """The location is given, without a GeoIP database."""
        self.hit(self.delivered.image_urls[0], ip=IP)
        hit = self.env["trackable.hit"].search([])
        verdict = Verdict("recipient", "direct", "medium", ())
        classified_hit = hit._classify_hits()[hit]._replace(verdict=verdict)
        place = Place(self.env.ref("base.fr"), "Paris")
        values = hit._prepare_action_values(classified_hit, place)
        self.assertEqual((values["country_id"], values["city"]), (place[0].id, "Paris"))
        self.company.tracking_keep_place = False
        values = hit._prepare_action_values(classified_hit, place)
        self.assertFalse({"country_id", "city"} & values.keys())
        self.assertTrue(values["browser"])

    def test_defaults_without_a_company(self):
        self.trackable.company_id = False
        self.company.write({"tracking_keep_ip": "full"})
        self.company.tracking_keep_user_agent = False
        action = self.record_open()
        self.assertFalse(action.ip)
        self.assertEqual(action.user_agent, CHROME)

    def test_reloads_are_merged_by_time_without_user_agents(self):
        """Two people cannot be distinguished from a person who reloads."""
        self.company.tracking_keep_user_agent = False
        image = self.delivered.image_urls[0]
        self.wait(3600)
        self.hit(image, user_agent=CHROME)
        self.hit(image, user_agent=OUTLOOK)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=0)
        self.wait(20)
        self.hit(image, user_agent=OUTLOOK)
        self.process()
        self.assertCounts(self.trackable, opens=2, clicks=0)
        self.assertEqual(self.trackable.raw_open_count, 3)

    def test_views_show_the_ip_address(self):
        Action = self.env["trackable.email.action"].with_user(self.salesperson)
        for view in ("list", "form"):
            self.assertIn('name="ip"', Action.get_view(view_type=view)["arch"])
