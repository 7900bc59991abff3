"""dev/checks/odoo_suite compares two runs of Odoo's own tests."""

import json

import pytest

from dev.checks.odoo_suite import report, verdict
from dev.checks.odoo_suite.allowed_failures import ALLOWED_FAILURES
from dev.checks.odoo_suite.verdict import (
    FAILED,
    PASSED,
    SKIPPED,
    Died,
    Result,
    compare,
)

FIRST, SECOND = (
    "mail/tests/test_a.py::TestA::test_one",
    "mail/tests/test_a.py::TestA::test_2",
)
SELECTION = ("mail/tests",)


def write_lines(*values):
    """Return the lines that the plugin writes."""
    return [json.dumps(value) for value in values]


def outcome(test, outcome=PASSED, text=""):
    return {"test": test, "outcome": outcome, "text": text}


def read(*values, status=0, selection=SELECTION):
    return verdict.read(write_lines(*values), status, selection)


def compared(*outcomes, exceptions=()):
    """Compare the outcomes of a test in both runs; None: the run lacks the test."""
    without, with_addon = (
        {FIRST: Result(outcome, "why")} if outcome else {} for outcome in outcomes
    )
    return compare(without, with_addon, exceptions)


class TestRead:
    """Only a finished run has results."""

    begin = {"collected": [FIRST, SECOND]}

    def test_finished_run(self):
        """A failure in tear-down counts, although the test passed before."""
        results = read(
            self.begin,
            outcome(FIRST),
            outcome(SECOND),
            outcome(SECOND, FAILED, "tearDown"),
            {"finished": 1},
            status=1,
        )
        assert results == {FIRST: Result(PASSED), SECOND: Result(FAILED, "tearDown")}

    def test_a_failed_subtest_fails_the_test(self):
        results = read(
            {"collected": [FIRST]},
            outcome(FIRST, FAILED, "subtest"),
            outcome(FIRST),
            {"finished": 1},
            status=1,
        )
        assert results == {FIRST: Result(FAILED, "subtest")}

    def test_nothing_written(self):
        with pytest.raises(Died, match="before the first test"):
            read()

    def test_nothing_collected(self):
        with pytest.raises(Died):
            read({"collected": []}, {"finished": 5}, status=5)

    @pytest.mark.parametrize("status", [0, -9, 2])
    def test_interrupted_run(self, status):
        """The exit status may claim success."""
        started = {"started": SECOND}
        with pytest.raises(Died, match="after 1 of 2 tests.*test_2"):
            read(self.begin, outcome(FIRST), started, status=status)

    def test_crash_after_the_last_test(self):
        with pytest.raises(Died):
            done = [outcome(FIRST), outcome(SECOND), {"finished": 0}]
            read(self.begin, *done, status=-11)

    def test_a_test_without_a_result(self):
        with pytest.raises(Died, match="1 tests have no result"):
            read(self.begin, outcome(FIRST), {"finished": 0})

    def test_all_skipped(self):
        with pytest.raises(Died, match="no test of mail/tests ran"):
            skipped = [outcome(FIRST, SKIPPED), outcome(SECOND, SKIPPED)]
            read(self.begin, *skipped, {"finished": 0})

    def test_module_without_collected_tests(self):
        done = [self.begin, outcome(FIRST), outcome(SECOND), {"finished": 0}]
        with pytest.raises(Died, match="no test of mass_mailing/tests ran"):
            read(*done, selection=["mail/tests", "mass_mailing/tests"])

    def test_progress(self):
        lines = write_lines(self.begin, outcome(FIRST, FAILED))
        assert verdict.progress(lines) == verdict.Progress(2, 1, 1)
        assert verdict.progress([]) == verdict.Progress(0, 0, 0)


class TestCompare:
    def test_passed_in_both(self):
        comparison = compared(PASSED, PASSED)
        assert comparison.ran == [FIRST]
        assert not (
            comparison.only_with or comparison.only_without or comparison.failed_in_both
        )

    @pytest.mark.parametrize("without", [PASSED, SKIPPED, None])
    def test_failed_only_with_the_addon(self, without):
        assert compared(without, FAILED).only_with == {FIRST: Result(FAILED, "why")}

    @pytest.mark.parametrize("with_addon", [SKIPPED, None])
    def test_did_not_run_with_the_addon(self, with_addon):
        """The addon must not prevent a test from running."""
        assert list(compared(PASSED, with_addon).only_with) == [FIRST]

    def test_failed_in_both(self):
        comparison = compared(FAILED, FAILED)
        assert comparison.failed_in_both == [FIRST]
        assert not (comparison.only_with or comparison.only_without)

    def test_failed_only_without_the_addon(self):
        comparison = compared(FAILED, PASSED)
        assert comparison.only_without == [FIRST]
        assert not (comparison.only_with or comparison.failed_in_both)

    def test_skipped_in_both(self):
        comparison = compared(SKIPPED, SKIPPED)
        assert (comparison.ran, comparison.skipped) == ([], [FIRST])

    def test_exception(self):
        comparison = compared(PASSED, FAILED, exceptions=[FIRST])
        assert (comparison.excepted, comparison.only_with, comparison.needless) == (
            [FIRST],
            {},
            [],
        )

    @pytest.mark.parametrize(
        "outcomes",
        [(PASSED, PASSED), (FAILED, FAILED), (FAILED, PASSED), (None, None)],
    )
    def test_needless_exception(self, outcomes):
        assert compared(*outcomes, exceptions=[FIRST]).needless == [FIRST]

    def test_an_exception_names_a_single_test(self):
        comparison = compared(PASSED, FAILED, exceptions=[SECOND, FIRST[:-1]])
        assert list(comparison.only_with) == [FIRST]


class TestReport:
    def text(self, comparison, exceptions=(), **more):
        return "\n".join(report.lines(comparison, dict(exceptions), **more))

    def test_failure_with_its_text(self):
        text = self.text(compared(PASSED, FAILED))
        assert FIRST in text and "failed: why" in text
        assert "1 of Odoo's tests fail" in text

    def test_flaky(self):
        text = self.text(compared(PASSED, FAILED), flaky={FIRST})
        assert "1 failed only with the addon, but not again (flaky)" in text
        assert "None of Odoo's tests fails" in text

    def test_exception_that_fails_untracked(self):
        """The test may fail only if emails are tracked, but fails without tracking."""
        comparison = compared(PASSED, FAILED, exceptions=[FIRST])
        untracked = {FIRST: Result(FAILED, "3 queries more")}
        text = self.text(comparison, {FIRST: "the reason"}, untracked=untracked)
        assert "failed: 3 queries more" in text
        assert "1 of Odoo's tests fail because of the addon" in text

    def test_exception_with_its_reason(self):
        comparison = compared(PASSED, FAILED, exceptions=[FIRST])
        assert "the reason" in self.text(comparison, exceptions={FIRST: "the reason"})


def test_exceptions_have_ids_and_reasons():
    """An id must have the plugin's form, or it would match no test."""
    for test, reason in ALLOWED_FAILURES.items():
        assert test.count("::") == 2 and "/tests/" in test
        assert reason.strip()
