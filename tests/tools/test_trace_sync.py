"""Test `tools/trace_sync`, the state of Odoo's mailing trace for one copy."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import trace_sync

NOW = datetime(2026, 3, 1, 12)
STATUSES = ["outgoing", "sent", "open", "reply", "bounce", "error"]
dates = st.none() | st.integers(0, 5).map(lambda minutes: NOW + timedelta(0, minutes))


@st.composite
def states(draw):
    clicked_at = draw(dates)
    status = draw(st.sampled_from(STATUSES))
    return trace_sync.State(
        status=status,
        failure_type={"bounce": "mail_bounce", "error": "mail_smtp"}.get(status, False),
        is_sent=draw(st.booleans()),
        is_open_tracked=draw(st.booleans()),
        clicked_at=clicked_at,
        is_click_tracked=bool(clicked_at) and draw(st.booleans()),
    )


def state(status="sent", **values):
    return trace_sync.State(
        **{
            "status": status,
            "failure_type": False,
            "is_sent": True,
            "is_open_tracked": False,
            "clicked_at": None,
            "is_click_tracked": False,
            **values,
        }
    )


def apply(before, change):
    """Return the trace after Odoo's methods and a write have applied a change."""
    status = "open" if change.opens else before.status
    clicked_at = NOW if change.clicks else before.clicked_at
    return before._replace(
        status=change.values.get("trace_status", status),
        is_open_tracked=change.values.get("is_open_tracked", before.is_open_tracked),
        clicked_at=change.values.get("links_click_datetime", clicked_at) or None,
        is_click_tracked=change.values.get("is_click_tracked", before.is_click_tracked),
    )


@given(states(), dates, dates)
def test_a_second_update_changes_nothing(before, opened_at, clicked_at):
    after = apply(before, trace_sync.plan_trace_update(before, opened_at, clicked_at))
    again = trace_sync.plan_trace_update(after, opened_at, clicked_at)
    assert not again.opens and not again.clicks
    assert apply(after, again) == after


@given(states(), dates, dates)
def test_a_reply_stays_a_reply(before, opened_at, clicked_at):
    before = before._replace(status="reply")
    change = trace_sync.plan_trace_update(before, opened_at, clicked_at)
    assert not change.opens
    assert apply(before, change).status == "reply"


@given(st.sampled_from(["sent", "bounce", "error"]), dates.filter(bool), dates)
def test_undoing_an_open_restores_the_trace(status, opened_at, clicked_at):
    failure_type = {"bounce": "mail_bounce", "error": "mail_smtp"}.get(status, False)
    before = state(status, failure_type=failure_type)
    opened = apply(before, trace_sync.plan_trace_update(before, opened_at, clicked_at))
    assert opened.status == "open"
    assert opened.clicked_at == clicked_at
    assert apply(opened, trace_sync.plan_trace_update(opened, None, None)) == before


def test_opens_and_clicks_of_other_sources_stay():
    opened = state("open", clicked_at=NOW)
    change = trace_sync.plan_trace_update(opened, None, None)
    assert apply(opened, change) == opened
    later = NOW + timedelta(1)
    change = trace_sync.plan_trace_update(opened, NOW, later)
    assert change.clicks and not change.opens
    assert not apply(opened, change).is_click_tracked


def test_a_bounce_after_an_open_stays():
    bounced = state("bounce", failure_type="mail_bounce", is_open_tracked=True)
    change = trace_sync.plan_trace_update(bounced, NOW, None)
    assert not change.opens
    assert apply(bounced, change).status == "bounce"


def test_an_unsent_trace_is_outgoing_again():
    opened = state("open", is_sent=False, is_open_tracked=True)
    assert (
        trace_sync.plan_trace_update(opened, None, None).values["trace_status"]
        == "outgoing"
    )
