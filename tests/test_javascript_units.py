"""Run the JavaScript unit tests with Hoot, in a browser."""

import re
from pathlib import Path

from odoo.tests import HttpCase, tagged

from odoo.addons import pipeline_tracking

URL = "/web/tests?headless&loglevel=2&timeout=15000&filter=%40pipeline_tracking"
FOLDER = Path(pipeline_tracking.__file__).parent / "static" / "tests"


def count_written(excluded_tag):
    """Count the written tests, without those of the other kind of device.

    :param str excluded_tag: the tag of the other kind, "mobile" or "desktop"
    :rtype: int
    """
    count = 0
    for file in FOLDER.glob("*.test.js"):
        text = file.read_text()
        if f'describe.current.tags("{excluded_tag}")' not in text:
            count += len(re.findall(r"^\s*test\(", text, re.MULTILINE))
            count -= text.count(f'test.tags("{excluded_tag}")')
    return count


class HootCase(HttpCase):
    def run_units(self, parameters):
        """Run the tests and count them: Hoot also succeeds if it finds no test.

        :param str parameters: further parameters of Hoot's page
        :return: the number of passed tests
        :rtype: int
        """
        with self.assertLogs(self._logger.getChild("browser")) as logs:
            self.browser_js(
                f"{URL}&{parameters}",
                "",
                "",
                login="admin",
                timeout=300,
                success_signal="[HOOT] Test suite succeeded",
            )
        (passed,) = re.findall(r"Passed (\d+) tests", "\n".join(logs.output))
        return int(passed)


@tagged("post_install", "-at_install")
class TestHootDesktop(HootCase):
    def test_units(self):
        self.assertEqual(self.run_units("preset=desktop"), count_written("mobile"))


@tagged("post_install", "-at_install")
class TestHootMobile(HootCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_units(self):
        self.assertEqual(self.run_units("preset=mobile"), count_written("desktop"))
