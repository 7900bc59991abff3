"""Run pre-commit on the files that git knows (``make lint``)."""

import os
import sys

from ..setup import paths
from ..setup.console import Problem, output


def main(args):
    """Become pre-commit; a hook that changed a file has failed, and shows the change.

    :param list args: for ``pre-commit run``: a hook's id, ``--files …`` instead of all
        files
    """
    if output(["git", "-C", paths.ROOT, "rev-parse", "--git-dir"]) is None:
        raise Problem(
            "pre-commit works on a git checkout, and this is none (or git is missing: "
            "apt-get install git)."
        )
    os.chdir(paths.ROOT)
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(paths.GROUND / "pre-commit"),
    }
    files = [] if "--files" in args else ["--all-files"]
    # elsewhere `git diff` shows the change, and work in progress would be shown with it
    show = ["--show-diff-on-failure"] if os.environ.get("CI") else []
    command = ["run", *files, *show, *args]
    sys.stdout.flush()
    os.execve(
        paths.PYTHON, [str(paths.PYTHON), "-m", "pre_commit", *command], environment
    )
