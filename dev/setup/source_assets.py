"""Files that Debian's unpacked Odoo lacks, as the packages it links into changed.

Never done to an Odoo that ODOO_PATH names.
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
    """Put in place what is missing.

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
            "Teach dev/environment/assets.py where to take them from, or name another "
            "Odoo 19 "
            "(ODOO_PATH)."
        )


def dangling(folder):
    """The symbolic links below a folder that lead nowhere, sorted."""
    return sorted(
        path
        for base, _folders, files in os.walk(folder)
        for path in (Path(base, name) for name in files)
        if path.is_symlink() and not path.exists()
    )


def _replacement(link):
    """A file with what the link's name promises (Debian's swap woff and woff2)."""
    if "fontawesome" in link.parts:
        # Debian has version 7 by now, Odoo needs 4.7: XStatic-Font-Awesome of
        # dev/requirements.txt
        fonts = paths.VENV.glob("lib/python*/site-packages/xstatic/pkg/font_awesome")
        return next((file for font in fonts for file in font.rglob(link.name)), None)
    if link.name == "Inconsolata.otf":
        return next((paths.ODOO / "usr/share").rglob("Inconsolata-Regular.otf"), None)
    return None
