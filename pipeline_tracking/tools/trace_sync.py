"""Plan how Odoo's mailing trace of one copy follows our actions."""

from collections import namedtuple

OPENED = frozenset(("open", "reply"))

# The present state of a trace. `status`, `failure_type`: as Odoo has them. `is_sent`:
# the email was handed over. `is_open_tracked`, `is_click_tracked`: we recorded its
# open, its click. `clicked_at`: the last click, from any source.
State = namedtuple(
    "State",
    "status failure_type is_sent is_open_tracked clicked_at is_click_tracked",
)
# The update of a trace. `opens`, `clicks`: whether to call Odoo's `set_opened`,
# `set_clicked`. `values`: the values to write after that.
Change = namedtuple("Change", "opens clicks values")


def plan_trace_update(state, opened_at, clicked_at):
    """Plan the update of a trace, so that it agrees with our actions.

    An open that only we recorded is undone if no open counts any more. A reply is never
    undone.

    :param State state:
    :param datetime | None opened_at: the first open that counts
    :param datetime | None clicked_at: the last click that counts
    :rtype: Change
    """
    values = {}
    opens = clicks = False
    # The status "sent" shows that the email was sent again.
    is_open_recorded = state.is_open_tracked and state.status != "sent"
    if opened_at and is_open_recorded:
        # `set_opened` is not called again, also if the email has bounced since.
        values["open_datetime"] = opened_at
    elif opened_at and state.status not in OPENED:
        opens = True
        values.update(open_datetime=opened_at, is_open_tracked=True)
    elif state.is_open_tracked:
        values["is_open_tracked"] = False
        if state.status == "open":
            values.update(
                open_datetime=False, trace_status=_get_status_before_open(state)
            )
    if clicked_at and (state.is_click_tracked or not state.clicked_at):
        clicks = not state.is_click_tracked
        values.update(links_click_datetime=clicked_at, is_click_tracked=True)
    elif clicked_at and clicked_at > state.clicked_at:  # of another source
        clicks = True
        values["links_click_datetime"] = clicked_at
    elif not clicked_at and state.is_click_tracked:
        values.update(links_click_datetime=False, is_click_tracked=False)
    return Change(opens, clicks, values)


def _get_status_before_open(state):
    """Return the status that the trace had before the open."""
    if state.failure_type:
        return "bounce" if state.failure_type == "mail_bounce" else "error"
    return "sent" if state.is_sent else "outgoing"
