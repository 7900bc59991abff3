"""Run the demo for a person until Ctrl-C (``make demo``)."""

import sys
import time

from psycopg2 import sql

from ..setup import databases, paths, postgres
from ..setup.console import Problem, say
from . import demo_database, inbox, stage
from .processes import signals_end

DATABASE = "demo"
# the usual ports of Odoo and maildev; others where these are taken
PORTS = (8069, 1080)
MARK = f"made by `make demo` in {paths.ROOT}"

TEXT = """
Odoo    {odoo}    login: {login}    password: {password}
Inbox   {inbox}    all the email that this Odoo sends ends there

{sender} has sent the tracked email "{subject}" from the opportunity "{opportunity}"
to {customer} <{address}>. Be the customer, then the salesperson:

 1. In the inbox, open the email: its invisible image says that it was opened.
 2. Click the link "{link_text}" in it.
 3. In Odoo, look at the chatter of the opportunity, or of the contact: the badge beside
    the envelope and the Trackable Email Action follow by themselves, the open within
    seconds, the click after 15 (it is held, so that scanners can be told from people).
    A pop-up notifies the sender, on any page of Odoo:
        {odoo}/odoo/contacts/{customer_id}
        {odoo}/odoo/crm/{opportunity_id}
 4. Send one yourself: "Send message" in any opportunity; the eye says whether it is
    to be tracked. The app Trackable Emails has them all, and reports on some weeks.

The database "{database}" is made anew each time: what you do in it lasts until the next
`make demo`. Odoo's log is {log}.
Ctrl-C stops Odoo and the inbox (`make stop` also the private PostgreSQL).
"""


def main(_args):
    """Start everything, print where to look, and wait for Ctrl-C."""
    with signals_end(), databases.held("make-demo", exclusive=True, wait=False) as lock:
        if lock is None:
            raise Problem(
                "`make demo` runs already, in another terminal: what to look at is "
                "printed there, and Ctrl-C there ends it."
            )
        postgres.ensure()
        inbox.ensure()
        _make_database()
        with stage.running("demo", DATABASE, PORTS, [lock]) as running:
            sys.stdout.write(_text(running))
            sys.stdout.flush()
            try:
                while True:
                    time.sleep(1)
                    running.odoo.process.check()
                    running.inbox.process.check()
            except KeyboardInterrupt:
                say("\nStopping Odoo and the inbox …")
    return 0


def _make_database():
    """Make the database anew, unless the existing one belongs to somebody else."""
    with databases.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
            "WHERE datname = %s",
            [DATABASE],
        )
        found = cursor.fetchone()
        if found and found[0] != MARK:
            raise Problem(
                f'There is a database "{DATABASE}" that `make demo` of this checkout '
                "has not made. Rename it or drop it, then run `make demo` again."
            )
        databases.drop(DATABASE)
        demo_database.clone(DATABASE)
        name = sql.Identifier(DATABASE)
        cursor.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(MARK))
        )


def _text(running):
    sent = running.sent
    return TEXT.format(
        odoo=running.odoo.url,
        login=stage.LOGIN,
        password=stage.PASSWORD,
        inbox=running.inbox.url,
        sender=sent.sender,
        subject=sent.subject,
        opportunity=sent.opportunity["name"],
        opportunity_id=sent.opportunity["id"],
        customer=sent.customer["name"],
        customer_id=sent.customer["id"],
        address=sent.customer["email"],
        link_text=sent.link_text,
        database=DATABASE,
        log=running.odoo.process.log,
    )
