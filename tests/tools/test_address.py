"""tools/address: public URLs, and URLs in a Location header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.address import (
    is_public_url,
    to_location_header,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://odoo.acme.com",
        "http://acme.com:8069/",
        "https://ACME.COM.",
        "https://8.8.8.8",
        "https://[2606:4700:4700::1111]:443",
        "https://localhost.acme.com",
        "https://xn--bcher-kva.example.net",
    ],
)
def test_public(url):
    assert is_public_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8069",
        "http://LOCALHOST",
        "http://odoo",
        "http://odoo.localhost",
        "http://odoo.local",
        "http://odoo.internal",
        "http://odoo.lan",
        "http://box.home.arpa",
        "http://127.0.0.1:8069",
        "http://127.1.2.3",
        "http://0.0.0.0:8069",
        "http://10.0.0.1",
        "http://172.16.5.4",
        "http://192.168.1.1",
        "http://169.254.1.1",
        "http://100.64.0.1",
        "http://[::1]:8069",
        "http://[fe80::1]",
        "http://[fd00::1]",
        "http://[::ffff:10.0.0.1]",
        "ftp://acme.com",
        "//acme.com",
        "acme.com",
        "http://",
        "http://[broken",
        "",
        None,
        False,
    ],
)
def test_not_public(url):
    assert not is_public_url(url)


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)))
def test_visible_ascii_is_unchanged(text):
    assert to_location_header(f"https://x.com/{text}") == f"https://x.com/{text}"


@given(st.text())
def test_any_text_fits_a_header(text):
    value = to_location_header(f"https://{text}")
    assert value.isascii() and value.isprintable() and " " not in value
