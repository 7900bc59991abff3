"""The load on a server, made by wrk."""

import json
import subprocess
from urllib.parse import urlsplit

from . import ROOT

SCRIPT = ROOT / "benchmarks" / "wrk.lua"
CONNECTIONS = 8  # for two workers: each has always something to do


def load(url, paths, seconds, offset=0):
    """As many requests as a server can answer.

    :param str url: of the server
    :param Path paths: a file, with a path on each line
    :param float seconds: for how long
    :param int offset: which path comes first
    :return: ``requests`` answered, ``sent``, ``per_second``, ``p50`` and ``p99`` (ms)
    :rtype: dict
    :raise RuntimeError: where an answer was not 2xx or 3xx, or a connection broke
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
