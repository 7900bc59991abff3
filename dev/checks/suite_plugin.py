"""Sort the test files for several pytest processes (loaded with ``-p``).

pytest-xdist gives each process the next file of a queue. This plugin sorts the queue,
the longest file first, so that no process ends long after the others.
"""

import collections
import json
import os

import pytest

from ..setup import paths

# the duration of each test file in its last run, in seconds
DURATIONS = paths.GROUND / "durations.json"
# methods of HttpCase that start a browser
BROWSER_METHODS = frozenset(("browser_js", "start_tour"))


def pytest_configure(config):
    """Prepare a worker, or record durations in the process that collects results."""
    if hasattr(config, "workerinput"):
        # this variable makes pytest-odoo clone a database, but the worker has one
        # already, with a filestore, a configuration and a lock
        os.environ.pop("PYTEST_XDIST_WORKER", None)
    else:
        config.pluginmanager.register(DurationRecorder())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Sort the files by duration, longest first; keep the order within a file."""
    by_file = collections.defaultdict(list)
    for item in items:
        by_file[_file(item.nodeid)].append(item)
    recorded = _read_durations()
    durations = {
        file: recorded.get(file) or _estimate(tests) for file, tests in by_file.items()
    }
    items.sort(key=lambda item: -durations[_file(item.nodeid)])


class DurationRecorder:
    """Adds up the durations of each file's tests."""

    def __init__(self):
        self.durations = collections.Counter()

    def pytest_runtest_logreport(self, report):
        """Add the duration of a test's set-up, call or tear-down."""
        self.durations[_file(report.nodeid)] += getattr(report, "duration", 0)

    def pytest_sessionfinish(self, exitstatus):
        """Store the durations, unless the run was interrupted."""
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
    """Estimate the seconds of a file by its tests, servers and browsers."""
    servers = any(map(_has_module_fixture, tests))
    browsers = sum(
        bool(BROWSER_METHODS.intersection(item.function.__code__.co_names))
        for item in tests
    )
    return 30 * servers + 15 * browsers + len(tests) * (2 if servers else 0.3)


def _has_module_fixture(item):
    """Tell whether a test has a fixture for the whole file, usually a live server."""
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    return any(
        fixture.baseid and fixture.scope == "module" for (*_, fixture) in fixtures
    )
