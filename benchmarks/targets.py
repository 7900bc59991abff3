"""What is to be reached: ratios of figures from one run."""

import operator

from . import say

TIMES, OVER = "≥", "≤"
_COMPARE = {TIMES: operator.ge, OVER: operator.le}


def _ratio(part, one, other):
    return lambda figures: figures[part][one] / figures[part][other]


def _send(kind, one, other):
    return lambda figures: figures["send"][kind][one] / figures["send"][kind][other]


def _mailing(what):
    return lambda figures: (
        figures["mailing"]["ours"][what] / figures["mailing"]["odoo"][what]
    )


def _slowest_against_odoo(figures):
    """The lane's p99 against Odoo's p50, where that is worst."""
    latencies = figures["latency_ms"].values()
    return max(kind["lane"]["p99"] / kind["odoo"]["p50"] for kind in latencies)


def _lost(figures):
    parts = [figures[part] for part in ("open", "open_dbfilter", *CLICKS)]
    return sum(abs(part["sent"] - part["recorded"]) for part in parts)


CLICKS = ("click", "click_dbfilter")
SERVING = [
    ("open: lane / Odoo", _ratio("open", "lane", "odoo"), TIMES, 4),
    ("open: lane / OCA", _ratio("open", "lane", "oca"), TIMES, 4),
    ("open, filter: lane / Odoo", _ratio("open_dbfilter", "lane", "odoo"), TIMES, 10),
    ("open, filter: lane / OCA", _ratio("open_dbfilter", "lane", "oca"), TIMES, 10),
    ("click: lane / Odoo", _ratio("click", "lane", "odoo"), TIMES, 12),
    ("click, filter: lane / Odoo", _ratio("click_dbfilter", "lane", "odoo"), TIMES, 12),
    ("open: lane / floor", _ratio("open", "lane", "floor"), TIMES, 0.45),
    ("click: lane / floor", _ratio("click", "lane", "floor"), TIMES, 0.45),
    ("open: controller / Odoo", _ratio("open", "controller", "odoo"), TIMES, 1),
    ("click: controller / Odoo", _ratio("click", "controller", "odoo"), TIMES, 1),
    (
        "open, filter: controller / Odoo",
        _ratio("open_dbfilter", "controller", "odoo"),
        TIMES,
        1,
    ),
    (
        "click, filter: controller / Odoo",
        _ratio("click_dbfilter", "controller", "odoo"),
        TIMES,
        1,
    ),
    ("p99 of the lane / p50 of Odoo", _slowest_against_odoo, OVER, 1),
    ("requests sent and not recorded", _lost, OVER, 0),
]
TARGETS = {
    "serving": SERVING,
    "send": [
        ("campaign: ours / Odoo", _send("campaign", "ours", "odoo"), OVER, 1.05),
        ("campaign: OCA / Odoo", _send("campaign", "oca", "odoo"), None, None),
        (
            "by the queue: tracked / not",
            _send("individual", "ours", "untracked"),
            OVER,
            1.1,
        ),
        (
            "from the post: tracked / not",
            _send("posted", "ours", "untracked"),
            OVER,
            1.1,
        ),
    ],
    "mailing": [
        ("mailing: ours / Odoo", _mailing("seconds"), OVER, 1.05),
        ("memory of a mailing: ours / Odoo", _mailing("mebibytes"), OVER, 1.1),
    ],
    "process": [
        (
            "hits a second",
            lambda figures: figures["process"]["hits_per_s"],
            TIMES,
            2000,
        ),
        (
            "hostile hits a second",
            lambda figures: figures["process"]["hostile"]["hits_per_s"],
            TIMES,
            1000,
        ),
        (
            "hostile: seconds of a batch",
            lambda figures: figures["process"]["hostile"]["longest_batch"],
            OVER,
            5,
        ),
        (
            "hostile: another email, seconds",
            lambda figures: figures["process"]["hostile"]["other_seconds"],
            OVER,
            5,
        ),
    ],
    "rewrite": [
        (
            "newsletter: ours / lxml",
            _ratio("rewrite", "ours", "lxml_roundtrip"),
            TIMES,
            1,
        ),
    ],
    "scale": [
        ("processing: full / empty", lambda f: f["scale"]["process_ratio"], TIMES, 0.9),
        ("lane: full / empty", lambda f: f["scale"]["lane_ratio"], TIMES, 0.9),
        ("contact's form: more ms", lambda f: f["scale"]["chatter_ms"], OVER, 5),
        (
            "contact's form: more queries",
            lambda f: f["scale"]["chatter_queries"],
            OVER,
            3,
        ),
    ],
}


def show(figures, parts):
    """A table of what was reached.

    :param dict figures: of these parts
    :param parts: their names
    """
    say(f"\n{'':<36}{'measured':>12}{'to reach':>12}")
    for part in parts:
        for label, measure, comparison, target in TARGETS[part]:
            measured = measure(figures)
            line = f"{label:<36}{measured:>12,.2f}"
            if comparison:
                reached = _COMPARE[comparison](measured, target)
                line += f"{comparison + ' ' + format(target, ','):>12}"
                line += "" if reached else "  not reached"
            say(line)
