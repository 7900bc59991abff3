"""Render the comparison of two runs as text. Pure functions."""

WHERE = "dev/checks/odoo_suite/allowed_failures.py"


def lines(comparison, exceptions, flaky=(), untracked=()):
    """Render the comparison as lines, the most important last.

    :param Comparison comparison:
    :param dict exceptions: the reason by the test's id
    :param set flaky: tests of ``only_with`` that passed in the repetition
    :param dict untracked: the Result by the id of tests of ``excepted`` that fail even
        with tracking off
    :rtype: list[str]
    """
    reasons = {test: exceptions[test] for test in comparison.excepted}
    unstable = {test: comparison.only_with[test].text for test in sorted(flaky)}
    failed = {
        test: result
        for test, result in comparison.only_with.items()
        if test not in flaky
    }
    return [
        f"\n{len(comparison.ran)} tests ran, {len(comparison.skipped)} were skipped.",
        *_part("failed in both", comparison.failed_in_both),
        *_part("failed only without the addon", comparison.only_without),
        *_part("failed only with the addon, which is allowed", reasons),
        *_part(
            f"allowed failures are obsolete: remove them from {WHERE}",
            comparison.needless,
        ),
        *_part("failed only with the addon, but not again (flaky)", unstable),
        *_part("allowed failures fail even with tracking off", _texts(untracked)),
        *_part("failed only with the addon", _texts(failed)),
        "\n" + _conclusion({*failed, *untracked}),
    ]


def _conclusion(failed):
    if not failed:
        return "None of Odoo's tests fails because of the addon."
    return (
        f"{len(failed)} of Odoo's tests fail because of the addon. Correct the addon. "
        f"If a test cannot pass with it, add the test and the reason to {WHERE}."
    )


def _texts(results):
    return {test: f"{results[test].outcome}: {results[test].text}" for test in results}


def _part(title, tests):
    """Render a heading with the number of tests, then the tests and their texts."""
    result = [f"\n{len(tests)} {title}"]
    for test in tests:
        result.append(f"    {test}")
        text = tests[test] if isinstance(tests, dict) else ""
        result += [f"        {line}" for line in text.splitlines()]
    return result
