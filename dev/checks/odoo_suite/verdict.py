"""Compare the results of two runs of the same tests. Pure functions.

An unfinished run has no results, so that it never looks like a success.
"""

import dataclasses
import json

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
MISSING = "missing"  # only the other run has the test
_RANK = {PASSED: 0, SKIPPED: 1, MISSING: 1, FAILED: 2}
# pytest's exit statuses of a complete run: all tests passed, or some failed
_FINISHED = (0, 1)


class Died(Exception):
    """A run did not finish; the message names its last test."""


@dataclasses.dataclass(frozen=True)
class Result:
    """The outcome of a test; ``text`` shows the cause and place of a failure."""

    outcome: str
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Progress:
    """The numbers of tests in a running run; ``total`` is 0 before they are known."""

    total: int
    done: int
    failed: int


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The ids of tests by outcome. No test is both in excepted and in only_with."""

    ran: list
    skipped: list
    failed_in_both: list
    only_without: list
    only_with: dict  # id: Result with the addon
    excepted: list
    needless: list  # exceptions whose test did not fail only with the addon


def read(lines, status, selection):
    """Return the results of a finished run.

    :param lines: the JSON lines that the plugin wrote
    :param int status: pytest's exit status, or the negative number of a signal
    :param selection: ids or beginnings of ids; at least one test of each must have run
    :rtype: dict[str, Result]
    :raise Died: when the run did not finish
    """
    lines = [json.loads(line) for line in lines]
    results = _results(lines)
    collected = _value(lines, "collected")
    if collected is None:
        raise Died(f"it ended before the first test (exit status {status})")
    missing = [test for test in collected if test not in results]
    if status not in _FINISHED or _value(lines, "finished") != status:
        started = _value(lines, "started")
        raise Died(
            f"it ended after {len(results)} of {len(collected)} tests (exit status "
            f"{status}, last test: {started})"
        )
    if missing:
        raise Died(f"{len(missing)} tests have no result, for example {missing[0]}")
    ran = [test for test, result in results.items() if result.outcome != SKIPPED]
    for start in selection:
        if not any(test.startswith(start) for test in ran):
            raise Died(f"no test of {start} ran")
    return results


def progress(lines):
    """Count the tests of a running run from the lines that the plugin wrote.

    :rtype: Progress
    """
    lines = [json.loads(line) for line in lines]
    results = _results(lines)
    failed = [result for result in results.values() if result.outcome == FAILED]
    total = len(_value(lines, "collected") or ())
    return Progress(total, len(results), len(failed))


def _value(lines, key):
    return next((line[key] for line in reversed(lines) if key in line), None)


def _results(lines):
    """Return the worst reported result of each test."""
    results = {}
    for line in lines:
        if "test" not in line:
            continue
        new = Result(line["outcome"], line["text"])
        old = results.get(line["test"])
        if old is None or _RANK[new.outcome] > _RANK[old.outcome]:
            results[line["test"]] = new
    return results


def compare(without, with_addon, exceptions=()):
    """Compare a run without the addon to a run with the addon.

    A test fails "only with the addon" if its outcome is worse than without the addon.
    A failure is the worst outcome. A skipped or missing test is worse than a pass.

    :param without: the results of the run without the addon, by id
    :param with_addon: the results of the run with the addon, by id
    :param exceptions: ids of tests that may fail with the addon
    :rtype: Comparison
    """
    missing = Result(MISSING, "There is no such test in this run.")
    # keep the order of the runs
    both = {
        test: (without.get(test, missing), with_addon.get(test, missing))
        for test in [*without, *(test for test in with_addon if test not in without)]
    }
    worse = {
        test: new
        for test, (old, new) in both.items()
        if _RANK[new.outcome] > _RANK[old.outcome]
    }
    outcomes = {test: {old.outcome, new.outcome} for test, (old, new) in both.items()}
    return Comparison(
        ran=[test for test, found in outcomes.items() if found & {PASSED, FAILED}],
        skipped=[test for test, found in outcomes.items() if found == {SKIPPED}],
        failed_in_both=[test for test, found in outcomes.items() if found == {FAILED}],
        only_without=[
            test
            for test, (old, _new) in both.items()
            if old.outcome == FAILED and outcomes[test] != {FAILED}
        ],
        only_with={test: new for test, new in worse.items() if test not in exceptions},
        excepted=[test for test in worse if test in exceptions],
        needless=[test for test in exceptions if test not in worse],
    )
