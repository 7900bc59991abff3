"""Resolve the pinned versions for all supported Pythons (``make pins``)."""

from . import paths
from .console import output, run, say, step

HEADER = "# Made by `make pins` from requirements.in: change that file, not this one.\n"


def main(args):
    """Resolve requirements.in with uv, which only this command installs.

    :param list args: for uv, such as ``--upgrade`` or ``--upgrade-package ruff``
    """
    folder = paths.GROUND / "uv"
    if not (folder / "bin" / "uv").exists():
        run(
            [paths.PYTHON, "-m", "pip", "install", "--target", folder, "uv"],
            what="Installing uv",
            hint="Check the network and pip's settings (`pip config list`).",
            log="uv",
        )
    pins = paths.SETUP / "requirements.txt"
    with step("Resolving dev/setup/requirements.in"):
        run(
            [
                *(folder / "bin" / "uv", "pip", "compile", "--universal"),
                *("--python-version", "3.10", "--no-header", "--no-annotate", *args),
                *(paths.SETUP / "requirements.in", "--output-file", pins),
            ],
            what="Resolving requirements.in",
            log="uv",
        )
        pins.write_text(HEADER + pins.read_text().removeprefix(HEADER))
    say(
        output(["git", "-C", paths.ROOT, "diff", "--stat", "--", pins])
        or "No version has changed."
    )
