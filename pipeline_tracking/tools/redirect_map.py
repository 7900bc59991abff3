"""Write the destinations of tracked URLs as an nginx map, for the time after uninstall.

Format: https://nginx.org/en/docs/http/ngx_http_map_module.html, in a file to include::

    /t/TOKEN "destination";
"""

from dataclasses import replace

from . import address, responses, tracking_token

# In a value of a map, a dollar sign always begins a variable and cannot be escaped. A
# variable of this name contains a dollar sign.
DOLLAR = "${tracked_dollar}"
MAX_LENGTH = 4000  # bytes of a quoted value: nginx's NGX_CONF_BUFFER is 4096

_escapes = str.maketrans({"\\": r"\\", '"': r"\"", "$": DOLLAR})


def quote(url):
    """Quote a destination as a value of an nginx map.

    :param str url: an absolute URL
    :return: the value, or None if it is too long for nginx
    :rtype: str | None
    """
    value = address.to_location_header(url).translate(_escapes)
    return f'"{value}"' if len(value) <= MAX_LENGTH else None


def render_lines(links, keys, databases):
    """Render the lines of the map: one line for each URL that may have been sent.

    :param links: iterable of (`tracking_token.Token` without a database, destination)
    :param dict[int, bytes] keys: key id -> secret of all keys that may have signed
    :param list[str] databases: names that tokens may have, "" for none
    :return: lines; a comment instead if the destination is too long
    :rtype: Iterator[str]
    """
    for token, url in links:
        value = quote(url)
        for database in databases:
            sent_token = replace(token, database=database)
            for key_id, secret in keys.items():
                signed = tracking_token.sign(sent_token, key_id, secret)
                path = responses.PREFIX + signed
                if value is None:
                    yield f"# too long for nginx: {path}\n"
                else:
                    yield f"{path} {value};\n"
