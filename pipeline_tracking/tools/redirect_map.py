"""Where tracked URLs lead, as a map of nginx's: for when this addon is gone.

Format: https://nginx.org/en/docs/http/ngx_http_map_module.html, in a file to include::

    /t/TOKEN "destination";
"""

from dataclasses import replace

from . import address, responses, tracking_token

# In a map's value a dollar sign begins a variable, whatever precedes it: so a variable
# has one.
DOLLAR = "${tracked_dollar}"
# Of a quoted value, in bytes: nginx reads no longer word (NGX_CONF_BUFFER is 4096).
MAX_LENGTH = 4000

_escapes = str.maketrans({"\\": r"\\", '"': r"\"", "$": DOLLAR})


def quote(url):
    """A destination as a value in nginx's map, which leads to the same.

    :param str url: an absolute URL
    :return: or None, where it is too long for nginx
    :rtype: str | None
    """
    value = address.to_location_header(url).translate(_escapes)
    return f'"{value}"' if len(value) <= MAX_LENGTH else None


def render_lines(links, keys, databases):
    """The lines of the map, one for each URL that may have been sent.

    :param links: iterable of (`tracking_token.Token` without a database, destination)
    :param dict[int, bytes] keys: key id -> secret; any may have signed
    :param list[str] databases: names that tokens may have, "" for none
    :return: iterator of str; of a destination that is too long, comments
    """
    for link, url in links:
        value = quote(url)
        for database in databases:
            named = replace(link, database=database)
            for key_id, secret in keys.items():
                path = responses.PREFIX + tracking_token.sign(named, key_id, secret)
                if value is None:
                    yield f"# too long for nginx: {path}\n"
                else:
                    yield f"{path} {value};\n"
