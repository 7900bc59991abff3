"""Install JavaScript programs in pinned versions. Node.js comes from PyPI."""

import os
import shutil

from . import paths, stamps
from .console import run, step

NPM = paths.SETUP / "npm"


def ensure_lint_tools():
    """Install the JavaScript tools of ``make lint`` into ``.dev/node``."""
    install("node", NPM, "JavaScript tools")


def install(name, source, title, *options):
    """Install the programs of a lock file, if they are missing or outdated.

    :param str name: of the folder in ``.dev/``
    :param Path source: the folder with package.json and package-lock.json
    :param str title: the name of the programs, for messages
    :param options: for ``npm ci``
    :return Path: the folder in ``.dev/``
    """
    folder = paths.GROUND / name
    files = [source / "package.json", source / "package-lock.json", NPM / ".npmrc"]
    wanted = stamps.digest(*files)
    if stamps.fresh(name, wanted):
        return folder
    stamps.drop(name)
    with step(f"Installing {title} into .dev/{name}"):
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, folder)
        run(
            [
                *(paths.VENV / "bin" / "npm", "ci", *options),
                *("--ignore-scripts", "--no-update-notifier"),
            ],
            what=f"Installing {title}",
            hint="Check the network and `npm config ls`, then run the command again.",
            log=f"npm-{name}",
            cwd=folder,
            env=_environment(),
        )
    stamps.write(name, wanted)
    return folder


def _environment():
    """Return variables that make npm use this Node.js, and the cache of this project.

    Otherwise npm fills ``~/.npm``.
    """
    return {
        **os.environ,
        "PATH": f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "npm_config_cache": str(paths.CACHE / "npm"),
    }
