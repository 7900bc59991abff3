"""Let pytest run the suite in several processes at once (loaded with ``-p``).

pytest-xdist deals the test files out: each process takes the next file of one queue
when it is done with the one before. The longest file comes first, so that no process
is left alone with a long one at the end.
"""

import collections
import json
import os

import pytest

from ..setup import paths

# seconds each test file took when it ran last
DURATIONS = paths.GROUND / "durations.json"
# of HttpCase: each starts a browser
BROWSER_METHODS = frozenset(("browser_js", "start_tour"))


def pytest_configure(config):
    """Prepare a worker; in the process that collects the results, record durations."""
    if hasattr(config, "workerinput"):
        # pytest-odoo would clone the database of a worker it knows of; each worker was
        # given one, with a filestore, a configuration and a lock
        os.environ.pop("PYTEST_XDIST_WORKER", None)
    else:
        config.pluginmanager.register(DurationRecorder())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Sort the files by duration, the longest first; keep the order within a file."""
    by_file = collections.defaultdict(list)
    for item in items:
        by_file[_file(item.nodeid)].append(item)
    recorded = _read_durations()
    durations = {
        file: recorded.get(file) or _estimate(tests) for file, tests in by_file.items()
    }
    items.sort(key=lambda item: -durations[_file(item.nodeid)])


class DurationRecorder:
    """Adds up what the tests of each file take."""

    def __init__(self):
        self.durations = collections.Counter()

    def pytest_runtest_logreport(self, report):
        """Count a test's set-up, call or tear-down."""
        self.durations[_file(report.nodeid)] += getattr(report, "duration", 0)

    def pytest_sessionfinish(self, exitstatus):
        """Store the durations of a run that reached its end."""
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        durations = {
            file: round(seconds, 1)
            for file, seconds in {**_read_durations(), **self.durations}.items()
            if (paths.ROOT / file).exists()
        }
        DURATIONS.write_text(json.dumps(durations, indent=1, sort_keys=True))


def _file(nodeid):
    return nodeid.split("::")[0]


def _read_durations():
    try:
        return json.loads(DURATIONS.read_text())
    except (OSError, ValueError):
        return {}


def _estimate(tests):
    """Estimate the seconds of a file that has no record: servers and browsers cost."""
    servers = any(map(_has_module_fixture, tests))
    browsers = sum(
        bool(BROWSER_METHODS.intersection(item.function.__code__.co_names))
        for item in tests
    )
    return 30 * servers + 15 * browsers + len(tests) * (2 if servers else 0.3)


def _has_module_fixture(item):
    """Tell whether the tests keep a fixture for a whole file, mostly a live server."""
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    return any(
        fixture.baseid and fixture.scope == "module" for (*_, fixture) in fixtures
    )
