"""docs/developers.md names existing files and methods, and the real order of calls."""

import ast
import re
import sys
import threading
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

import odoo.addons.pipeline_tracking as addon
from odoo.addons.pipeline_tracking import cron_wakeup

from .common import BROWSER, TrackingMixin, path_of

ADDON = Path(addon.__path__[0])
PAGE = (
    Path(__file__).parents[1] / "pipeline_tracking" / "docs" / "developers.md"
).read_text()
FILE = re.compile(
    r"`((?:models|controllers|lane|tools|views)/(?!test_)[\w/]+\.(?:py|xml))`"
)
TEST = re.compile(r"`(\w+/test_\w+\.py)`")
ROW = re.compile(r"^\| `([\w/]+\.py)` +\| `(\w+)` +\|", re.MULTILINE)
SENDING = "How an email is sent"
RECEIVING = "How an open is received"


def read_steps(heading):
    """Read the steps of a section: each step's file and method, in order.

    :rtype: list[tuple[str, str]]
    """
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return ROW.findall(section)


def defined_names(path):
    tree = ast.parse((ADDON / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


class Trace:
    """Record the addon's functions in the order of their first calls.

    The trace covers this thread, and threads that start meanwhile.
    """

    def __init__(self):
        self.calls = {}

    def __call__(self, frame, event, _argument):
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ADDON):
            self.calls[str(path.relative_to(ADDON)), frame.f_code.co_name] = None

    def __enter__(self):
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *_error):
        sys.setprofile(None)
        threading.setprofile(None)

    def order(self, steps):
        """Return the called steps in the order of their first calls."""
        return [call for call in self.calls if call in steps]


def test_files_exist():
    names = FILE.findall(PAGE)
    assert len(names) > 20
    assert [name for name in names if not (ADDON / name).is_file()] == []


def test_test_files_exist():
    names = TEST.findall(PAGE)
    assert len(names) > 15
    tests = Path(__file__).parent
    assert [name for name in names if not (tests / name).is_file()] == []


def test_sections_have_few_steps():
    assert 5 <= len(read_steps(SENDING)) <= 7
    assert 5 <= len(read_steps(RECEIVING)) <= 9


def test_methods_exist():
    for path, method in read_steps(SENDING) + read_steps(RECEIVING):
        assert method in defined_names(path), (path, method)


def test_methods_to_extend_exist():
    """Check the tables under "Find the code" and "Extend the addon"."""
    tables = PAGE.partition("## Find the code\n")[2].partition("\nNames that other")[0]
    names = set(re.findall(r"`(_[a-z_]+)`", tables))
    assert len(names) > 10
    defined = set().union(
        *(defined_names(path.relative_to(ADDON)) for path in ADDON.rglob("*.py"))
    )
    assert names - defined == set()


@tagged("post_install", "-at_install")
class TestSteps(TrackingMixin, HttpCase):
    def test_steps_run_in_the_documented_order(self):
        customer = self.env["res.partner"].create(
            {"name": "Carla Customer", "email": "carla@customer.example.com"}
        )
        composer = self.env["mail.compose.message"].create(
            {
                "body": '<p>Our <a href="https://shop.example.net/p">prices</a></p>',
                "is_tracked": True,
                "model": "res.partner",
                "partner_ids": customer.ids,
                "res_ids": str(customer.ids),
                "subject": "Proposal",
            }
        )
        self.env.flush_all()
        steps = read_steps(SENDING)
        with Trace() as trace:
            composer._action_send_mail()
        self.assertEqual(trace.order(steps), steps)

        [delivered] = self.inbox.emails
        self.wait(600)  # nobody opens an email at once
        steps = read_steps(RECEIVING)
        triggered = threading.Event()
        with (
            patch.object(cron_wakeup, "trigger_now", lambda _database: triggered.set()),
            Trace() as trace,
        ):
            self.url_open(
                path_of(delivered.image_urls[0]), headers={"User-Agent": BROWSER}
            )
            # A request does this when it commits, but requests of tests do not commit.
            self.env["trackable.hit"]._request_processing()
            self.env.cr.postcommit.run()
            self.assertTrue(triggered.wait(10))
            self.env["trackable.hit"]._process()
        self.assertEqual(trace.order(steps), steps)
        self.assertEqual(
            self.env["trackable.email"]
            .search([("partner_id", "=", customer.id)])
            .mapped("open_count"),
            [1],
        )
