"""Build the wheel and the sdist, and check them (``dev/run check-wheel``).

Odoo must install the addon from the wheel alone. The sdist alone must build the same
wheel.
"""

import shutil
import tarfile
import zipfile
from pathlib import PurePosixPath

from ..setup import database_templates, databases, paths, postgres
from ..setup.console import Problem, output, run, say, step

FOLDER = paths.GROUND / "wheel"
LAYOUT = f"odoo/addons/{paths.ADDON}/"
# the files that the packages are built from, in addition to the addon's folder
SOURCES = (
    "setup.py",
    "MANIFEST.in",
    "requirements.txt",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
)
# setuptools adds these to an sdist
GENERATED = ("PKG-INFO", "setup.cfg")


def main(_args):
    """Build the packages, check their content, and install the addon."""
    postgres.ensure()
    shutil.rmtree(FOLDER, ignore_errors=True)
    source = _copy_source()
    wheel = _build("wheel", source, FOLDER)
    sdist = _build("sdist", source, FOLDER)
    _check_wheel(wheel)
    unpacked = _check_sdist(sdist)
    _check_same(wheel, _build("wheel", unpacked, FOLDER / "from_sdist"))
    _install(wheel)
    say(f"{wheel.name} is complete, and Odoo installs the addon from it.")
    say(f"{sdist.name} is complete, and builds the same wheel.")


def _copy_source():
    # setuptools leaves folders behind, so it builds in a copy
    copy = FOLDER / "source"
    copy.mkdir(parents=True)
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(paths.ROOT / paths.ADDON, copy / paths.ADDON, ignore=leave_out)
    for name in SOURCES:
        shutil.copy(paths.ROOT / name, copy)
    return copy


def _build(kind, source, folder):
    """Build a package; return its file.

    :param str kind: wheel or sdist
    :param Path source: the folder with setup.py
    :param Path folder: the folder for the package
    """
    options = [f"--{kind}", "--no-isolation", "--outdir", folder, source]
    with step(f"Building the {kind} from {source.relative_to(paths.GROUND)}"):
        run(
            [paths.PYTHON, "-m", "build", *options],
            what=f"Building the {kind}",
            log=f"{kind}-build",
            cwd=FOLDER,
        )
    return next(folder.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


def _wanted():
    """List the addon's files in git; the list is empty without a git checkout."""
    tracked = output(["git", "-C", paths.ROOT, "ls-files", paths.ADDON]) or ""
    return {name for name in tracked.splitlines() if (paths.ROOT / name).exists()}


def _complain(package, missing, foreign):
    if missing or foreign:
        raise Problem(
            f"{package.name} has the wrong files: {sorted(missing)} are missing, "
            f"{sorted(foreign)} do not belong to it. Correct setup.py or MANIFEST.in."
        )


def _is_stray(name):
    return "__pycache__" in name or name.endswith(".pyc")


def _check_wheel(wheel):
    """Check that the wheel holds all files of the addon, and no others."""
    with zipfile.ZipFile(wheel) as archive:
        content = set(archive.namelist())
    ours = {name for name in content if name.startswith(LAYOUT)}
    other = {name for name in content - ours if ".dist-info/" not in name}
    stray = {name for name in content if _is_stray(name)}
    _complain(
        wheel, {f"odoo/addons/{name}" for name in _wanted()} - ours, other | stray
    )


def _check_sdist(sdist):
    """Check that the sdist holds the addon and SOURCES; return the unpacked folder."""
    folder = FOLDER / "unpacked"
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
        files = [member.name for member in archive.getmembers() if member.isfile()]
    content = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in files}
    ours = {name for name in content if name.startswith(f"{paths.ADDON}/")}
    other = {name for name in content - ours if ".egg-info/" not in name}
    stray = {name for name in content if _is_stray(name)}
    _complain(
        sdist,
        ({*_wanted(), *SOURCES}) - content,
        (other - {*SOURCES, *GENERATED}) | stray,
    )
    (unpacked,) = folder.iterdir()
    return unpacked


def _check_same(wheel, other):
    """Check that two wheels have the same files with the same content.

    :raise Problem: when they differ
    """
    contents = []
    for file in (wheel, other):
        with zipfile.ZipFile(file) as archive:
            contents.append({name: archive.read(name) for name in archive.namelist()})
    built, rebuilt = contents
    differ = {
        name for name in {*built, *rebuilt} if built.get(name) != rebuilt.get(name)
    }
    if differ:
        raise Problem(
            f"{wheel.name} differs when it is built from the sdist, in these files: "
            f"{sorted(differ)}. A file of the build may be missing in MANIFEST.in."
        )


def _install(wheel):
    target = FOLDER / "site-packages"
    with step("Installing the wheel into a folder, and the addon into a database"):
        run(
            [
                *(paths.PYTHON, "-m", "pip", "install", "--disable-pip-version-check"),
                *("--no-deps", "--no-index", "--target", target, wheel),
            ],
            what="Installing the wheel",
            log="wheel-install",
        )
        base = database_templates.base()
        name = databases.new_name("wheel")
        with databases.held(base), databases.held(name):
            try:
                databases.clone(base, name)
                database_templates.install(
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
            f"Odoo did not install the addon from the wheel: the module's state is "
            f"{state}. See the log of the installation in {paths.LOGS}."
        )
