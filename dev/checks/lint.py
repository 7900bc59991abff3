"""Run pre-commit on the files in git (``make lint``)."""

import os
import sys

from ..setup import paths
from ..setup.console import Problem, output


def main(args):
    """Replace this process by pre-commit. A hook fails when it changes a file.

    :param list args: for ``pre-commit run``: a hook's id; ``--files …`` for some files
    """
    if output(["git", "-C", paths.ROOT, "rev-parse", "--git-dir"]) is None:
        raise Problem(
            "make lint needs git and a git checkout, and one of them is missing. "
            "Install git, or clone the repository."
        )
    os.chdir(paths.ROOT)
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(paths.GROUND / "pre-commit"),
    }
    files = [] if "--files" in args else ["--all-files"]
    # on a developer's machine, the diff would include their other changes
    show = ["--show-diff-on-failure"] if os.environ.get("CI") else []
    command = ["run", *files, *show, *args]
    sys.stdout.flush()
    os.execve(
        paths.PYTHON, [str(paths.PYTHON), "-m", "pre_commit", *command], environment
    )
