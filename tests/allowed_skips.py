"""The tests that may be skipped, with the reason. Any other skip fails the run.

A key is a test's node id as pytest prints it, or the beginning of one (a file, a
class).
"""

ALLOWED_SKIPS = {
    "tests/sending/test_html_fidelity.py::test_corpus": "real emails of others, which"
    " are not part of this repository: they are tried where they lie beside it",
    "tests/test_upgrade.py": "an archive of this repository and a shallow clone do not"
    " know the first release",
}
