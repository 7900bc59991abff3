"""Which errors mean that a transaction is to be done again.

Every other error, of the database or not, is the fault of the processed record.
"""

import psycopg2

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


def is_connection_lost(error):
    """Tell whether no statement can be executed any more.

    :param Exception error: of psycopg2 or not
    :rtype: bool
    """
    # What the server says of a statement (a timeout, a full disk) is of a subclass.
    return (
        isinstance(error, psycopg2.InterfaceError)
        or type(error) is psycopg2.OperationalError
    )


def has_transaction_failed(error):
    """Tell whether Odoo itself does a transaction again after this error, or the
    connection is lost.

    :param Exception error: of psycopg2 or not
    :rtype: bool
    """
    return isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or is_connection_lost(
        error
    )
