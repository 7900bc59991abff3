"""The development environment runs all tests, and its Odoo has all files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.setup import source, source_assets

SKIPPING = {
    "test": "import pytest\ndef test_it(): pytest.skip('no reason')",
    "subtest": (
        "import unittest\n"
        "class TestIt(unittest.TestCase):\n"
        "    def test_it(self):\n"
        "        with self.subTest(1):\n"
        "            self.skipTest('no reason')\n"
    ),
    "file": "import pytest\npytest.importorskip('no_such_module')\ndef test_it(): pass",
}


def run_suite(folder, content):
    """Run pytest with the suite's rules on a file of tests."""
    suite = folder / "tests"
    suite.mkdir()
    for name in ("__init__.py", "conftest.py", "allowed_skips.py"):
        shutil.copy(Path(__file__).parents[1] / name, suite)
    (suite / "test_sample.py").write_text(content)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:odoo", "--rootdir", folder, suite],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("content", SKIPPING.values(), ids=SKIPPING)
def test_a_skipped_test_fails_the_run(tmp_path, content):
    done = run_suite(tmp_path, content)
    assert done.returncode, done.stdout
    assert "did not run" in done.stdout


def test_a_run_without_skips_passes(tmp_path):
    done = run_suite(tmp_path, "def test_it(): pass")
    assert done.returncode == 0, done.stdout


def test_no_file_of_odoo_is_missing():
    """With a broken link, a page lacks an icon, a font or a library."""
    assert source_assets.dangling(source.folder() / "odoo") == []
