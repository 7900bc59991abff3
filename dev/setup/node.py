"""Install JavaScript programs as lock files pin them (Node.js is from PyPI)."""

import os
import shutil

from . import paths, stamps
from .console import run, step

NPM = paths.SETUP / "npm"


def ensure_lint_tools():
    """Install ``make lint``'s tools in JavaScript into ``.dev/node``."""
    install("node", NPM, "JavaScript tools")


def install(name, source, title, *options):
    """Install what a lock file pins, unless that was done already.

    :param str name: of the folder in ``.dev/``
    :param Path source: the folder with package.json and package-lock.json
    :param str title: names the programs, for people
    :param options: for ``npm ci``
    :return Path: the folder in ``.dev/``
    """
    folder = paths.GROUND / name
    files = [source / "package.json", source / "package-lock.json", NPM / ".npmrc"]
    wanted = stamps.digest(*files)
    if stamps.fresh(name, wanted):
        return folder
    stamps.drop(name)
    with step(f"{title} into .dev/{name}"):
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, folder)
        run(
            [
                *(paths.VENV / "bin" / "npm", "ci", *options),
                *("--ignore-scripts", "--no-update-notifier"),
            ],
            what=f"Installing {title}",
            hint="Check the network and npm's settings (`npm config ls`), then retry.",
            log=f"npm-{name}",
            cwd=folder,
            env=_environment(),
        )
    stamps.write(name, wanted)
    return folder


def _environment():
    """Let npm find this Node.js, and keep downloads in our cache, not ``~/.npm``."""
    return {
        **os.environ,
        "PATH": f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "npm_config_cache": str(paths.CACHE / "npm"),
    }
