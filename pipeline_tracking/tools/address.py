"""Recognize public URLs, encode URLs for a header, and build the URLs of files."""

import ipaddress
import re
from contextlib import suppress
from urllib.parse import quote, urlsplit

_not_visible_ascii = re.compile(r"[^!-~]")
# RFC 1123, section 2.1, and RFC 1035, section 2.3.4; with an optional port.
_host_name = re.compile(
    r"(?=[^:]{1,253}(?::|\Z))(?!-)[a-z0-9-]{1,63}(?<!-)"
    r"(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))+(?::[0-9]{1,5})?"
)
_host = re.compile(r"[^:/?#]+://(?:[^/?#]*@)?([^/?#:@]+)")

_file_path = re.compile(
    r"/web/content/(?P<id>[0-9]{1,18})"
    r"\?access_token=(?P<token>[0-9a-zA-Z-]+)&download=true"
)

# Top-level domains that never resolve on the public internet.
_PRIVATE_TLDS = frozenset(
    (
        "localhost",  # RFC 6761
        "test",  # RFC 6761
        "invalid",  # RFC 6761
        "example",  # RFC 6761
        "local",  # RFC 6762: multicast DNS
        "internal",  # reserved by ICANN for private use, resolution 2024.07.29.06
        "lan",  # common in home and office routers, RFC 6762 appendix G
        "home",  # RFC 6762 appendix G
        "corp",  # RFC 6762 appendix G
        "intranet",  # RFC 6762 appendix G
        "private",  # RFC 6762 appendix G
        "arpa",  # RFC 8375: home.arpa
    )
)


def is_public_url(url):
    """Return whether the host of a URL could be on the public internet.

    The function does not resolve names: a public name of a private network counts as
    public.

    :param str url: an absolute URL
    :rtype: bool
    """
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:  # a name
        name, _dot, tld = host.rpartition(".")
        return bool(name) and tld not in _PRIVATE_TLDS


def is_public_address(ip):
    """Return whether a text is an IP address on the public internet.

    :param str ip: anything
    :rtype: bool
    """
    try:
        return ipaddress.ip_address(ip).is_global
    except ValueError:
        return False


def get_host(url):
    """Return the host of a URL, including a port.

    :param str url: anything
    :return: the host, or ""
    :rtype: str
    """
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def is_host_name(text):
    """Return whether a text is a host name with a dot, in lowercase ASCII, with an
    optional port.

    :param str text:
    :rtype: bool
    """
    return bool(_host_name.fullmatch(text))


def to_location_header(url):
    """Encode a URL as the value of a Location header (RFC 9110, section 10.2.2).

    A URL of visible ASCII characters is not changed. Other characters are encoded as
    browsers encode them in links: punycode in the host, percent-encoded UTF-8
    elsewhere.

    :param str url: an absolute URL
    :rtype: str
    """
    host = _host.match(url)
    if host and not host[1].isascii():
        # Punycode cannot encode every host. The browser shows an error for the others.
        with suppress(UnicodeError):
            ascii_host = host[1].encode("idna").decode("ascii")
            url = url[: host.start(1)] + ascii_host + url[host.end(1) :]
    return _not_visible_ascii.sub(
        lambda match: quote(match[0], safe="", errors="replace"), url
    )


def build_file_url(own_url, attachment_id, access_token):
    """Build the URL of a file in Odoo that works without a login.

    :param str own_url: base URL of this Odoo, without a slash at the end
    :param int attachment_id:
    :param str access_token: access token of the attachment
    :rtype: str
    """
    return (
        f"{own_url}/web/content/{attachment_id}"
        f"?access_token={access_token}&download=true"
    )


def parse_file_url(url, own_urls):
    """Parse a URL that `build_file_url` built.

    :param str url: anything
    :param tuple[str] own_urls: base URLs of this Odoo
    :return: the attachment's id and access token; None for any other URL
    :rtype: tuple[int, str] | None
    """
    for own_url in own_urls:
        match = url.startswith(own_url) and _file_path.fullmatch(url, len(own_url))
        if match:
            return int(match["id"]), match["token"]
    return None
