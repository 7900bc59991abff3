"""The settings page: the order of its settings, and which settings it hides."""

from lxml import etree

from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import TrackingCase

DOCS = "/pipeline_tracking/docs/"
# Block title -> the documentation page of the block, and its settings in their order.
BLOCKS = {
    "Email Tracking": (
        "administrator",
        [
            "is_tracking_allowed",
            "check_tracking",
            "track_emails_by_default",
            "track_mailings",
            "track_several_recipients",
        ],
    ),
    "Privacy": (
        "privacy",
        [
            "tracking_consent_mode",
            "tracking_objection_link",
            "tracking_keep_months",
            "tracking_keep_ip",
            "tracking_keep_user_agent",
            "tracking_keep_place",
            "honour_privacy_control",
        ],
    ),
    "Links & Files": (
        "administrator#a-tracking-domain",
        ["tracking_domain", "attach_tracked_files", "track_address_links"],
    ),
    "Counting": (
        "opened",
        [
            "tracking_own_networks",
            "tracking_scanner_networks",
            "tracking_notice_confidence",
            "count_possible_opens",
            "track_decoy_link",
            "tracking_hold_seconds",
            "tracking_repeat_seconds",
            "tracking_early_seconds",
        ],
    ),
}
# Settings that still have an effect when the company tracks no emails.
ALWAYS_SHOWN = {"is_tracking_allowed", "check_tracking", "tracking_keep_months"}


@tagged("post_install", "-at_install")
class TestSettingsPage(TrackingCase):
    def setUp(self):
        super().setUp()
        administrator = new_test_user(self.env, "adam", "base.group_system")
        settings = self.env["res.config.settings"].with_user(administrator)
        form = etree.fromstring(settings.get_view(view_type="form")["arch"])
        [self.app] = form.findall(".//app[@name='pipeline_tracking']")

    def get_shown(self, **values):
        """Return the ids of the settings that the page shows.

        :param values: values of `res.config.settings`
        :rtype: set[str]
        """
        return {
            setting.get("id")
            for setting in self.app.iter("setting")
            if not any(
                safe_eval(element.get("invisible", "False"), values)
                for element in (setting, *setting.iterancestors())
            )
        }

    def test_order_and_documentation_of_blocks(self):
        shown = {
            block.get("title"): (
                block.find(".//a").get("href").removeprefix(DOCS),
                [setting.get("id") for setting in block.iter("setting")],
            )
            for block in self.app.iter("block")
        }
        self.assertEqual(list(shown.items()), list(BLOCKS.items()))

    def test_all_settings_are_shown_when_tracking_is_on(self):
        self.assertEqual(
            self.get_shown(is_tracking_allowed=True),
            {name for _page, names in BLOCKS.values() for name in names},
        )

    def test_dependent_settings_are_hidden_when_tracking_is_off(self):
        self.assertEqual(self.get_shown(is_tracking_allowed=False), ALWAYS_SHOWN)

    def test_the_late_warning_is_shown_when_tracking_is_off(self):
        [warning] = self.app.findall(".//field[@name='tracking_late_warning']")
        expressions = [
            element.get("invisible")
            for element in warning.iterancestors()
            if element.get("invisible")
        ]
        self.assertEqual(expressions, ["not tracking_late_warning"])
