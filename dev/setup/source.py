"""Unpack Odoo 19 from Debian's packages, or use the one that ODOO_PATH names."""

import os
import shutil
import subprocess
from pathlib import Path

from . import apt, paths, source_assets, stamps
from .console import Problem, output, run, say, step

# odoo-19 holds the whole Community edition; its assets are links into the others
PACKAGES = (
    "odoo-19",
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# dist-packages/addons repeats the Python files of odoo/addons without their assets, and
# Odoo would take modules from there; doc and setup would be importable as if they were
# packages
LEFT_OUT = (
    "./usr/share/doc",
    "./usr/lib/python3/dist-packages/addons",
    "./usr/lib/python3/dist-packages/doc",
    "./usr/lib/python3/dist-packages/setup",
)
# what ODOO_PATH was at the last set-up: it need not be said to each command
NAMED = paths.GROUND / "odoo.path"
UNPACKED = paths.ODOO / "usr/lib/python3/dist-packages"


def named():
    """Give the folder that ODOO_PATH names or named last, None when it names none.

    :raise Problem: when there is no Odoo 19 in it
    """
    value = os.environ.get("ODOO_PATH")
    if value is None and NAMED.exists():
        value = NAMED.read_text()
    if not value:
        return None
    path = Path(value).expanduser().resolve()
    release = path / "odoo" / "release.py"
    if not release.exists():
        raise Problem(
            f"ODOO_PATH={value}: no odoo/release.py in there. Name the folder that "
            "holds the package `odoo`: a checkout of Odoo's repository, or a "
            "site-packages folder."
        )
    if "version_info = (19, 0," not in release.read_text():
        raise Problem(
            f"ODOO_PATH={value} is not Odoo 19.0 (see {release}); this addon needs "
            "that version."
        )
    return path


def folder():
    """Give the folder to import ``odoo`` from."""
    return named() or UNPACKED


def version():
    """Identify the Odoo: databases are kept while the version is the same."""
    path = named()
    if not path:
        return (paths.ODOO / "version").read_text()
    commit = output(["git", "-C", path, "rev-parse", "HEAD"])
    return f"{path} {commit} {(path / 'odoo' / 'release.py').stat().st_mtime}"


def ensure(quick=False):
    """Unpack Odoo unless it is there. Takes a font from the virtual environment."""
    path = named()
    if path:
        NAMED.write_text(str(path))
        if not quick:
            say(f"Odoo: the one in {path} (ODOO_PATH)")
        return
    NAMED.unlink(missing_ok=True)
    files = [Path(__file__), Path(source_assets.__file__)]
    if stamps.fresh("odoo", stamps.digest(*files)) and UNPACKED.exists():
        return
    stamps.drop("odoo")
    with step("Odoo 19: downloading Debian's packages (130 MB the first time)"):
        packages = _download()
    with step("Odoo 19: unpacking"):
        if paths.ODOO.is_symlink():  # to another checkout's, which stays as it is
            paths.ODOO.unlink()
        shutil.rmtree(paths.ODOO, ignore_errors=True)
        paths.ODOO.mkdir(parents=True)
        for package in packages:
            _unpack(package)
        source_assets.repair(UNPACKED)
        (paths.ODOO / "version").write_text(packages[0].name)
    stamps.write("odoo", stamps.digest(*files))


def _download():
    """Bring the packages into the download cache; give their files.

    apt checks their signatures, and does not fetch again what is there already.
    """
    cache = paths.CACHE / "debian"
    cache.mkdir(parents=True, exist_ok=True)
    environment = apt.private_environment()
    try:
        for action in (["update"], ["download", *PACKAGES]):
            run(
                ["apt-get", "-q", *action],
                what=f"apt-get {action[0]} of Debian's odoo-19",
                hint=(
                    "Check the network, or name another mirror (DEBIAN_MIRROR), or an "
                    "Odoo 19 you "
                    "have (ODOO_PATH); then run `make setup` again."
                ),
                log="apt-odoo",
                env=environment,
                cwd=cache,
            )
    except Problem as problem:
        files = [_newest(cache, name) for name in PACKAGES]
        if None in files:
            raise
        say(f"    {str(problem).splitlines()[0]}\n    going on with what is in {cache}")
        return files
    files = [_newest(cache, name) for name in PACKAGES]
    for old in set(cache.glob("*.deb")) - set(files):
        old.unlink()
    return files


def _newest(cache, name):
    found = sorted(cache.glob(f"{name}_*.deb"), key=lambda file: file.stat().st_ctime)
    return found[-1] if found else None


def _unpack(package):
    """Unpack as ``dpkg -x`` does, without the parts that are left out."""
    leave_out = [f"--exclude={path}" for path in LEFT_OUT]
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE
    ) as archive:
        result = subprocess.run(
            ["tar", "-x", "--no-same-owner", "-C", paths.ODOO, *leave_out],
            stdin=archive.stdout,
            check=False,
        )
    if result.returncode or archive.returncode:
        raise Problem(
            f"{package} could not be unpacked into {paths.ODOO}: is there room on the "
            "disk (about "
            f"1.5 GB)? If it is, delete that file and run `make setup` again."
        )
