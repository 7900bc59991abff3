"""What a request tells of the proxies it came through."""

from . import networks

FOR, HOST = "X-Forwarded-For", "X-Forwarded-Host"


def describe(environ):
    """
    :param dict environ: of a request, WSGI's, as a controller finds it
    :return: ``host`` it was for; the ``address`` it came from, as Odoo sees it;
        ``client``: the same, or "" where that cannot be the client's; ``headers`` of
        proxies that it has; ``is_trusted``: whether they were applied
    :rtype: dict
    """
    return {
        "host": environ.get("HTTP_HOST") or "",
        "address": environ.get("REMOTE_ADDR") or "",
        "client": networks.client_address(environ),
        "headers": [
            header.removeprefix("HTTP_").replace("_", "-").title()
            for header in networks.PROXY_HEADERS
            if environ.get(header)
        ],
        "is_trusted": networks.PROXY_APPLIED in environ,
    }
