"""Change what pytest does in ``make odoo-suite`` (which loads this plugin with ``-p``).

pytest runs the tests that Odoo would run, and writes each result into a file as it
comes, one JSON object a line: the file of a run that died shows how far the run came.
"""

import json
import unittest

import pytest

TEXT_LINES = 12  # of a failure: enough to see what it is about


def pytest_addoption(parser):
    """Add the option that names the file."""
    parser.addoption("--suite-results", help="the file to write results into")


def pytest_configure(config):
    """Begin to record."""
    config.pluginmanager.register(Recorder(config.getoption("--suite-results")))


class Recorder:
    """Writes results into a file as they come."""

    def __init__(self, file):
        self.file = file

    def _write(self, **values):
        with open(self.file, "a") as file:
            file.write(json.dumps(values) + "\n")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        """Leave out what Odoo would not run."""
        left_out = [item for item in items if not _is_odoos(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _is_odoos(item)]
        self._write(collected=[item.nodeid for item in items])

    def pytest_runtest_logstart(self, nodeid):
        """Say which test a run that dies has died in."""
        self._write(started=nodeid)

    def pytest_runtest_logreport(self, report):
        """A test has several reports: its set-up, its subtests, itself, its end."""
        if report.outcome != "passed" or report.when == "call":
            self._write(test=report.nodeid, outcome=report.outcome, text=_text(report))

    def pytest_sessionfinish(self, exitstatus):
        """Say that all of it was done."""
        self._write(finished=int(exitstatus))


def _is_odoos(item):
    """As ``odoo.tests.loader`` and ``--test-tags=standard`` choose: not the classes
    that a file imports, nor, but for some classes, the methods that a class inherits.
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
    """The first lines of why it failed, and where."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return "\n".join(report.longreprtext.strip().splitlines()[-TEXT_LINES:])
    message = crash.message.strip().splitlines()[:TEXT_LINES]
    return "\n".join([*message, f"({crash.path}:{crash.lineno})"])
