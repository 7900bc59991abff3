"""Fixtures for tests that send requests to a real server."""

import pytest


@pytest.fixture(scope="module")
def odoo():
    """Yield a server that has sent two tracked emails."""
    # Odoo is not loaded yet when pytest reads this file.
    from ..helpers.lane_requests import Sent
    from ..helpers.odoo_server import live_odoo

    with live_odoo() as live:
        live.sent = Sent(live)
        live.other = Sent(live)
        yield live
