"""Classify errors of the database: retry the transaction, or blame the record."""

import psycopg2

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


def is_connection_lost(error):
    """Tell whether no statement can be executed any more.

    :param Exception error: of psycopg2 or not
    :rtype: bool
    """
    # psycopg2 raises subclasses for errors of a statement: a timeout, a full disk.
    return (
        isinstance(error, psycopg2.InterfaceError)
        or type(error) is psycopg2.OperationalError
    )


def has_transaction_failed(error):
    """Tell whether Odoo retries a transaction after this error, or the connection is
    lost.

    :param Exception error: of psycopg2 or not
    :rtype: bool
    """
    return isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or is_connection_lost(
        error
    )
