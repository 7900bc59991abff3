"""Run all benchmarks, or those in the arguments.

The command prints tables, and writes the figures into results/latest.json.
"""

import json
import sys
import tempfile
from pathlib import Path

from . import ROOT, ground, say

RESULTS = ROOT / "benchmarks" / "results" / "latest.json"


def main(names):
    with ground.ground(), tempfile.TemporaryDirectory() as folder:
        # These modules import Odoo, which `ground` installs.
        from . import parts, targets

        names = names or list(parts.ALL)
        figures = {"machine": ground.machine()}
        for name in names:
            say(f"\n== {name}")
            figures |= parts.ALL[name](Path(folder))
        targets.show(figures, names)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    say(f"Figures: {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
