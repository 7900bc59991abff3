"""Read a request: the values that a hit stores, and the headers of proxies."""

from . import networks

FOR, HOST = "X-Forwarded-For", "X-Forwarded-Host"

MAX_TEXT = 512  # characters stored of a header
MAX_ADDRESS = 64  # characters stored of an address; IPv6 with its zone: RFC 4007, 11.2
# Headers in which browsers say that they fetch ahead of their user.
PURPOSE_HEADERS = ("SEC_PURPOSE", "PURPOSE", "X_PURPOSE", "X_MOZ")


def describe_request(environ):
    """Return the values of a hit that the request itself has.

    :param dict environ: WSGI's environ of the request
    :return: ``method``, ``ip`` (or "" if it is not known), ``user_agent`` and
        ``purpose`` (or ""); ``wants_privacy``: whether it asks not to be tracked
    :rtype: dict[str, str | bool]
    """
    purposes = [environ.get(f"HTTP_{header}") for header in PURPOSE_HEADERS]
    return {
        "method": environ["REQUEST_METHOD"],
        "ip": _clip(networks.get_client_address(environ), MAX_ADDRESS),
        "user_agent": _clip(environ.get("HTTP_USER_AGENT", "")),
        "purpose": _clip(" ".join(filter(None, purposes))),
        # Global Privacy Control, W3C: section 3.1.
        "wants_privacy": environ.get("HTTP_SEC_GPC") == "1",
    }


def _clip(text, length=MAX_TEXT):
    """Shorten a header, which can have any length, and remove NUL characters, which
    PostgreSQL's text cannot have.
    """
    return text.replace("\0", "")[:length]


def describe_proxy(environ):
    """Return what a request shows of the proxies in front of this Odoo.

    :param dict environ: WSGI's environ of the request, as a controller has it
    :return: ``host`` that was requested; ``address`` that it came from, as Odoo sees
        it; ``client``: the same, or "" if that cannot be the client's; ``headers`` of
        proxies that it has; ``is_trusted``: whether they were applied
    :rtype: dict
    """
    return {
        "host": environ.get("HTTP_HOST") or "",
        "address": environ.get("REMOTE_ADDR") or "",
        "client": networks.get_client_address(environ),
        "headers": [
            header.removeprefix("HTTP_").replace("_", "-").title()
            for header in networks.PROXY_HEADERS
            if environ.get(header)
        ],
        "is_trusted": networks.PROXY_APPLIED in environ,
    }
