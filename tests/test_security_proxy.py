"""What a trusted proxy hands on of who asked can be anything: the hit is recorded."""

import secrets

import pytest

from .doors import configured, odoo_that_sent, open_doors
from .lane import hits


@pytest.fixture(scope="module")
def odoo():
    with odoo_that_sent() as live:
        yield live


@pytest.fixture
def doors(odoo):
    with open_doors(odoo) as opened:
        yield opened


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
def test_an_address_that_is_none(odoo, doors, address):
    with configured(proxy_mode=True):
        given = {"HTTP_X_FORWARDED_HOST": "a.b", "HTTP_X_FORWARDED_FOR": address}
        for path in (odoo.sent.image, odoo.sent.link):
            assert not doors.is_left(path, **given)
    recorded = hits(odoo)
    assert len(recorded) == 2
    for hit in recorded:
        assert len(hit[3]) <= 64
        assert address.startswith(hit[3])
