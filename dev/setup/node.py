"""``make lint``'s tools in JavaScript, in ``.dev/node`` (Node.js is from PyPI)."""

import os
import shutil

from . import paths, stamps
from .console import run, step

FOLDER = paths.GROUND / "node"
FILES = [paths.DEV / name for name in ("package.json", "package-lock.json", ".npmrc")]


def ensure():
    """Install what the lock file pins, where that was not done yet."""
    wanted = stamps.digest(*FILES)
    if stamps.fresh("node", wanted):
        return
    stamps.drop("node")
    with step("JavaScript tools into .dev/node"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            shutil.copy(file, FOLDER)
        run(
            [
                paths.VENV / "bin" / "npm",
                "ci",
                "--ignore-scripts",
                "--no-update-notifier",
            ],
            what="Installing the JavaScript tools",
            hint="Check the network and npm's settings (`npm config ls`), then retry.",
            cwd=FOLDER,
            env=_environment(),
        )
    stamps.write("node", wanted)


def _environment():
    """npm finds this Node.js, and its downloads go to our cache, not to ``~/.npm``."""
    return {
        **os.environ,
        "PATH": f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "npm_config_cache": str(paths.CACHE / "npm"),
    }
