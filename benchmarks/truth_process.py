"""Process labelled stories with the addon, in a database of the benchmark.

`SCRIPT` runs in Odoo's shell. It uses only columns of the database and `_process`, so
that it measures any version of the rules.
"""

import ipaddress
import json
import random

from .stories.model import IMAGE

HOLD_SECONDS = 15  # the default of the setting "Wait before Counting a Click"
SLICE_SECONDS = 15  # of the stories' time: requests that are processed together
HOUR = 3600

# Insert recipients, emails and links. Then insert and process the requests, slice by
# slice. At last, read the actions and the counters.
SCRIPT = """
import json, time
with open({path!r}) as file:
    data = json.load(file)
company = env["res.company"].browse(1)
company.tracking_hold_seconds = data["hold_seconds"]
partners = env["res.partner"].with_context(
    tracking_disable=True, mail_create_nosubscribe=True
).create([
    {{"name": f"Customer {{number}}", "email": address}}
    for number, address in enumerate(data["addresses"])
])
cr = env.cr
cr.execute("SELECT date_trunc('second', now() AT TIME ZONE 'UTC')")
[now] = cr.fetchone()

def rows(query, values, template=None):
    return cr.execute_values(query, values, template, page_size=1000, fetch=True)

# Each email belongs to a message of its own, so that links are not shared.
messages = rows('''
    INSERT INTO mail_message (model, res_id, subject, body, message_type, date)
    VALUES %s RETURNING id
''', [
    ("res.partner", partners[person].id, f"Offer {{number}}", "Offer", "comment", now)
    for number, (person, ago, links, files) in enumerate(data["emails"])
])
emails = rows('''
    INSERT INTO trackable_email (nonce, recipient_key, mail_message_id, partner_id,
                                 email_to, subject, res_model, res_id, company_id,
                                 user_id, sent_date, link_count)
    VALUES %s RETURNING id
''', [
    (number, f"res.partner,{{partners[person].id}}", message, partners[person].id,
     data["addresses"][person], f"Offer {{number}}", "res.partner",
     partners[person].id, 1, 2, now, ago, links)
    for number, ((message,), (person, ago, links, files))
    in enumerate(zip(messages, data["emails"]))
], "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s - make_interval(secs => %s), %s)")
links = rows('''
    INSERT INTO trackable_link (nonce, mail_message_id, url, label, is_file, user_id)
    VALUES %s RETURNING id
''', [
    (1, message, f"https://shop.example.net/{{link}}", f"link {{link}}",
     link in files, 2)
    for (message,), (person, ago, count, files) in zip(messages, data["emails"])
    for link in range(count)
])
link_ids, position = [], 0
for person, ago, count, files in data["emails"]:
    link_ids.append([link_id for (link_id,) in links[position : position + count]])
    position += count
env.cr.commit()

def insert(requests):
    rows('''
        INSERT INTO trackable_hit (id, trackable_email_id, trackable_link_id,
                                   occurred_at, method, ip, ip_subscriber, user_agent,
                                   purpose, is_part, user_id)
        VALUES %s RETURNING id
    ''', [
        (number, emails[email][0], None if link is None else link_ids[email][link],
         now, ago, method, ip, subscriber, agent, purpose, is_part, user and 2 or None)
        for number, email, link, ago, method, ip, subscriber, agent, purpose, is_part,
            user in requests
    ], "(%s, %s, %s, %s - make_interval(secs => %s), %s, %s, %s, %s, %s, %s, %s)")

def news(touched):
    ids = [emails[email][0] for email in touched]
    cr.execute('''SELECT id, COALESCE(open_count, 0), COALESCE(click_count, 0)
                    FROM trackable_email
                   WHERE id = ANY(%s) AND (open_count > 0 OR click_count > 0)''', [ids])
    return cr.fetchall()

seen = {{}}
start = time.perf_counter()
Hit = env["trackable.hit"]
for requests in data["slices"]:
    insert(requests)
    env.cr.commit()
    Hit._process()
    env.cr.commit()
    env.invalidate_all()
    for email_id, opens, clicks in news({{request[1] for request in requests}}):
        before = seen.get(email_id, (0, 0))
        seen[email_id] = (max(opens, before[0]), max(clicks, before[1]))
seconds = time.perf_counter() - start

cr.execute("SELECT count(*) FROM trackable_hit")
[left] = cr.fetchone()
numbers = {{email_id: number for number, (email_id,) in enumerate(emails)}}
link_numbers = {{
    link_id: number for ids in link_ids for number, link_id in enumerate(ids)
}}
cr.execute('''
    SELECT trackable_email_id, trackable_link_id, actor, reason, hit_count,
           extract(epoch FROM %s - occurred_at)
      FROM trackable_email_action
     WHERE trackable_email_id = ANY(%s) AND reason IS DISTINCT FROM 'inferred'
     ORDER BY occurred_at, id
''', [now, list(numbers)])
actions = [
    (numbers[email_id], link_numbers.get(link_id), actor, reason, count, float(ago))
    for email_id, link_id, actor, reason, count, ago in cr.fetchall()
]
cr.execute('''
    SELECT id, COALESCE(open_count, 0), COALESCE(click_count, 0),
           COALESCE(unknown_open_count, 0)
      FROM trackable_email WHERE id = ANY(%s)
''', [list(numbers)])
counters = {{numbers[row[0]]: row[1:] for row in cr.fetchall()}}
print(json.dumps({{
    "seconds": seconds, "left": left, "actions": actions, "counters": counters,
    "seen": {{numbers[email_id]: counts for email_id, counts in seen.items()}},
}}))
"""


