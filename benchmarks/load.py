"""Put load on a server with wrk."""

import json
import subprocess
from urllib.parse import urlsplit

from . import ROOT

SCRIPT = ROOT / "benchmarks" / "wrk.lua"
CONNECTIONS = 8  # enough to keep two workers busy


def load(url, paths, seconds, offset=0):
    """Send as many requests as a server can answer.

    :param str url: of the server
    :param Path paths: a file with a path on each line
    :param float seconds: the duration
    :param int offset: the index of the first path
    :return: ``requests`` answered, ``sent``, ``per_second``, ``p50`` and ``p99`` (ms)
    :rtype: dict
    :raise RuntimeError: when a response is neither 2xx nor 3xx, or a connection breaks
    """
    command = [
        *("wrk", "--threads=1", f"--connections={CONNECTIONS}"),
        *(f"--duration={seconds}s", "--latency", f"--script={SCRIPT}", url),
        *("--", str(paths), str(offset), urlsplit(url).netloc),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    if result["bad"] or result["broken"] or not result["requests"]:
        raise RuntimeError(f"{url}: {result}")
    result["per_second"] = result["requests"] / result["seconds"]
    return result
