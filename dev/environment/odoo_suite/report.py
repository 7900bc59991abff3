"""The verdict, for people. Pure."""

from .runs import WITH, WITHOUT

WHERE = "dev/environment/odoo_suite/exceptions.py"


def lines(found, flaky, exceptions):
    """What there is to say, the most important last.

    :param Verdict found:
    :param set flaky: those of its ``only_with`` that did not fail again
    :param dict exceptions: reasons by id
    :rtype: list[str]
    """
    reasons = {test: exceptions[test] for test in found.excepted}
    unstable = {test: found.only_with[test].text for test in sorted(flaky)}
    failed = {
        test: f"{result.outcome}: {result.text}"
        for test, result in found.only_with.items()
        if test not in flaky
    }
    return [
        f"\n{len(found.ran)} tests ran, {len(found.skipped)} were skipped.",
        *_part("failed in both", found.failed_in_both),
        *_part(f"failed only {WITHOUT}", found.only_without),
        *_part(f"failed only {WITH}, as the exceptions say", reasons),
        *_part(f"of the exceptions did not: strike them off {WHERE}", found.needless),
        *_part(f"failed only {WITH}, but not again (flaky)", unstable),
        *_part(f"failed only {WITH}", failed),
        "\n" + _conclusion(failed),
    ]


def _conclusion(failed):
    if not failed:
        return "No test of Odoo's fails because of the addon."
    return (
        f"{len(failed)} tests of Odoo's fail with the addon only. Where the addon is "
        f"right and the test no longer applies, say so in {WHERE}."
    )


def _part(title, tests):
    """A heading with a number, and the tests below, with what there is to say."""
    result = [f"\n{len(tests)} {title}"]
    for test in tests:
        result.append(f"    {test}")
        text = tests[test] if isinstance(tests, dict) else ""
        result += [f"        {line}" for line in text.splitlines()]
    return result
