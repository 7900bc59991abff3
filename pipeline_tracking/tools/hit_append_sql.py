"""Define the SQL of a request to a tracked URL: append a hit, and find a destination.

Controllers and the lane execute `APPEND`. For links, the lane executes `FOLLOW`: one
statement instead of the two that the controllers need.

Parameters have the format of psycopg2: ``%(name)s``.
"""

from . import networks

# Parameters, with their types in PostgreSQL; `prepare_values` returns their values.
PARAMETERS = {
    "email_id": "integer",
    "email_nonce": "integer",
    "link_id": "integer",
    "method": "text",
    "ip": "text",
    "ip_subscriber": "text",
    "user_agent": "text",
    "purpose": "text",
    "user_id": "integer",
    "is_part": "boolean",
    "wants_privacy": "boolean",
}

# Maximum of waiting hits for one URL of one email and one client address or network
# (see `networks.get_subscriber`). Further hits would add no information, and the limit
# keeps a flood from filling the disk. Clients without a known address share one limit.
MAX_WAITING = 200
MAX_WAITING_UNKNOWN = 2000
# HEAD requests may use a tenth of the limit, so that GET requests are still recorded.
HEAD_SHARE = 10
# Maximum of waiting hits for one email, for all URLs and clients together.
MAX_WAITING_EMAIL = 4000
# Maximum of waiting hits for an anonymous trackable email, which counts the opens of
# all recipients of a mailing who have neither consented nor objected. These recipients
# share the proxies of their email providers.
MAX_WAITING_ANONYMOUS = 20_000

_waiting = """SELECT FROM trackable_hit waiting
         WHERE waiting.trackable_email_id = %(email_id)s AND waiting.error IS NULL"""
# PostgreSQL reads no more index entries than the limit, because of the OFFSET.
_ARE_TOO_MANY_WAITING = f"""is_anonymous IS NOT TRUE AND EXISTS (
        {_waiting}
           AND COALESCE(waiting.trackable_link_id, 0) = COALESCE(%(link_id)s, 0)
           AND waiting.ip_subscriber = %(ip_subscriber)s
        OFFSET CASE WHEN %(ip_subscriber)s = '' THEN {MAX_WAITING_UNKNOWN}
                    ELSE {MAX_WAITING} END
               / CASE WHEN %(method)s = 'HEAD' THEN {HEAD_SHARE} ELSE 1 END - 1)
   OR EXISTS (
        {_waiting}
        OFFSET CASE WHEN is_anonymous THEN {MAX_WAITING_ANONYMOUS}
                    ELSE {MAX_WAITING_EMAIL} END - 1)"""

# Append a hit. Append nothing in these cases:
# - the email was deleted, or its id belongs to another email (a restored database);
# - the tracking of the email was stopped;
# - the request asks not to be tracked, and the company respects this;
# - there are too many waiting hits.
# The time is the clock's, not the transaction's, because hits are compared by time.
APPEND = f"""
INSERT INTO trackable_hit
    (trackable_email_id, trackable_link_id, occurred_at,
     method, ip, ip_subscriber, user_agent, purpose, user_id, is_part)
SELECT id, %(link_id)s, clock_timestamp() AT TIME ZONE 'UTC',
       %(method)s, %(ip)s, %(ip_subscriber)s, %(user_agent)s, %(purpose)s, %(user_id)s,
       %(is_part)s
  FROM trackable_email
 WHERE id = %(email_id)s AND nonce = %(email_nonce)s AND is_stopped IS NOT TRUE
   AND NOT (%(wants_privacy)s AND EXISTS (
        SELECT FROM res_company
         WHERE res_company.id = company_id AND honour_privacy_control))
   AND NOT ({_ARE_TOO_MANY_WAITING})"""

# Append a hit on a link, and select the link's destination. Select no row and append no
# hit if the link is deleted, disabled or a file, or if its id belongs to another link.
FOLLOW_PARAMETERS = {**PARAMETERS, "link_nonce": "integer"}
FOLLOW = f"""
WITH destination AS MATERIALIZED (
    SELECT url FROM trackable_link
     WHERE id = %(link_id)s AND nonce = %(link_nonce)s AND is_file IS NOT TRUE
       AND disabled_date IS NULL
), hit AS ({APPEND}
    AND EXISTS (SELECT FROM destination)
RETURNING id
)
SELECT url, EXISTS (SELECT FROM hit) FROM destination"""


def prepare_values(hit_token, request, user_id=None, is_part=False):
    """Build the parameter values of both statements.

    :param tracking_token.Token hit_token: a verified token
    :param dict request: from `request_info.describe_request`
    :param int | None user_id: the user of the request's live session
    :param bool is_part: whether the request is for a part of a file
    :rtype: dict
    """
    return {
        "email_id": hit_token.email_id,
        "email_nonce": hit_token.email_nonce,
        "link_id": hit_token.link_id or None,
        "link_nonce": hit_token.link_nonce,
        "ip_subscriber": networks.get_subscriber(request["ip"]),
        "user_id": user_id or None,
        "is_part": is_part,
        **request,
    }


def prepare(name, statement, parameters):
    """Build a PREPARE and an EXECUTE statement for `APPEND` or `FOLLOW`. A prepared
    statement takes less than half the time: parsing and planning are done only once.

    :param str name: name of the prepared statement
    :param str statement: `APPEND` or `FOLLOW`
    :param dict[str, str] parameters: `PARAMETERS` or `FOLLOW_PARAMETERS`
    :return: the PREPARE statement and the EXECUTE statement
    :rtype: tuple[str, str]
    """
    placeholders = {key: f"${number}" for number, key in enumerate(parameters, 1)}
    types = ", ".join(parameters.values())
    values = ", ".join(f"%({key})s" for key in parameters)
    return (
        f"PREPARE {name} ({types}) AS {statement % placeholders}",
        f"EXECUTE {name} ({values})",
    )
