"""Choose the tests and record the results of ``make odoo-suite`` (loaded with ``-p``).

pytest runs the tests that Odoo would run. It writes each result into a file at once,
as a line of JSON, so that the file of a crashed run shows its last test.
"""

import json
import unittest

import pytest

TEXT_LINES = 12  # lines of a failure in the results


def pytest_addoption(parser):
    """Add the option for the results file."""
    parser.addoption("--suite-results", help="the file to write results into")


def pytest_configure(config):
    """Register the recorder."""
    config.pluginmanager.register(Recorder(config.getoption("--suite-results")))


class Recorder:
    """Writes each result into a file at once."""

    def __init__(self, file):
        self.file = file

    def _write(self, **values):
        with open(self.file, "a") as file:
            file.write(json.dumps(values) + "\n")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        """Deselect the tests that Odoo would not run."""
        deselected = [item for item in items if not _runs_in_odoo(item)]
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if _runs_in_odoo(item)]
        self._write(collected=[item.nodeid for item in items])

    def pytest_runtest_logstart(self, nodeid):
        """Record the start of a test, in case pytest crashes in it."""
        self._write(started=nodeid)

    def pytest_runtest_logreport(self, report):
        """Record the outcome of a test; set-up, subtests and tear-down report, too."""
        if report.outcome != "passed" or report.when == "call":
            self._write(test=report.nodeid, outcome=report.outcome, text=_text(report))

    def pytest_sessionfinish(self, exitstatus):
        """Record that the run reached its end."""
        self._write(finished=int(exitstatus))


def _runs_in_odoo(item):
    """Tell whether Odoo would run a test with ``--test-tags=standard``.

    ``odoo.tests.loader`` skips classes that a file imports, and inherited methods of
    most classes.
    """
    cls = item.cls
    return (
        cls is not None
        and issubclass(cls, unittest.TestCase)
        and cls.__module__ == item.module.__name__
        and "standard" in getattr(cls, "test_tags", ())
        and (
            item.name in vars(cls)
            or getattr(cls, "allow_inherited_tests_method", False)
        )
    )


def _text(report):
    """Return the first lines of a failure, and its place."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return "\n".join(report.longreprtext.strip().splitlines()[-TEXT_LINES:])
    message = crash.message.strip().splitlines()[:TEXT_LINES]
    return "\n".join([*message, f"({crash.path}:{crash.lineno})"])
