"""Make the virtual environment: pinned Python packages, and Odoo by a ``.pth`` file."""

import importlib.util
import platform
import shutil
import sys

from . import paths, source, stamps
from .console import output, run, step

REQUIREMENTS = (paths.SETUP / "requirements.txt", paths.ROOT / "requirements.txt")
_HINT = (
    "Check the network and pip's settings (`pip config list`), then run `make setup` "
    "again. Python 3.10 "
    "to 3.13 are supported; another one than the default is named by PYTHON=python3.12 "
    "make setup."
)


def missing_packages():
    """Give the Debian package to install: there, venv is a package of its own."""
    if importlib.util.find_spec("ensurepip"):
        return []
    return [f"python{sys.version_info.major}.{sys.version_info.minor}-venv"]


def ensure():
    """Make the environment, or bring its packages up to date with the requirements."""
    wanted = stamps.digest(
        *REQUIREMENTS, extra=[sys.base_prefix, platform.python_version()]
    )
    if not stamps.fresh("venv", wanted) or not paths.PYTHON.exists():
        stamps.drop("venv")
        with step(
            f"Python packages into .dev/venv (Python {platform.python_version()})"
        ):
            _make()
        stamps.write("venv", wanted)
    _link_odoo()


def _base_python():
    """Find the Python to make an environment from, also when this one runs in it."""
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
    )


def _link_odoo():
    """Let the environment find Odoo, and have the command ``odoo``."""
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
