"""Check that Odoo still passes its own tests with the addon (``make odoo-suite``).

Odoo's tests of mails and mailings run in two databases that differ in the addon alone.
Some fail on any machine and with any other addon; one that fails only with this addon
fails the command, unless ``allowed_failures`` says why it may.

pytest-odoo runs them, as it runs ours, and not Odoo's ``--test-tags``: there the tests
that are at_install, 577 of 1001, run while their module is being installed, which is
before the addon is loaded, and would say nothing about it. ``plugin`` has pytest choose
the tests that Odoo would.

Tests leave things behind for each other now and then, and browsers depend on how busy
the machine is: what failed with the addon only is tried again, without the others.

Emails that people write are tracked unless they say otherwise, also in Odoo's tests of
the composer. Those that may fail for that reason run once more with the users' *Track
my emails* off, where they may not: an email that is not tracked costs nothing.
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
    """Run and compare; gives 1 where a test fails with the addon only.

    :param list args: tests, files or folders below Odoo's addons in place of all:
        ``mail/tests/test_mail_mail.py::TestMailMail``
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unknown = [arg for arg in args if arg.startswith("-")]
    if unknown:
        raise Problem(f"{unknown[0]}: only ids of tests can be named.")
    postgres.ensure()
    selection = args or [f"{module}/tests" for module in MODULES]
    exceptions = {
        test: reason
        for test, reason in ALLOWED_FAILURES.items()
        if test.startswith(tuple(selection))
    }
    with ground() as templates:
        with step("Odoo's own tests, with the addon and without"):
            runs = results(selection, templates, [WITHOUT, WITH])
        found = verdict.compare(runs[WITHOUT], runs[WITH], exceptions)
        flaky = _flaky(found, templates)
        untracked = _fail_untracked(found, exceptions, templates)
    say("\n".join(lines(found, exceptions, flaky, untracked)))
    return 1 if untracked or set(found.only_with) - flaky else 0


def _flaky(found, templates):
    """The tests that do not fail with the addon only when they are tried again."""
    again = [
        test
        for test, result in found.only_with.items()
        if result.outcome == verdict.FAILED
    ]
    if not again:
        return set()
    with step(f"Once more, the {len(again)} that failed with the addon only"):
        runs = results(again, templates, [WITHOUT, WITH], "-again")
    still = verdict.compare(runs[WITHOUT], runs[WITH]).only_with
    return set(again) - set(still)


def _fail_untracked(found, exceptions, templates):
    """The tests that fail because emails are tracked, and also when they are not."""
    again = [
        test
        for test, reason in exceptions.items()
        if reason == TRACKED and test in found.excepted
    ]
    if not again:
        return {}
    with step(f"Untracked, the {len(again)} that may fail where emails are tracked"):
        runs = results(again, templates, [WITHOUT, UNTRACKED], "-untracked")
    return verdict.compare(runs[WITHOUT], runs[UNTRACKED]).only_with
