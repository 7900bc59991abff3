"""Run the demo for a person until Ctrl-C (``make demo``)."""

import sys
import time

from psycopg2 import sql

from ..setup import databases, estimate, paths, postgres
from ..setup.console import Problem, say
from . import demo_database, inbox, stage
from .processes import signals_end

DATABASE = "demo"
# the usual ports of Odoo and maildev; the demo takes others if they are in use
PORTS = (8069, 1080)
START_SECONDS = 20
MARK = f"made by `make demo` in {paths.ROOT}"

TEXT = """
Odoo    {odoo}
            login {login}, password {password}: {sender}, the salesperson
            login {colleague}, password {colleague}: a colleague, who may not open this
            opportunity, and sees less on the contact
Inbox   {inbox}
            receives every email that this Odoo sends. Links in the emails use a second
            local address, so that your login does not make you a colleague.

{sender} has just sent the tracked email "{subject}" to {customer}.
Watch Odoo while the customer reads the email:

 1. Log in to Odoo as {login}, at the opportunity "{opportunity}":
        {odoo}/odoo/crm/{opportunity_id}
    Scroll to the chatter: the badge beside the email says "Not opened yet".
 2. Open the inbox in a second window, so that you see both:
        {inbox}
 3. In the inbox, open the email "{subject}".
    Odoo shows the open within seconds. No reload is needed.
 4. In the email, click the link "{link_text}".
    Odoo shows the click 15 seconds later, with a pop-up. Odoo waits to rule out
    security scanners, which follow every link of an email at once.
 5. Send an email yourself: "Send message" in any opportunity. The eye below the text
    turns tracking on and off.

The contact has the same entries: {odoo}/odoo/contacts/{customer_id}
The app Email Tracking lists the tracked emails of eight weeks, with reports.

Each `make demo` makes the database "{database}" anew; your changes last until then.
Odoo's log: {log}
Ctrl-C stops Odoo and the inbox. `make stop` stops the private PostgreSQL.
"""


def main(_args):
    """Start the demo, print what to do, and wait for Ctrl-C."""
    with signals_end(), databases.held("make-demo", exclusive=True, wait=False) as lock:
        if lock is None:
            raise Problem(
                "`make demo` already runs in another terminal, which shows what to do. "
                "Press Ctrl-C there before you start it again."
            )
        postgres.ensure()
        seconds = demo_database.estimate_seconds() + START_SECONDS
        say(f"The demo starts in {estimate.duration(seconds)}.")
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
    """Make the database anew, unless another program made the existing database."""
    with databases.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
            "WHERE datname = %s",
            [DATABASE],
        )
        row = cursor.fetchone()
        if row and row[0] != MARK:
            raise Problem(
                f'The demo needs a database "{DATABASE}", but another program made a '
                "database of that name. Rename or drop it, then run `make demo` again."
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
        colleague=stage.COLLEAGUE,
        inbox=running.inbox.url,
        sender=sent.sender,
        subject=sent.subject,
        opportunity=sent.opportunity["name"],
        opportunity_id=sent.opportunity["id"],
        customer=sent.customer["name"],
        customer_id=sent.customer["id"],
        link_text=sent.link_text,
        database=DATABASE,
        log=running.odoo.process.log,
    )
