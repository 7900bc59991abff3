"""Print the verdict for people. Pure functions."""

WHERE = "dev/checks/odoo_suite/allowed_failures.py"


def lines(found, exceptions, flaky=(), untracked=()):
    """Render the verdict as lines, the most important last.

    :param Verdict found:
    :param dict exceptions: reasons by id
    :param set flaky: tests of its ``only_with`` that did not fail again
    :param dict untracked: Result by id of tests of its ``excepted`` that fail although
        nothing is tracked
    :rtype: list[str]
    """
    reasons = {test: exceptions[test] for test in found.excepted}
    unstable = {test: found.only_with[test].text for test in sorted(flaky)}
    failed = {
        test: result for test, result in found.only_with.items() if test not in flaky
    }
    return [
        f"\n{len(found.ran)} tests ran, {len(found.skipped)} were skipped.",
        *_part("failed in both", found.failed_in_both),
        *_part("failed only without the addon", found.only_without),
        *_part("failed only with the addon, as the exceptions say", reasons),
        *_part(f"of the exceptions did not: strike them off {WHERE}", found.needless),
        *_part("failed only with the addon, but not again (flaky)", unstable),
        *_part("of the exceptions fail although nothing is tracked", _texts(untracked)),
        *_part("failed only with the addon", _texts(failed)),
        "\n" + _conclusion({*failed, *untracked}),
    ]


def _conclusion(failed):
    if not failed:
        return "No test of Odoo's fails because of the addon."
    return (
        f"{len(failed)} tests of Odoo's fail because of the addon. Where it is right "
        f"and the test no longer applies, say so in {WHERE}."
    )


def _texts(results):
    return {test: f"{results[test].outcome}: {results[test].text}" for test in results}


def _part(title, tests):
    """A heading with a number, and the tests below, with what there is to say."""
    result = [f"\n{len(tests)} {title}"]
    for test in tests:
        result.append(f"    {test}")
        text = tests[test] if isinstance(tests, dict) else ""
        result += [f"        {line}" for line in text.splitlines()]
    return result
