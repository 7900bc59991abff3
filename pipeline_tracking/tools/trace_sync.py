"""Plan the update of a copy's mailing trace (Odoo's statistics) from actions."""

from collections import namedtuple

OPENED = frozenset(("open", "reply"))

# The current state of a trace. `status`, `failure_type`: values of Odoo's fields.
# `is_sent`: the email was handed over to the mail server. `is_open_tracked`,
# `is_click_tracked`: tracking has set the open or click. `clicked_at`: the last click
# from any source.
State = namedtuple(
    "State",
    "status failure_type is_sent is_open_tracked clicked_at is_click_tracked",
)
# The update of a trace. `opens`, `clicks`: whether to call Odoo's `set_opened` and
# `set_clicked`. `values`: values to write after these calls.
Change = namedtuple("Change", "opens clicks values")


def plan_trace_update(state, opened_at, clicked_at):
    """Plan the update that makes a trace agree with the actions.

    If no open counts now, an open that only tracking has set is undone. A reply is
    never undone.

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
        # Do not call `set_opened` again: the email may have bounced since the open.
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
    elif clicked_at and clicked_at > state.clicked_at:  # set by another source
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
