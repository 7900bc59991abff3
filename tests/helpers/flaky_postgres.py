"""PostgreSQL behind a network connection that a test can cut."""

import contextlib
import os
import socket
import threading


class FlakyPostgres:
    """A loopback port that forwards to the run's PostgreSQL server while it is on.

    :ivar int port:
    """

    def __init__(self):
        self._target = os.environ["PGHOST"], int(os.environ.get("PGPORT") or 5432)
        self._open = []
        self._listener = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def on(self):
        """Accept connections."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(
            target=self._accept, args=[self._listener], daemon=True
        ).start()

    def off(self):
        """End all connections, and refuse new ones."""
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open = []

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                client, _address = listener.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._copy, args=[source, sink], daemon=True
                    ).start()

    def _copy(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
