"""Add the files that Debian's Odoo lacks because the packages it links into changed.

An Odoo in ODOO_PATH is left untouched.
"""

import os
import shutil
from pathlib import Path

from . import paths
from .console import Problem

# Debian leaves this library out; without the file, every backend page logs an error
EMPTY = ("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js",)


def repair(folder):
    """Add the missing files.

    :param Path folder: the unpacked dist-packages folder
    :raise Problem: when a link in the folder is still broken
    """
    for name in EMPTY:
        file = folder / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    for link in dangling(folder):
        replacement = _replacement(link)
        if replacement:
            link.unlink()
            shutil.copyfile(replacement, link)
    broken = dangling(folder)
    if broken:
        names = "\n    ".join(f"{link} -> {os.readlink(link)}" for link in broken)
        raise Problem(
            "Debian's packages have changed: the unpacked Odoo lacks files that its "
            f"pages load.\n    {names}\n"
            "Add their source to dev/setup/source_assets.py, or name another Odoo 19 "
            "(ODOO_PATH)."
        )


def dangling(folder):
    """List the broken symbolic links below a folder, sorted."""
    return sorted(
        path
        for base, _folders, files in os.walk(folder)
        for path in (Path(base, name) for name in files)
        if path.is_symlink() and not path.exists()
    )


def _replacement(link):
    """Find a file with the link's name; Debian's links confuse woff and woff2."""
    if "fontawesome" in link.parts:
        # Debian has version 7, Odoo needs 4.7: take it from XStatic-Font-Awesome
        fonts = paths.VENV.glob("lib/python*/site-packages/xstatic/pkg/font_awesome")
        return next((file for font in fonts for file in font.rglob(link.name)), None)
    if link.name == "Inconsolata.otf":
        return next((paths.ODOO / "usr/share").rglob("Inconsolata-Regular.otf"), None)
    return None
