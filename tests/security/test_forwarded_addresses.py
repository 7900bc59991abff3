"""Hits are recorded even if a trusted proxy forwards a malformed client address."""

import secrets

import pytest

from ..helpers.lane_in_process import configured
from ..helpers.lane_requests import hits


@pytest.mark.parametrize(
    "address",
    [
        "2001:db8::1%eth0",
        "unknown",
        "'; DROP TABLE trackable_hit; --",
        "<script>alert(1)</script>",
        "198.51.100.1\0",
        "\xff\xfe",
        secrets.token_hex(5000),  # longer than an entry of an index
    ],
    ids=["zone", "word", "sql", "markup", "NUL", "latin1", "long"],
)
def test_malformed_addresses_are_stored_as_text(odoo, lane_app, address):
    with configured(proxy_mode=True):
        forwarded = {"HTTP_X_FORWARDED_HOST": "a.b", "HTTP_X_FORWARDED_FOR": address}
        for path in (odoo.sent.image, odoo.sent.link):
            assert not lane_app.is_left(path, **forwarded)
    recorded = hits(odoo)
    assert len(recorded) == 2
    for hit in recorded:
        assert len(hit[3]) <= 64
        assert address.startswith(hit[3])
