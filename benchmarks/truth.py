"""Measure how often the addon is right about who made a request, with labelled stories.

The environment variables make a run faster:

- ``TRUTH_HALF=development`` or ``held back``: only this half of the stories
- ``TRUTH_SHARE=0.2``: a fifth of the stories
- ``TRUTH_ONCE=no``: do not also process all requests at once

Misjudged stories of the development half are written to
``results/truth_development.json``. Single stories of the held-back half are never
shown: a rule that is tuned with them could no longer be measured with them.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from odoo.addons.pipeline_tracking.tools.crawlers import is_crawler
from odoo.addons.web.models.ir_http import IrHttp

from tests.helpers.odoo_server import live_odoo

from . import ROOT, say, stories, truth_process, truth_score

MISJUDGED = ROOT / "benchmarks" / "results" / "truth_development.json"
ADDON, AT_ONCE = "addon", "addon, at once"
ODOO, CRAWLERDETECT = "Odoo", "crawlerdetect"
NAMES = {
    "people": "people kept",
    "hasty": "hasty people kept",
    "mail": "mail, Office programs kept",
    "machine": "machines not counted",
    "burst": "bursts not counted",
    "harder": "harder machines not counted",
    "internal": "colleagues",
    "undecidable": "(undecidable: unknown)",
    "badges": "badge right",
    "false_news": "false news",
    "passing_news": "false news, also for a while",
    "missed_news": "missed news",
}


def main(folder):
    """Process the stories and print tables.

    :param Path folder: for temporary files
    :rtype: dict
    """
    only, share = os.environ.get("TRUTH_HALF"), float(os.environ.get("TRUTH_SHARE", 1))
    halves = [half for half in stories.HALVES if only in (None, "", half.name)]
    if not halves:
        raise SystemExit(f"TRUTH_HALF={only}: there is no such half")
    told = {half: stories.tell(half, share) for half in halves}
    modes = [True] + [False] * (os.environ.get("TRUTH_ONCE") != "no")

    def run(job):
        half, in_slices = job
        with live_odoo() as live:
            return truth_process.process(
                live, told[half], folder, half.seed, in_slices=in_slices
            )

    jobs = [(half, in_slices) for in_slices in modes for half in halves]
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(jobs, pool.map(run, jobs), strict=True))
    return {
        "truth": {
            half.name: _report(half, told[half], _judges(half, told[half], results))
            for half in halves
        }
    }


def _judges(half, told, results):
    """Return what each judge says about the stories of a half."""
    judges = {}
    for in_slices, name in ((True, ADDON), (False, AT_ONCE)):
        if (half, in_slices) in results:
            result = results[half, in_slices]
            say(f"  {half.name:<12} {name:<15}{result['seconds']:>6.0f} s")
            judges[name] = truth_score.judge_by_actions(told, result)
    judges[ODOO] = truth_score.judge_by_user_agent(told, _is_bot_for_odoo)
    judges[CRAWLERDETECT] = truth_score.judge_by_user_agent(told, is_crawler)
    return judges


def _is_bot_for_odoo(user_agent):
    """Return what `ir.http.is_a_bot` returns for a request with this user agent.

    Odoo asks only for links outside mailings. Here, it is asked for every request.
    """
    return any(bot in user_agent.lower() for bot in IrHttp.bots)


def _report(half, told, judges):
    """Print the figures of a half.

    :return: the figures of each judge
    :rtype: dict
    """
    figures = {
        name: truth_score.score(told, judged, stories.TYPES)
        for name, judged in judges.items()
    }
    emails = sum(len(story.emails) for story in told)
    requests = sum(len(story.requests) for story in told)
    say(f"\n{half.name}: {len(told):,} stories, {emails:,} emails, {requests:,} hits")
    say(f"{'%':<36}" + "".join(f"{name:>16}" for name in figures))
    for key, label in NAMES.items():
        _say_row(label, [figures[name] for name in figures], key)
    say("")
    for kind in stories.types_of(half):
        marks = "/".join(filter(None, (kind.people, kind.machines)))
        rights = [judge["types"].get(kind.name) for judge in figures.values()]
        if rights[0] is not None:
            say(f"{kind.name:<34}{marks:<16}" + "".join(f"{r:>8.1f}" for r in rights))
    if half is stories.DEVELOPMENT:
        _write_misjudged(told, judges[ADDON])
    return figures


def _say_row(label, judges, key):
    cells = []
    for judge in judges:
        value = judge.get(key, judge["groups"].get(key))
        cell = f"{value:.2f}"
        if key in judge["strict"]:
            cell += f" ({judge['strict'][key]:.1f})"
        cells.append(f"{cell:>16}")
    say(f"{label:<36}{''.join(cells)}")


def _write_misjudged(told, judged):
    """Write the development stories in which the addon is wrong."""
    wrong = []
    for story, (said, badges) in zip(told, judged, strict=True):
        requests = [
            {
                **asdict(request),
                "actor": actor,
                "reason": reason,
                "is_right": truth_score.is_right(request.label, actor),
            }
            for request, (actor, reason) in zip(story.requests, said, strict=True)
        ]
        emails = [
            {**asdict(email), "shown": badge}
            for email, (badge, _ever) in zip(story.emails, badges, strict=True)
        ]
        is_wrong = any(request["is_right"] is False for request in requests) or any(
            email["badge"] not in (None, email["shown"]) for email in emails
        )
        if is_wrong and stories.TYPES[story.type].is_decidable:
            wrong.append({"type": story.type, "emails": emails, "requests": requests})
    MISJUDGED.parent.mkdir(exist_ok=True)
    MISJUDGED.write_text(json.dumps(wrong, indent=1) + "\n")
    say(f"\n{len(wrong):,} misjudged stories: {MISJUDGED.relative_to(ROOT)}")
