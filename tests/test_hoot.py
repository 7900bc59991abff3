"""The unit tests of what runs in the browser, in Hoot."""

import re
from pathlib import Path

from odoo.tests import HttpCase, tagged

from odoo.addons import pipeline_tracking

SUITE = "%40pipeline_tracking"
SUCCESS = "[HOOT] Test suite succeeded"


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    def test_units(self):
        with self.assertLogs(f"{__name__}.TestHoot.test_units.browser") as logs:
            self.browser_js(
                f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&filter={SUITE}",
                "",
                "",
                login="admin",
                timeout=300,
                success_signal=SUCCESS,
            )
        # A suite that nobody finds succeeds as well.
        passed = max(
            int(number)
            for line in logs.output
            for number in re.findall(r"Passed (\d+) tests", line) or ["0"]
        )
        folder = Path(pipeline_tracking.__file__).parent / "static" / "tests"
        written = sum(
            len(re.findall(r"^\s*test\(", file.read_text(), re.MULTILINE))
            for file in folder.glob("*.test.js")
        )
        self.assertEqual(passed, written)
