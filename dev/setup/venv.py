"""Make the virtual environment: pinned Python packages, and Odoo by a ``.pth`` file."""

import importlib.util
import platform
import re
import shutil
import sys
import time

from . import paths, source, stamps
from .console import output, run, step

REQUIREMENTS = (paths.SETUP / "requirements.txt", paths.ROOT / "requirements.txt")
_HINT = (
    "Check the network and pip's settings (`pip config list`), then run `make setup` "
    "again. Python 3.10 to 3.13 are supported. To choose one, name it: "
    "PYTHON=python3.12 make setup."
)


def missing_packages():
    """List the Debian package of the module ``venv``, if this Python lacks it."""
    if importlib.util.find_spec("ensurepip"):
        return []
    return [f"python{sys.version_info.major}.{sys.version_info.minor}-venv"]


def ensure():
    """Make the environment, or bring its packages up to date with the requirements."""
    required = stamps.digest(
        *REQUIREMENTS, extra=[sys.base_prefix, platform.python_version()]
    )
    if not stamps.fresh("venv", required) or not paths.PYTHON.exists():
        stamps.drop("venv")
        with step(
            f"Installing Python packages into .dev/venv "
            f"(Python {platform.python_version()})"
        ):
            _make()
        stamps.write("venv", required)
    _link_odoo()


def _base_python():
    """Return the Python outside of any virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _make():
    version = [*map(str, sys.version_info[:3])]
    existing = output(
        [paths.PYTHON, "-c", "import platform as p; print(p.python_version())"]
    )
    if existing != ".".join(version):
        shutil.rmtree(paths.VENV, ignore_errors=True)
        run(
            [_base_python(), "-m", "venv", paths.VENV],
            what="Making the virtual environment",
            hint=_HINT,
            log="venv",
        )
    requirements = [word for file in REQUIREMENTS for word in ("-r", file)]
    run(
        [
            paths.PYTHON,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            *requirements,
        ],
        what="Installing the Python packages",
        hint=_HINT,
        log="pip",
        progress=_InstallationProgress(),
    )


class _InstallationProgress:
    """Count the packages that pip has downloaded, then those it has installed."""

    def __init__(self):
        self._start = time.time()
        self._required = sum(
            bool(re.match(r"[\w.-]+==", line))
            for file in REQUIREMENTS
            for line in file.read_text().splitlines()
        )

    def __call__(self, log):
        installing = re.search(r"^Installing collected packages: (.*)", log, re.M)
        if installing:
            # pip prints no further line until the end
            number = len(installing[1].split(","))
            return f"installed {min(self._count_installed(), number)} of {number}"
        number = self._required - len(re.findall(r"^Ignoring ", log, re.M))
        collected = len(re.findall(r"^(?:Collecting|Requirement) ", log, re.M))
        return f"downloaded {min(collected, number)} of {number}" if collected else ""

    def _count_installed(self):
        folders = paths.VENV.glob("lib/python*/site-packages/*.dist-info")
        return sum(folder.stat().st_mtime >= self._start for folder in folders)


def _link_odoo():
    """Make Odoo importable in the environment, and add the command ``odoo``."""
    for site_packages in paths.VENV.glob("lib/python*/site-packages"):
        _write(site_packages / "odoo.pth", f"{source.folder()}\n")
    text = (
        f"#!{paths.PYTHON}\nimport odoo.cli\n\n"
        "if __name__ == '__main__':\n    odoo.cli.main()\n"
    )
    _write(paths.ODOO_COMMAND, text)
    paths.ODOO_COMMAND.chmod(0o755)


def _write(file, text):
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
