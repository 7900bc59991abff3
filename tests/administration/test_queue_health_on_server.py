"""If a server does not process hits, the log, the web client and the self-test warn."""

import pytest

from odoo.addons.pipeline_tracking.cron_wakeup import WARNING_SECONDS

from ..helpers.lane_requests import LANE, NO_CRON, Sent
from ..helpers.odoo_server import live_odoo, wait_until
from ..helpers.web_client_browser import logged_in

LATE = "have waited for 11 minutes"
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def odoo():
    with live_odoo() as live:
        live.sent = Sent(live)
        yield live


@pytest.mark.parametrize("lane", [[], [LANE]], ids=["controllers", "lane"])
def test_the_log_has_one_warning(odoo, lane, tmp_path):
    """The log warns once about late hits, and never about recent hits."""
    assert WARNING_SECONDS == 600
    for late, count in ((True, 1), (False, 0)):
        file = tmp_path / f"{count}.log"
        odoo.query("DELETE FROM trackable_hit RETURNING 1")
        with odoo.server(NO_CRON, f"--logfile={file}", *lane):
            if late:
                insert_late(odoo)
            for _time in range(4):
                before = triggers(odoo)
                assert odoo.get(odoo.sent.image).status_code == 200
                wait_until(lambda before=before: triggers(odoo) > before, 10)
                odoo.query("DELETE FROM ir_cron_trigger RETURNING 1")
        warnings = [line for line in file.read_text().splitlines() if LATE in line]
        assert len(warnings) == count
        assert all("max_cron_threads" in line for line in warnings)


def insert_late(odoo):
    odoo.query(
        "INSERT INTO trackable_hit (trackable_email_id, occurred_at, method)"
        " SELECT id, now() AT TIME ZONE 'UTC' - interval '11 min', 'GET'"
        " FROM trackable_email RETURNING 1"
    )


def triggers(odoo):
    [(count,)] = odoo.query("SELECT count(*) FROM ir_cron_trigger")
    return count


def test_an_administrator_gets_a_warning_in_the_web_client(odoo, browser):
    odoo.query("DELETE FROM trackable_hit RETURNING 1")
    with odoo.server(NO_CRON):
        notice = ".o_pipeline_tracking_notice"
        with logged_in(browser, odoo, "/odoo/contacts/1") as page:
            assert page.locator(notice).count() == 0
            insert_late(odoo)
            page.reload()
            notification = page.locator(notice, has_text=LATE)
            notification.wait_for()
            notification.get_by_role("button", name="Open Queue").click()
            page.locator(".o_breadcrumb", has_text="Queue").wait_for()
            row = page.locator(".o_data_row")
            row.get_by_text("11 minutes").wait_for()
            assert row.count() == 1
            assert row.get_by_role("button", name="Try Again").count() == 0
            notification.wait_for(state="detached")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_the_settings_page_runs_the_self_test(odoo, browser, options):
    odoo.query("DELETE FROM trackable_hit RETURNING 1")
    insert_late(odoo)
    with (
        odoo.server(NO_CRON),
        logged_in(browser, odoo, "/odoo/contacts/1", **options) as page,
    ):
        page.goto(f"{odoo.url}/odoo/settings#pipeline_tracking")
        page.locator(".o_pipeline_tracking_notice").get_by_label("Close").click()
        page.locator(".o_settings_container .alert", has_text=LATE).wait_for()
        page.get_by_role("button", name="Check Tracking").click()
        dialog = page.locator(".modal-content", has_text="Check Again")
        backlog = dialog.locator(
            ".o_kanban_record", has_text="are not processed in time"
        )
        backlog.wait_for(timeout=60_000)
        first = dialog.locator(".o_kanban_record").first
        assert first.locator(".text-danger").count() == 1
        width = dialog.bounding_box()["width"]
        assert first.bounding_box()["width"] > 0.8 * width, "findings are in one column"
        dialog.get_by_role("button", name="Check Again").click()
        backlog.wait_for(timeout=60_000)
        assert page.locator(".modal-content").count() == 1
        backlog.get_by_role("button", name="Open Queue").click()
        dialog.wait_for(state="detached")
        waiting = page.locator(".o_data_row, .o_kanban_record", has_text="minutes")
        waiting.wait_for()
