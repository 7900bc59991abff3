"""Find the autonomous system of an IP address, with the database GeoLite2-ASN.

The database is optional. It lies in the folder of the GeoLite2 databases that Odoo
uses. An administrator can add, replace or remove the file while Odoo runs.
"""

import logging
import os
import struct
from collections import namedtuple
from pathlib import Path

from .networks import parse_address

try:
    import maxminddb
except ImportError:  # Odoo runs without this package, too
    maxminddb = None

_logger = logging.getLogger(__name__)

FILE_NAME = "GeoLite2-ASN.mmdb"

# `version`: the file's time, size and inode. `reader`: None if the file is not usable.
_Database = namedtuple("_Database", "version reader")
# path -> the database that this process has opened
_databases = {}
# paths whose last version was not usable, and was logged
_logged_paths = set()

# errors of the reader for damaged data; InvalidDatabaseError is a RuntimeError
_DAMAGES = (
    *(RuntimeError, OSError, EOFError, OverflowError, ValueError, AttributeError),
    *(LookupError, MemoryError, TypeError, struct.error),
)


def get_path(folder):
    """Return the path of the database in a folder, whether the file exists or not.

    :param str | Path folder: the folder of Odoo's setting ``geoip_city_db``
    :rtype: str
    """
    return str(Path(folder) / FILE_NAME)


def find_number(path, ip):
    """Return the number of the autonomous system that has an address.

    The log has one warning if the file is damaged, or is another kind of database, and
    another warning only after the file was usable again.

    :param str path: from `get_path`
    :param str ip: an IPv4 or IPv6 address, or an IPv4 address in IPv6 form
    :return: None if the number is not known, if the text is not an address, or if the
        database or the package maxminddb is missing or not usable
    :rtype: int | None
    """
    address = parse_address(ip)
    database = _get_database(path) if address and maxminddb else None
    if not database or not database.reader:
        return None
    try:
        if address.version == 6 and database.reader.metadata().ip_version == 4:
            return None
        number = (database.reader.get(address) or {}).get("autonomous_system_number")
    except _DAMAGES as error:
        if _databases.get(path) is database:
            _databases[path] = database._replace(reader=None)
        _log_unusable(path, error)
        return None
    return number if isinstance(number, int) else None


def _get_database(path):
    """Return the file as it is now, or None if there is no file."""
    try:
        stat = os.stat(path)
    except OSError:
        _databases.pop(path, None)
        _logged_paths.discard(path)
        return None
    version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    database = _databases.get(path)
    if database is None or database.version != version:
        # Another thread can use the previous reader, so nothing closes it here.
        database = _databases[path] = _Database(version, _open(path))
    return database


def _open(path):
    # A damaged file crashes the process in the reader in C (MODE_MMAP_EXT), and a file
    # that becomes shorter does so in each reader with a memory map.
    try:
        reader = maxminddb.open_database(path, maxminddb.MODE_FILE)
        kind = reader.metadata().database_type
        if "ASN" not in kind:
            raise ValueError(f"the database is {kind}, not GeoLite2-ASN")
    except _DAMAGES as error:
        _log_unusable(path, error)
        return None
    _logged_paths.discard(path)
    return reader


def _log_unusable(path, error):
    if path not in _logged_paths:
        _logged_paths.add(path)
        _logger.warning("%s cannot be used: %s", path, error)
