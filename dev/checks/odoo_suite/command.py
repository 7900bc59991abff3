"""Check that Odoo still passes its own tests with the addon (``make odoo-suite``).

Odoo's tests of emails and mailings run in two databases that differ only in the addon.
Some tests fail without the addon, too. The command fails if a test fails only with the
addon, unless ``allowed_failures`` gives a reason.

pytest-odoo runs the tests. Odoo's ``--test-tags`` would run the tests at_install (577
of 1001) before the addon is loaded, so they would not test it. ``plugin`` makes pytest
choose the same tests as Odoo.

Tests that fail only with the addon run again without the others, because tests affect
each other at times, and browsers depend on the load of the machine.

The addon tracks emails from the composer by default, also in Odoo's tests. Tests that
may fail for this reason run once more with *Track my emails* off. They must pass then,
because an untracked email costs nothing.
"""

import signal
import sys

from ...setup import postgres
from ...setup.console import Problem, say, step
from . import verdict
from .allowed_failures import ALLOWED_FAILURES, TRACKED
from .report import lines
from .runs import UNTRACKED, WITH, WITHOUT, ground, results

MODULES = ("link_tracker", "mail", "mass_mailing", "test_mail", "test_mass_mailing")


def main(args):
    """Run and compare the tests; return 1 if a test fails only with the addon.

    :param list args: tests, files or folders below Odoo's addons, such as
        ``mail/tests/test_mail_mail.py::TestMailMail``; if empty, all tests run
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unknown = [arg for arg in args if arg.startswith("-")]
    if unknown:
        raise Problem(
            f"make odoo-suite takes no option {unknown[0]}. Name tests, files "
            "or folders, such as mail/tests."
        )
    postgres.ensure()
    selection = args or [f"{module}/tests" for module in MODULES]
    exceptions = {
        test: reason
        for test, reason in ALLOWED_FAILURES.items()
        if test.startswith(tuple(selection))
    }
    with ground() as templates:
        with step("Running Odoo's own tests with the addon and without it"):
            runs = results(selection, templates, [WITHOUT, WITH])
        comparison = verdict.compare(runs[WITHOUT], runs[WITH], exceptions)
        flaky = _find_flaky(comparison, templates)
        untracked = _find_failures_untracked(comparison, exceptions, templates)
    say("\n".join(lines(comparison, exceptions, flaky, untracked)))
    return 1 if untracked or set(comparison.only_with) - flaky else 0


def _find_flaky(comparison, templates):
    """Run again the tests that fail only with the addon; return those that now pass."""
    again = [
        test
        for test, result in comparison.only_with.items()
        if result.outcome == verdict.FAILED
    ]
    if not again:
        return set()
    with step(f"Repeating the {len(again)} tests that failed only with the addon"):
        runs = results(again, templates, [WITHOUT, WITH], "-again")
    failed_again = verdict.compare(runs[WITHOUT], runs[WITH]).only_with
    return set(again) - set(failed_again)


def _find_failures_untracked(comparison, exceptions, templates):
    """Run the allowed failures of tracked emails untracked; return the failed tests."""
    again = [
        test
        for test, reason in exceptions.items()
        if reason == TRACKED and test in comparison.excepted
    ]
    if not again:
        return {}
    with step(f"Repeating {len(again)} allowed failures with tracking off"):
        runs = results(again, templates, [WITHOUT, UNTRACKED], "-untracked")
    return verdict.compare(runs[WITHOUT], runs[UNTRACKED]).only_with
