"""Read the values that a hit stores and the headers of proxies from a request."""

from . import networks

FOR, HOST = "X-Forwarded-For", "X-Forwarded-Host"

MAX_TEXT = 512  # stored characters of a header
MAX_ADDRESS = 64  # stored characters of an address; IPv6 with its zone: RFC 4007, 11.2
# Headers with which browsers announce a prefetch.
PURPOSE_HEADERS = ("SEC_PURPOSE", "PURPOSE", "X_PURPOSE", "X_MOZ")


def describe_request(environ):
    """Read the values of a hit from its request.

    :param dict environ: the request's WSGI environ
    :return: ``method``; ``ip``, ``user_agent`` and ``purpose``, each "" if it is not
        known; ``wants_privacy``: whether the request asks not to be tracked
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
    PostgreSQL cannot store.
    """
    return text.replace("\0", "")[:length]


def describe_proxy(environ):
    """Describe the proxies in front of Odoo, as a request shows them.

    :param dict environ: the request's WSGI environ, as a controller gets it
    :return: ``host``: the requested host; ``address``: the address that Odoo sees;
        ``client``: the client's address, or "" if it is unknown; ``headers``: the names
        of proxy headers; ``is_trusted``: whether Odoo applied these headers
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
