"""tools/request_info: the details of a request that are stored."""

from odoo.addons.pipeline_tracking.tools import request_info

PLAIN = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "x.example"}


def describe(**environ):
    return request_info.describe_request({**PLAIN, **environ})


def test_request_without_headers():
    assert describe() == {
        "method": "GET",
        "ip": "192.0.2.7",
        "user_agent": "",
        "purpose": "",
        "wants_privacy": False,
    }


def test_global_privacy_control():
    assert describe(HTTP_SEC_GPC="1")["wants_privacy"] is True
    for text in ("0", "", "true", "11"):
        assert describe(HTTP_SEC_GPC=text)["wants_privacy"] is False
    assert describe(HTTP_DNT="1")["wants_privacy"] is False, (
        "Do Not Track is another signal"
    )


def test_request_with_headers():
    described = describe(
        REQUEST_METHOD="HEAD",
        HTTP_USER_AGENT="Mozilla/5.0 (é)",
        HTTP_SEC_PURPOSE="prefetch;prerender",
        HTTP_PURPOSE="",
        HTTP_X_PURPOSE="preview",
        HTTP_X_MOZ="prefetch",
    )
    assert described["method"] == "HEAD"
    assert described["user_agent"] == "Mozilla/5.0 (é)"
    assert described["purpose"] == "prefetch;prerender preview prefetch"


def test_headers_are_shortened_and_cleaned():
    described = describe(HTTP_USER_AGENT="x" * 100_000, HTTP_PURPOSE="a\0b" * 1000)
    assert described["user_agent"] == "x" * 512
    assert described["purpose"] == ("ab" * 1000)[:512]


def test_address_comes_only_from_a_trusted_proxy():
    assert describe(HTTP_X_FORWARDED_FOR="198.51.100.1")["ip"] == ""
    assert describe(**{"werkzeug.proxy_fix.orig": {}})["ip"] == "192.0.2.7"
