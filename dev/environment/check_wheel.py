"""``dev/check_wheel``: the wheel is all that Odoo needs to install the addon."""

import shutil
import zipfile

from . import databases, paths, postgres, templates
from .console import Problem, output, run, say, step

FOLDER = paths.GROUND / "wheel"
LAYOUT = f"odoo/addons/{paths.ADDON}/"


def main(_args):
    """Build, look inside, install."""
    postgres.ensure()
    shutil.rmtree(FOLDER, ignore_errors=True)
    wheel = _build()
    _check_content(wheel)
    _install(wheel)
    say(f"{wheel.name}: complete, and Odoo installs the addon from it.")


def _build():
    # from a copy: setuptools leaves folders behind where it builds
    copy = FOLDER / "source"
    copy.mkdir(parents=True)
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(paths.ROOT / paths.ADDON, copy / paths.ADDON, ignore=leave_out)
    for name in ("setup.py", "requirements.txt", "MANIFEST.in", "README.md"):
        if (paths.ROOT / name).exists():
            shutil.copy(paths.ROOT / name, copy)
    with step("Building the wheel"):
        run(
            [
                paths.PYTHON,
                "-m",
                "build",
                "--wheel",
                "--no-isolation",
                "--outdir",
                FOLDER,
                copy,
            ],
            what="Building the wheel",
            log="wheel-build",
            cwd=FOLDER,
        )
    return next(FOLDER.glob("*.whl"))


def _check_content(wheel):
    """Every file of the addon that git knows is in it, and nothing from elsewhere."""
    with zipfile.ZipFile(wheel) as archive:
        content = set(archive.namelist())
    tracked = output(["git", "-C", paths.ROOT, "ls-files", paths.ADDON]) or ""
    wanted = {f"odoo/addons/{name}" for name in tracked.splitlines()}
    missing = sorted(
        name for name in wanted - content if (paths.ROOT / name[12:]).exists()
    )
    foreign = sorted(
        name
        for name in content
        if not name.startswith(LAYOUT) and ".dist-info/" not in name
    )
    if missing or foreign:
        raise Problem(
            f"{wheel.name}: missing {missing}, foreign {foreign}: see setup.py"
        )


def _install(wheel):
    target = FOLDER / "site-packages"
    with step("Installing it into a folder of its own, and from there into a database"):
        run(
            [
                *(paths.PYTHON, "-m", "pip", "install", "--disable-pip-version-check"),
                *("--no-deps", "--no-index", "--target", target, wheel),
            ],
            what="Installing the wheel",
            log="wheel-install",
        )
        base = templates.base()
        name = databases.new_name("wheel")
        with databases.held(base), databases.held(name):
            try:
                databases.clone(base, name)
                templates.install(
                    name,
                    [paths.ADDON],
                    environment={"PYTHONPATH": str(target)},
                    addons_path=None,
                )
                _check_installed(name)
            finally:
                databases.drop(name)


def _check_installed(name):
    with databases.connect(name) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT state FROM ir_module_module WHERE name = %s", [paths.ADDON]
        )
        state = cursor.fetchone()
    if state != ("installed",):
        raise Problem(
            f"Odoo did not install the addon from the wheel (its state there: {state})."
        )
