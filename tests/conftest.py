"""Fixtures, and rules for every test run: a skipped test fails the run.

Odoo and its pytest plugin silently skip tests that they cannot run: an HttpCase without
``--odoo-http``, a browser test without a browser. A run that skips them would pass.
"""

import hypothesis
import pytest

from .allowed_skips import ALLOWED_SKIPS

# The duration of an example depends more on the machine than on the code.
hypothesis.settings.register_profile(
    "suite",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="module")
def browser():
    """Run Chromium, for pages of a live server."""
    # This module imports Odoo, which not every test needs.
    from .helpers.web_client_browser import headless

    with headless() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def odoo():
    """Create a database from which a tracked email was sent. A test file can override
    this fixture.
    """
    from .helpers.lane_in_process import odoo_with_sent_email

    with odoo_with_sent_email() as live:
        yield live


@pytest.fixture
def lane_app(odoo):
    """Open a lane in this process, on the database of `odoo`."""
    from .helpers.lane_in_process import open_lane_app

    with open_lane_app(odoo) as lane:
        yield lane


def _reason(report):
    """Return the reason of a skip."""
    longrepr = report.longrepr
    return longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)


def _fail_if_skipped(report):
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    if any(report.nodeid.startswith(allowed) for allowed in ALLOWED_SKIPS):
        return
    report.outcome = "failed"
    report.longrepr = (
        f"{report.nodeid} did not run. {_reason(report)}\n"
        "A skipped test fails the run, unless tests/allowed_skips.py says why it may "
        "be skipped."
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_logreport(report):
    """Turn a skipped test or subtest into a failure, before pytest counts it."""
    _fail_if_skipped(report)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collectreport(report):
    """Turn a file that is skipped as a whole into a failure."""
    _fail_if_skipped(report)
    return (yield)