def lay_out(stories, seed, *, in_slices=True):
    """Place the stories in time: all end within the last minutes, most began within the
    last hour.

    :param list[Story] stories: the stories
    :param seed: of the times
    :param bool in_slices: process requests in slices, as time goes by, not all at once
    :return: the data for `SCRIPT`, and ``begins``: how many seconds ago each story
        began
    :rtype: dict
    """
    chooser = random.Random(seed)
    addresses, emails, requests, begins = [], [], [], []
    for number, story in enumerate(stories):
        people, first = {}, len(emails)
        length = max([0, *(request.seconds for request in story.requests)])
        begun = length + 2 * HOLD_SECONDS + 60
        begun += chooser.uniform(0, max(600, HOUR - 300 - length))
        begins.append(begun)
        for email in story.emails:
            if email.recipient not in people:
                people[email.recipient] = len(addresses)
                addresses.append(
                    f"person{email.recipient}@company{email.company}-{number}.example"
                )
            emails.append(
                (
                    people[email.recipient],
                    round(begun - email.sent, 3),
                    email.links,
                    email.files,
                )
            )
        requests += [
            (
                *(first + request.email, _link(request)),
                round(begun - request.seconds, 3),
                *(request.method, request.ip, _subscriber(request.ip)),
                *(request.user_agent, request.purpose),
                *(request.is_part, request.is_user),
            )
            for request in story.requests
        ]
    requests.sort(key=lambda request: -request[2])
    numbered = [(number, *request) for number, request in enumerate(requests, 1)]
    return {
        "hold_seconds": HOLD_SECONDS,
        "addresses": addresses,
        "emails": emails,
        "begins": begins,
        "slices": list(_slices(numbered)) if in_slices else [numbered],
    }


def _link(request):
    return None if request.target == IMAGE else request.target


def _subscriber(ip):
    """Return the network that counts as one client, as Odoo stores it with a request.

    :param str ip: an address
    """
    if ":" not in ip:
        return ip
    return str(ipaddress.ip_network(f"{ip}/64", strict=False))


def _slices(requests):
    """Yield the requests that are processed together, in the order of their arrival.

    As in production, a click is processed after it was held. Requests that are older
    than an hour are few: their slices are longer.
    """

    def due(request):
        held = 0 if request[2] is None else HOLD_SECONDS
        return held - request[3]  # seconds, negative: in the past

    waiting = sorted(requests, key=due)
    current, ends = [], None
    for request in waiting:
        time = due(request)
        if ends is None or time > ends:
            if current:
                yield current
            current = []
            length = SLICE_SECONDS if time > -HOUR else 20 * SLICE_SECONDS
            ends = time + length
        current.append(request)
    if current:
        yield current


def process(live, stories, folder, seed, *, in_slices=True):
    """Process stories in a database.

    :param LiveOdoo live: an empty database
    :param Path folder: for temporary files
    :return: what `SCRIPT` prints, and ``begins`` of `lay_out`
    :rtype: dict
    """
    path = folder / f"{live.name}.json"
    data = lay_out(stories, seed, in_slices=in_slices)
    path.write_text(json.dumps(data))
    printed = live.shell(SCRIPT.format(path=str(path)), "--logfile=", timeout=3600)
    path.unlink()
    result = json.loads(printed.splitlines()[-1])
    if result["left"]:
        raise RuntimeError(f"{result['left']} requests were not processed")
    return {**result, "begins": data["begins"]}
