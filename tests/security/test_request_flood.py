"""In a flood of requests the queue and the actions stay bounded, and no hit of other
emails is lost.
"""

import http.client
import threading
from collections import Counter
from urllib.parse import urlsplit

from odoo.addons.pipeline_tracking.lane.connections import (
    MAX_CONNECTIONS,
    LaneConnection,
)
from odoo.addons.pipeline_tracking.tools.flood import LIMIT
from odoo.addons.pipeline_tracking.tools.hit_append_sql import MAX_WAITING
from odoo.addons.pipeline_tracking.tools.tracking_token import LINK, OPEN, Token

from ..common import BROWSER
from ..helpers.lane_requests import LANE, NO_CRON, hits
from ..helpers.odoo_server import wait_until
from ..helpers.user_agents import OUTLOOK

FLOODER, CUSTOMER = "127.0.0.66", "127.0.0.7"  # two addresses of this machine
REQUESTS = 3000
STATEMENTS = 100_000
THREADS = 4
# Concurrent requests may each append one hit beyond the bound.
BOUND = MAX_WAITING + MAX_CONNECTIONS
PROCESS = "env['trackable.hit']._process(); env.cr.commit()"


def send_requests(url, path, count, address, user_agent):
    """Send requests one after the other, from an address of this machine.

    :return: (status, location) -> number of responses
    :rtype: Counter
    """
    statuses = Counter()
    for _time in range(count):
        connection = http.client.HTTPConnection(
            urlsplit(url).netloc, timeout=30, source_address=(address, 0)
        )
        connection.request("GET", path, headers={"User-Agent": user_agent})
        response = connection.getresponse()
        response.read()
        statuses[response.status, response.headers["Location"]] += 1
        connection.close()
    return statuses


def start_threads(work, count=THREADS):
    """Start work in several threads.

    :return: the threads, and the list to which each adds its result
    """
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(work())) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    return threads, results


def count_hits(odoo, where):
    [(count,)] = odoo.query(f"SELECT count(*) FROM trackable_hit WHERE {where}")
    return count


def test_a_flood_of_requests(odoo):
    # The flooder and all others get the same answers as without a flood.
    link, image = odoo.sent.link, odoo.other.image
    with odoo.server(LANE, NO_CRON):
        url = odoo.url
        threads, answers = start_threads(
            lambda: send_requests(url, link, REQUESTS // THREADS, FLOODER, BROWSER)
        )
        clicks = send_requests(url, link, 40, CUSTOMER, OUTLOOK)
        opens = send_requests(url, image, 40, CUSTOMER, OUTLOOK)
        for thread in threads:
            thread.join()
    assert set().union(*answers) == set(clicks), "the flooder sees the usual answers"
    assert sum(sum(answer.values()) for answer in answers) == REQUESTS
    assert sum(clicks.values()) == sum(opens.values()) == 40
    assert count_hits(odoo, f"ip = '{CUSTOMER}'") == 80
    assert MAX_WAITING <= count_hits(odoo, f"ip = '{FLOODER}'") <= BOUND
    odoo.shell(PROCESS)
    ((flood, customer, waiting),) = odoo.query(
        f"""
        SELECT count(*) FILTER (WHERE user_agent = '{BROWSER}'),
               count(*) FILTER (WHERE user_agent = '{OUTLOOK}'),
               (SELECT count(*) FROM trackable_hit)
          FROM trackable_email_action WHERE reason != 'inferred'
        """
    )
    assert (flood, customer, waiting) == (LIMIT, 80, 0)


def test_a_flood_of_statements(odoo):
    # The lane's statement for each request, without HTTP.
    hits(odoo)
    sent, other = odoo.sent, odoo.other
    clicked = Token(
        LINK, sent.email_id, sent.email_nonce, sent.link_id, sent.link_nonce
    )
    opened = Token(OPEN, other.email_id, other.email_nonce)
    described = {
        "method": "GET",
        "user_agent": BROWSER,
        "purpose": "",
        "wants_privacy": False,
    }
    flooder, customer = ({**described, "ip": ip} for ip in (FLOODER, CUSTOMER))

    def flood():
        connection = LaneConnection(odoo.name)
        appended = 0
        for _time in range(STATEMENTS // THREADS):
            url, is_appended = connection.record_click(clicked, flooder)
            assert url
            appended += is_appended
        connection.close()
        return appended

    threads, appended = start_threads(flood)
    connection = LaneConnection(odoo.name)
    for _time in range(50):
        assert connection.record_click(clicked, customer)[1]
        assert connection.record_open(opened, flooder)
    for thread in threads:
        thread.join()
    connection.close()
    assert len(appended) == THREADS
    assert MAX_WAITING <= sum(appended) <= BOUND
    assert (
        count_hits(odoo, f"trackable_email_id = {sent.email_id}") == sum(appended) + 50
    )
    assert count_hits(odoo, f"ip = '{CUSTOMER}'") == 50
    assert count_hits(odoo, f"trackable_email_id = {other.email_id}") == 50
    hits(odoo)


def test_a_long_queue_is_not_read(odoo):
    # The plan was made while the queue was empty.
    hits(odoo)
    scans = (
        "SELECT seq_scan, seq_tup_read FROM pg_stat_user_tables"
        " WHERE relname = 'trackable_hit'"
    )
    with odoo.transaction() as cursor:
        cursor.connection.rollback()
        cursor.connection.autocommit = True
        cursor.execute("VACUUM ANALYZE trackable_hit")
    connection = LaneConnection(odoo.name)
    opened = Token(OPEN, odoo.sent.email_id, odoo.sent.email_nonce)
    request = {
        "method": "GET",
        "ip": CUSTOMER,
        "user_agent": BROWSER,
        "purpose": "",
        "wants_privacy": False,
    }
    connection.record_open(opened, request)
    odoo.query(
        "INSERT INTO trackable_hit (trackable_email_id, occurred_at, ip)"
        " SELECT 1000000 + n, now(), '192.0.2.1' FROM generate_series(1, 50000) n"
        " RETURNING id"
    )
    before = odoo.query(scans)
    for _time in range(20):
        connection.record_open(opened, request)
    connection.close()  # so that PostgreSQL reports its statistics
    wait_until(
        lambda: (
            not odoo.query(
                "SELECT 1 FROM pg_stat_activity"
                f" WHERE datname = '{odoo.name}' AND query ~ 'pipeline_tracking_open'"
                " AND pid <> pg_backend_pid()"
            )
        ),
        10,
    )
    assert odoo.query(scans) == before
    assert count_hits(odoo, f"ip = '{CUSTOMER}'") == 21
    hits(odoo)


def test_a_flood_while_the_cron_job_runs(odoo):
    # Many small batches store no more actions than a large one.
    hits(odoo)
    before = count_actions(odoo)
    link = odoo.other.link
    with odoo.server(LANE):
        url = odoo.url
        threads, _answers = start_threads(
            lambda: send_requests(url, link, 300, FLOODER, BROWSER)
        )
        for thread in threads:
            thread.join()
        wait_until(lambda: not count_hits(odoo, "TRUE"), 30)
    new_actions = count_actions(odoo) - before
    assert 0 < new_actions <= LIMIT
    [(requests,)] = odoo.query(
        "SELECT sum(hit_count) FROM trackable_email_action"
        f" WHERE trackable_email_id = {odoo.other.email_id} AND kind = 'click'"
    )
    assert requests > new_actions


def count_actions(odoo):
    [(count,)] = odoo.query(
        "SELECT count(*) FROM trackable_email_action"
        f" WHERE trackable_email_id = {odoo.other.email_id} AND kind = 'click'"
    )
    return count
