"""Build the addon as a wheel with OCA's layout, so that it needs no addons path.

The wheel holds all files of the addon's folder. The version comes from the manifest,
the dependencies from requirements.txt.
"""

import ast
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).resolve().parent
ADDON = ROOT / "pipeline_tracking"
PACKAGE = "odoo.addons.pipeline_tracking"


def packages():
    """Return the folder of each Python package of the addon, by the package's name."""
    folders = [ADDON, *(path.parent for path in ADDON.rglob("*/__init__.py"))]
    return {
        ".".join((PACKAGE, *folder.relative_to(ADDON).parts)): folder
        for folder in sorted(set(folders))
    }


def data_files(folders):
    """List the other files of the addon (views, static, migrations, …)."""
    return [
        str(file.relative_to(ADDON))
        for file in sorted(ADDON.rglob("*"))
        if file.is_file()
        and "__pycache__" not in file.parts
        and not (file.suffix == ".py" and file.parent in folders)
    ]


def requirements():
    """List the requirements in requirements.txt, without comments."""
    lines = (
        line.strip() for line in (ROOT / "requirements.txt").read_text().splitlines()
    )
    return [line for line in lines if line and not line.startswith("#")]


manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text())
folders = packages()
readme = ROOT / "README.md"
setup(
    name="odoo-addon-pipeline_tracking",
    version=manifest["version"],
    description=manifest["summary"],
    long_description=readme.read_text() if readme.exists() else "",
    long_description_content_type="text/markdown",
    author=manifest["author"],
    url=manifest.get("website"),
    license="LGPL-3.0-only",
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
    python_requires=">=3.10",
    install_requires=requirements(),
    packages=list(folders),
    package_dir={
        name: str(folder.relative_to(ROOT)) for name, folder in folders.items()
    },
    package_data={PACKAGE: data_files(set(folders.values()))},
    zip_safe=False,
)
