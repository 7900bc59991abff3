"""An HTTP server in this process, on a free port of the loopback interface."""

import threading
from http.server import ThreadingHTTPServer


class ThreadedServer:
    """Serves from the start.

    :param handler: of requests, as `ThreadingHTTPServer` takes it
    """

    def __init__(self, handler):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
