"""Commit changes in a separate transaction, and choose which database errors to retry.

A customer can click before the transaction that sent the email has ended, and that
transaction can still roll back after the email has left.
"""

import logging
from contextlib import contextmanager

import psycopg2

from odoo import SUPERUSER_ID, modules
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

LOCK_TIMEOUT = "2s"


@contextmanager
def committed_env(env):
    """Yield an environment whose changes are committed at the end of the block.

    It is the superuser's, and has no context: a default_… key in the caller's context
    is meant for another model.

    :param odoo.api.Environment env: of the caller's transaction, which goes on
    :rtype: odoo.api.Environment
    :raise psycopg2.Error: the changes cannot be committed, or a row stays locked
    """
    values = {"user": SUPERUSER_ID, "context": {}, "su": True}
    if modules.module.current_test:
        # As in mail.mail's send_after_commit: tests do not commit.
        yield env(**values)
        return
    with env.registry.cursor() as cr:
        # This thread may have locked the row on its other cursor, and would wait for
        # itself for ever.
        cr.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        yield env(cr=cr, **values)


def commit_or_log(env, change, complaint, *arguments):
    """Commit a change in a `committed_env`, and log a database error instead of raising
    it: the emails have left, and the caller must go on.

    :param change: called with the environment to make the change in
    :param str complaint: the message to log on a database error
    :param arguments: of that message
    """
    try:
        with committed_env(env) as side_env:
            change(side_env)
    except psycopg2.Error:
        _logger.exception(complaint, *arguments)


def is_connection_lost(error):
    """Return whether no statement can be executed any more.

    :param Exception error: of psycopg2 or not
    :rtype: bool
    """
    # psycopg2 raises subclasses for errors of a statement: a timeout, a full disk.
    return (
        isinstance(error, psycopg2.InterfaceError)
        or type(error) is psycopg2.OperationalError
    )


def has_transaction_failed(error):
    """Return whether Odoo retries a transaction after this error, or the connection is
    lost.

    :param Exception error: of psycopg2 or not
    :rtype: bool
    """
    return isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or is_connection_lost(
        error
    )
