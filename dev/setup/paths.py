"""Define the files and folders. Only the download cache is outside of ``.dev/``."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "dev" / "setup"
ADDON = "pipeline_tracking"

GROUND = ROOT / ".dev"
VENV = GROUND / "venv"
PYTHON = VENV / "bin" / "python"
ODOO_COMMAND = VENV / "bin" / "odoo"
ODOO = GROUND / "odoo"  # the unpacked Debian packages
APT = GROUND / "apt"
POSTGRES = GROUND / "postgres"
# Odoo's filestore and sessions; each process of a test run has another folder
DATA_DIR = Path(os.environ.get("PT_DATA_DIR") or GROUND / "data")
CONFIG = GROUND / "odoo.conf"
LOGS = GROUND / "logs"

CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    / "pipeline_tracking"
)
