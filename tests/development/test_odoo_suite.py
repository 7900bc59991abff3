"""dev/checks/odoo_suite: what two runs of Odoo's own tests say about the addon."""

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

ONE, TWO = (
    "mail/tests/test_a.py::TestA::test_one",
    "mail/tests/test_a.py::TestA::test_2",
)
SELECTION = ("mail/tests",)


def written(*values):
    """A results file, as the plugin writes it."""
    return [json.dumps(value) for value in values]


def outcome(test, outcome=PASSED, text=""):
    return {"test": test, "outcome": outcome, "text": text}


def read(*values, status=0, selection=SELECTION):
    return verdict.read(written(*values), status, selection)


def compared(*outcomes, exceptions=()):
    """Compare what one test did in both runs; None: it is not there."""
    without, with_addon = (
        {ONE: Result(found, "why")} if found else {} for found in outcomes
    )
    return compare(without, with_addon, exceptions)


class TestRead:
    """A run has results when it came to its end, and only then."""

    begin = {"collected": [ONE, TWO]}

    def test_whole(self):
        """What was reported of a test first does not hide the failure after it."""
        found = read(
            self.begin,
            outcome(ONE),
            outcome(TWO),
            outcome(TWO, FAILED, "tearDown"),
            {"finished": 1},
            status=1,
        )
        assert found == {ONE: Result(PASSED), TWO: Result(FAILED, "tearDown")}

    def test_a_subtest_that_failed_is_a_test_that_failed(self):
        found = read(
            {"collected": [ONE]},
            outcome(ONE, FAILED, "subtest"),
            outcome(ONE),
            {"finished": 1},
            status=1,
        )
        assert found == {ONE: Result(FAILED, "subtest")}

    def test_nothing_written(self):
        with pytest.raises(Died, match="before the first test"):
            read()

    def test_nothing_collected(self):
        with pytest.raises(Died):
            read({"collected": []}, {"finished": 5}, status=5)

    @pytest.mark.parametrize("status", [0, -9, 2])
    def test_it_stopped_in_the_middle(self, status):
        """Also where the exit status says that all is well."""
        started = {"started": TWO}
        with pytest.raises(Died, match="after 1 of 2 tests.*test_2"):
            read(self.begin, outcome(ONE), started, status=status)

    def test_it_died_after_the_last_test(self):
        with pytest.raises(Died):
            done = [outcome(ONE), outcome(TWO), {"finished": 0}]
            read(self.begin, *done, status=-11)

    def test_a_test_without_a_result(self):
        with pytest.raises(Died, match="1 tests have no result"):
            read(self.begin, outcome(ONE), {"finished": 0})

    def test_all_skipped(self):
        with pytest.raises(Died, match="no test of mail/tests ran"):
            skipped = [outcome(ONE, SKIPPED), outcome(TWO, SKIPPED)]
            read(self.begin, *skipped, {"finished": 0})

    def test_a_module_whose_tests_were_not_found(self):
        done = [self.begin, outcome(ONE), outcome(TWO), {"finished": 0}]
        with pytest.raises(Died, match="no test of mass_mailing/tests ran"):
            read(*done, selection=["mail/tests", "mass_mailing/tests"])

    def test_progress(self):
        lines = written(self.begin, outcome(ONE, FAILED))
        assert verdict.progress(lines) == verdict.Progress(2, 1, 1)
        assert verdict.progress([]) == verdict.Progress(0, 0, 0)


class TestCompare:
    def test_passed_in_both(self):
        found = compared(PASSED, PASSED)
        assert found.ran == [ONE]
        assert not (found.only_with or found.only_without or found.failed_in_both)

    @pytest.mark.parametrize("without", [PASSED, SKIPPED, None])
    def test_failed_with_the_addon_only(self, without):
        assert compared(without, FAILED).only_with == {ONE: Result(FAILED, "why")}

    @pytest.mark.parametrize("with_addon", [SKIPPED, None])
    def test_did_not_run_with_the_addon(self, with_addon):
        """What the addon keeps from running is not all right."""
        assert list(compared(PASSED, with_addon).only_with) == [ONE]

    def test_failed_in_both(self):
        found = compared(FAILED, FAILED)
        assert found.failed_in_both == [ONE]
        assert not (found.only_with or found.only_without)

    def test_failed_without_the_addon_only(self):
        found = compared(FAILED, PASSED)
        assert found.only_without == [ONE]
        assert not (found.only_with or found.failed_in_both)

    def test_skipped_in_both(self):
        found = compared(SKIPPED, SKIPPED)
        assert (found.ran, found.skipped) == ([], [ONE])

    def test_exception(self):
        found = compared(PASSED, FAILED, exceptions=[ONE])
        assert (found.excepted, found.only_with, found.needless) == ([ONE], {}, [])

    @pytest.mark.parametrize(
        "outcomes",
        [(PASSED, PASSED), (FAILED, FAILED), (FAILED, PASSED), (None, None)],
    )
    def test_needless_exception(self, outcomes):
        assert compared(*outcomes, exceptions=[ONE]).needless == [ONE]

    def test_an_exception_is_of_one_test(self):
        found = compared(PASSED, FAILED, exceptions=[TWO, ONE[:-1]])
        assert list(found.only_with) == [ONE]


class TestReport:
    def text(self, found, exceptions=(), **more):
        return "\n".join(report.lines(found, dict(exceptions), **more))

    def test_what_failed_and_why(self):
        text = self.text(compared(PASSED, FAILED))
        assert ONE in text and "failed: why" in text
        assert "1 tests of Odoo's fail" in text

    def test_flaky(self):
        text = self.text(compared(PASSED, FAILED), flaky={ONE})
        assert "1 failed only with the addon, but not again (flaky)" in text
        assert "No test of Odoo's fails" in text

    def test_exception_that_is_none(self):
        """It may fail where emails are tracked, and fails where they are not."""
        found = compared(PASSED, FAILED, exceptions=[ONE])
        untracked = {ONE: Result(FAILED, "3 queries more")}
        text = self.text(found, {ONE: "the reason"}, untracked=untracked)
        assert "failed: 3 queries more" in text
        assert "1 tests of Odoo's fail because of the addon" in text

    def test_exception_with_its_reason(self):
        found = compared(PASSED, FAILED, exceptions=[ONE])
        assert "the reason" in self.text(found, exceptions={ONE: "the reason"})


def test_exceptions_have_reasons():
    """And ids as the plugin writes them: others would except nothing."""
    for test, reason in ALLOWED_FAILURES.items():
        assert test.count("::") == 2 and "/tests/" in test
        assert reason.strip()
