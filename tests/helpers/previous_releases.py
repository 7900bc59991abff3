"""Unpack earlier releases of the addon from the git history."""

import subprocess
import tarfile
from io import BytesIO

import pytest

from .odoo_server import ROOT

# The first published version, and the last commit whose manifest names that version.
FIRST_RELEASE = "19.0.1.4.0"
FIRST_RELEASE_COMMIT = "09fe31b89150130de3369962ef58d008ffd6b0d3"


def _git(*arguments):
    return subprocess.run(
        ["git", "-C", ROOT, *arguments], capture_output=True, check=False
    )


def _read_git(*arguments):
    return _git(*arguments).stdout.decode().strip()


def skip_without_history():
    """Skip the test in an archive and in a shallow clone of the repository, which lack
    earlier releases. In a full clone, a missing release is a failure.
    """
    if _read_git("rev-parse", "--show-toplevel") != str(ROOT):
        pytest.skip("not a git checkout: earlier releases are missing")
    if _read_git("rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("a shallow clone: earlier releases are missing")


def unpack(commit, folder):
    """Unpack the addon of a commit into a folder.

    :param Path folder: becomes an addons path
    :return: version of the addon
    :rtype: str
    """
    archive = _git("archive", "--format=tar", commit, "pipeline_tracking")
    assert not archive.returncode, archive.stderr.decode()
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    manifest = (folder / "pipeline_tracking" / "__manifest__.py").read_text()
    return manifest.partition('"version": "')[2].partition('"')[0]
