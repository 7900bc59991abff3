"""What Odoo's own statistics are to say of one copy of a mailing."""

from collections import namedtuple

OPENED = frozenset(("open", "reply"))

# A trace as it is. `status`, `failure_type`: as Odoo has them. `is_sent`: it was handed
# over. `is_open_tracked`, `is_click_tracked`: its open, its click, are of our doing.
# `clicked_at`: the last click, whoever told of it.
State = namedtuple(
    "State",
    "status failure_type is_sent is_open_tracked clicked_at is_click_tracked",
)
# What is to become of it. `opens`, `clicks`: Odoo is to be told so. `values`: what to
# write after that.
Change = namedtuple("Change", "opens clicks values")


def plan_trace_update(state, opened_at, clicked_at):
    """Bring a trace in step with what its recipient did.

    An open that nobody else has told is undone when there was none after all; a reply
    never is.

    :param State state:
    :param datetime | None opened_at: the first open that counts
    :param datetime | None clicked_at: the last click that counts
    :rtype: Change
    """
    values = {}
    opens = clicks = False
    is_told = state.is_open_tracked and state.status != "sent"  # or it was sent again
    if opened_at and is_told:
        # Has it bounced since, it is not told again.
        values["open_datetime"] = opened_at
    elif opened_at and state.status not in OPENED:
        opens = True
        values.update(open_datetime=opened_at, is_open_tracked=True)
    elif state.is_open_tracked:
        values["is_open_tracked"] = False
        if state.status == "open":
            values.update(open_datetime=False, trace_status=_status_unopened(state))
    if clicked_at and (state.is_click_tracked or not state.clicked_at):
        clicks = not state.is_click_tracked
        values.update(links_click_datetime=clicked_at, is_click_tracked=True)
    elif clicked_at and clicked_at > state.clicked_at:  # others told of one before
        clicks = True
        values["links_click_datetime"] = clicked_at
    elif not clicked_at and state.is_click_tracked:
        values.update(links_click_datetime=False, is_click_tracked=False)
    return Change(opens, clicks, values)


def _status_unopened(state):
    """What Odoo made of it before it was open."""
    if state.failure_type:
        return "bounce" if state.failure_type == "mail_bounce" else "error"
    return "sent" if state.is_sent else "outgoing"
