"""Commit changes in a separate transaction, and choose which database errors to retry.

The transaction that sends an email can still roll back after the email has left. The
recipient can also click before that transaction ends. Therefore trackable emails and
links are committed in a separate transaction, before the email is sent.
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

    The environment is the superuser's. It has no context, because a default_… key in
    the caller's context is meant for another model.

    :param odoo.api.Environment env: the caller's environment, whose transaction goes on
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
        # itself without end.
        cr.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        yield env(cr=cr, **values)


def commit_or_log(env, change, complaint, *arguments):
    """Commit a change in a `committed_env`. Log a database error instead of raising it:
    the emails have left, and the caller must go on.

    :param change: a function that makes the change in the environment it is called with
    :param str complaint: the message to log on a database error
    :param arguments: the arguments of the message
    """
    try:
        with committed_env(env) as side_env:
            change(side_env)
    except psycopg2.Error:
        _logger.exception(complaint, *arguments)


def is_connection_lost(error):
    """Return whether an error means that the database connection is lost.

    :param Exception error: any exception
    :rtype: bool
    """
    # psycopg2 raises subclasses of OperationalError if only a statement failed, for
    # example after a timeout or on a full disk.
    return (
        isinstance(error, psycopg2.InterfaceError)
        or type(error) is psycopg2.OperationalError
    )


def has_transaction_failed(error):
    """Return whether an error ends the transaction: Odoo retries the transaction after
    it, or the connection is lost.

    :param Exception error: any exception
    :rtype: bool
    """
    return isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or is_connection_lost(
        error
    )
