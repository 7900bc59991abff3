"""Define the targets: ratios of the figures of a run."""

import operator

from . import say

TIMES, OVER = "≥", "≤"
_COMPARE = {TIMES: operator.ge, OVER: operator.le}


def _ratio(part, name, base):
    return lambda figures: figures[part][name] / figures[part][base]


def _send(kind, name, base):
    return lambda figures: figures["send"][kind][name] / figures["send"][kind][base]


def _mailing(figure):
    return lambda figures: (
        figures["mailing"]["ours"][figure] / figures["mailing"]["odoo"][figure]
    )


def _slowest_against_odoo(figures):
    """Return the worst ratio of the lane's p99 to Odoo's p50."""
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
    ("requests that were not recorded", _lost, OVER, 0),
]


def _truth(name):
    """Return a function that reads a figure of the truth benchmark, in per cent.

    The held-back half counts, if it was run.
    """

    def read(figures):
        halves = figures["truth"]
        [*_first, half] = halves.values()  # the held-back half is the last
        judge = half["addon"]
        return judge.get(name, judge["groups"].get(name))

    return read


TRUTH = [
    ("people kept, %", _truth("people"), TIMES, 99.5),
    ("mail, Office programs kept, %", _truth("mail"), TIMES, 99.5),
    ("hasty people kept, %", _truth("hasty"), TIMES, 90),
    ("machines not counted, %", _truth("machine"), TIMES, 95),
    ("bursts not counted, %", _truth("burst"), TIMES, 100),
    ("harder machines not counted, %", _truth("harder"), TIMES, 80),
    ("badge right, %", _truth("badges"), TIMES, 95),
    ("false news, %", _truth("false_news"), OVER, 3),
]
TARGETS = {
    "serving": SERVING,
    "send": [
        ("campaign: ours / Odoo", _send("campaign", "ours", "odoo"), OVER, 1.05),
        ("campaign: OCA / Odoo", _send("campaign", "oca", "odoo"), None, None),
        (
            "mail queue: tracked / untracked",
            _send("individual", "ours", "untracked"),
            OVER,
            1.1,
        ),
        (
            "posting: tracked / untracked",
            _send("posted", "ours", "untracked"),
            OVER,
            1.1,
        ),
    ],
    "mailing": [
        ("mailing: ours / Odoo", _mailing("seconds"), OVER, 1.05),
        ("mailing's memory: ours / Odoo", _mailing("mebibytes"), OVER, 1.1),
    ],
    "process": [
        (
            "hits per second",
            lambda figures: figures["process"]["hits_per_s"],
            TIMES,
            2000,
        ),
        (
            "hostile hits per second",
            lambda figures: figures["process"]["hostile"]["hits_per_s"],
            TIMES,
            1000,
        ),
        (
            "hostile: longest batch, seconds",
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
        ("contact's form: added ms", lambda f: f["scale"]["chatter_ms"], OVER, 5),
        (
            "contact's form: added queries",
            lambda f: f["scale"]["chatter_queries"],
            OVER,
            3,
        ),
        ("feed: seconds", lambda f: f["scale"]["feed_s"], OVER, 0.5),
        ("feed of everyone: seconds", lambda f: f["scale"]["feed_of_all_s"], OVER, 3),
        ("contacts' filter: seconds", lambda f: f["scale"]["filter_s"], OVER, 0.5),
        ("list of contacts: added ms", lambda f: f["scale"]["list_ms"], OVER, 100),
    ],
    "truth": TRUTH,
}


def show(figures, parts):
    """Print a table of the figures and their targets.

    :param dict figures: of the benchmarks
    :param parts: names of the benchmarks
    """
    say(f"\n{'':<36}{'measured':>12}{'target':>12}")
    for part in parts:
        for label, measure, comparison, target in TARGETS[part]:
            measured = measure(figures)
            line = f"{label:<36}{measured:>12,.2f}"
            if comparison:
                reached = _COMPARE[comparison](measured, target)
                line += f"{comparison + ' ' + format(target, ','):>12}"
                line += "" if reached else "  missed"
            say(line)
