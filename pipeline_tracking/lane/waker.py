"""The job that processes hits, woken for all hits of a moment at once."""

import logging
import threading

from odoo import sql_db

from .. import waking

_logger = logging.getLogger(__name__)

SECONDS = 0.25  # after the first hit of that moment


class Waker:
    """Wakes the job of a database soon after it was asked to, once for however many ask
    meanwhile. In a thread of its own, for no request to wait.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._asked = set()

    def ask(self, database):
        """
        :param str database: in which a hit was committed
        """
        with self._lock:
            if database in self._asked:
                return
            self._asked.add(database)
        # No daemon: a worker that has served its share of requests waits for it.
        threading.Timer(SECONDS, self._wake, [database]).start()

    def _wake(self, database):
        with self._lock:
            # Who asks from now on may have come too late for this time.
            self._asked.discard(database)
        try:
            waking.wake(sql_db.db_connect(database).cursor)
        except Exception:
            # Nobody is waiting for it. The hits are safe.
            _logger.exception("The job that processes hits could not be woken")
