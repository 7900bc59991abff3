"""Compare two runs of the same tests. Pure functions: results in, verdict out.

A run that did not come to its end has no results, so that it never looks like success.
"""

import dataclasses
import json

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
MISSING = "missing"  # the other run has such a test, this one has not
_RANK = {PASSED: 0, SKIPPED: 1, MISSING: 1, FAILED: 2}
# of pytest: all passed, and some failed; all others say that it did not do its work
_FINISHED = (0, 1)


class Died(Exception):
    """A run without results; the message says how far it came."""


@dataclasses.dataclass(frozen=True)
class Result:
    """Outcome of one test; ``text`` says why and where it failed."""

    outcome: str
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run has come: numbers of tests (``total`` 0: not known yet)."""

    total: int
    done: int
    failed: int


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Ids of tests; ``excepted`` and ``only_with`` are apart."""

    ran: list
    skipped: list
    failed_in_both: list
    only_without: list
    only_with: dict  # id: Result with the addon
    excepted: list
    needless: list  # exceptions whose test did not fail with the addon only


def read(lines, status, selection):
    """The results of a run that came to its end.

    :param lines: what the plugin wrote, JSON
    :param int status: pytest's exit status, negative for the signal that ended it
    :param selection: ids, or beginnings of ids, that tests must have run of
    :rtype: dict[str, Result]
    :raise Died:
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
        raise Died(f"{len(missing)} tests have no result, {missing[0]} is one")
    ran = [test for test, result in results.items() if result.outcome != SKIPPED]
    for start in selection:
        if not any(test.startswith(start) for test in ran):
            raise Died(f"no test of {start} ran")
    return results


def progress(lines):
    """How far a run has come, by what its plugin has written.

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
    """A test's result is the worst of what was reported of it."""
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
    """What the addon changes.

    A test counts as failed only with the addon where it failed and did not without, or
    was skipped or not there and passed without.

    :param without: results by id of the run without the addon
    :param with_addon: and with it
    :param exceptions: ids of tests that may fail with the addon
    :rtype: Verdict
    """
    missing = Result(MISSING, "There is no such test in this run.")
    # in the order in which they ran
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
    return Verdict(
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
