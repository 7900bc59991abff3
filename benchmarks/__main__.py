"""All of them: a table on the terminal, and the figures in results/latest.json."""

import json

from . import ROOT, rewrite, say

RESULTS = ROOT / "benchmarks" / "results" / "latest.json"


def main():
    figures = {"rewrite": rewrite.main()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    say(f"Figures: {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
