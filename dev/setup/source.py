"""Unpack Odoo 19 from Debian's packages, or use the Odoo that ODOO_PATH names."""

import os
import shutil
import subprocess
from pathlib import Path

from . import apt, paths, source_assets, stamps
from .console import Problem, output, run, say, step

# odoo-19 holds the Community edition; its assets are links into the other packages
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
# Odoo would load modules from there; doc and setup would be importable packages
LEFT_OUT = (
    "./usr/share/doc",
    "./usr/lib/python3/dist-packages/addons",
    "./usr/lib/python3/dist-packages/doc",
    "./usr/lib/python3/dist-packages/setup",
)
# ODOO_PATH of the last set-up, so that later commands need no ODOO_PATH
NAMED = paths.GROUND / "odoo.path"
UNPACKED = paths.ODOO / "usr/lib/python3/dist-packages"


def named():
    """Return the folder in ODOO_PATH, or in ODOO_PATH of the last set-up, or None.

    :raise Problem: when the folder holds no Odoo 19
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
            f"ODOO_PATH={value} holds no odoo/release.py. Name the folder that holds "
            "the package `odoo`: a checkout of Odoo's repository, or a site-packages "
            "folder."
        )
    if "version_info = (19, 0," not in release.read_text():
        raise Problem(
            f"ODOO_PATH={value} is not Odoo 19.0, which this addon needs (see "
            f"{release}). Name another folder, or set ODOO_PATH= to download Odoo 19."
        )
    return path


def folder():
    """Return the folder to import ``odoo`` from."""
    return named() or UNPACKED


def version():
    """Identify the version of Odoo. Another version makes all databases anew."""
    path = named()
    if not path:
        return (paths.ODOO / "version").read_text()
    commit = output(["git", "-C", path, "rev-parse", "HEAD"])
    return f"{path} {commit} {(path / 'odoo' / 'release.py').stat().st_mtime}"


def ensure(quick=False):
    """Unpack Odoo if it is missing. One font comes from the virtual environment."""
    path = named()
    if path:
        NAMED.write_text(str(path))
        if not quick:
            say(f"Using the Odoo in {path} (ODOO_PATH).")
        return
    NAMED.unlink(missing_ok=True)
    required = stamps.digest(Path(__file__), Path(source_assets.__file__))
    if stamps.fresh("odoo", required) and UNPACKED.exists():
        return
    stamps.drop("odoo")
    with step("Downloading Odoo 19 from Debian (130 MB the first time)"):
        packages = _download()
    with step("Unpacking Odoo 19"):
        if paths.ODOO.is_symlink():  # leads to another checkout's Odoo, left untouched
            paths.ODOO.unlink()
        shutil.rmtree(paths.ODOO, ignore_errors=True)
        paths.ODOO.mkdir(parents=True)
        for package in packages:
            _unpack(package)
        source_assets.repair(UNPACKED)
        (paths.ODOO / "version").write_text(packages[0].name)
    stamps.write("odoo", required)


def _download():
    """Download the packages into the cache; return their files.

    apt checks their signatures, and skips packages that the cache holds already.
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
                    "Check the network, or name another mirror (DEBIAN_MIRROR) or an "
                    "Odoo 19 on this machine (ODOO_PATH). Then run `make setup` again."
                ),
                log="apt-odoo",
                env=environment,
                cwd=cache,
            )
    except Problem as problem:
        files = [_newest(cache, name) for name in PACKAGES]
        if None in files:
            raise
        say(
            f"    {str(problem).splitlines()[0]}\n"
            f"    Using the packages downloaded earlier, in {cache}."
        )
        return files
    files = [_newest(cache, name) for name in PACKAGES]
    for old in set(cache.glob("*.deb")) - set(files):
        old.unlink()
    return files


def _newest(cache, name):
    files = sorted(cache.glob(f"{name}_*.deb"), key=lambda file: file.stat().st_ctime)
    return files[-1] if files else None


def _unpack(package):
    """Unpack as ``dpkg -x`` does, without the folders in ``LEFT_OUT``."""
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
            f"{package} could not be unpacked into {paths.ODOO}. Check that 1.5 GB of "
            "disk space are free. If they are, the package may be damaged: delete the "
            "file, then run `make setup` again."
        )
