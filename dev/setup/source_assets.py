"""Add the files that Debian's unpacked Odoo lacks: the packages it links into changed.

An Odoo that ODOO_PATH names stays as it is.
"""

import os
import shutil
from pathlib import Path

from . import paths
from .console import Problem

# a library that Debian leaves out; every page of the backend logs an error without the
# file
EMPTY = ("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js",)


def repair(folder):
    """Add the missing files.

    :param Path folder: the unpacked dist-packages folder
    :raise Problem: when a link in it still leads nowhere
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
    left = dangling(folder)
    if left:
        names = "\n    ".join(f"{link} -> {os.readlink(link)}" for link in left)
        raise Problem(
            "Debian's packages have changed: these files of the unpacked Odoo are "
            "missing, and pages "
            f"would lack them.\n    {names}\n"
            "Teach dev/setup/source_assets.py where to take them from, or name another "
            "Odoo 19 "
            "(ODOO_PATH)."
        )


def dangling(folder):
    """List the symbolic links below a folder that lead nowhere, sorted."""
    return sorted(
        path
        for base, _folders, files in os.walk(folder)
        for path in (Path(base, name) for name in files)
        if path.is_symlink() and not path.exists()
    )


def _replacement(link):
    """Find a file that fits the link's name (Debian's links swap woff and woff2)."""
    if "fontawesome" in link.parts:
        # Debian has version 7 by now, Odoo needs 4.7: XStatic-Font-Awesome of
        # dev/setup/requirements.txt
        fonts = paths.VENV.glob("lib/python*/site-packages/xstatic/pkg/font_awesome")
        return next((file for font in fonts for file in font.rglob(link.name)), None)
    if link.name == "Inconsolata.otf":
        return next((paths.ODOO / "usr/share").rglob("Inconsolata-Regular.otf"), None)
    return None
