"""Start the programs of a demo, and send the tracked email."""

from collections import namedtuple
from contextlib import ExitStack, contextmanager

import requests

from ..setup import databases
from ..setup.console import Problem, step
from . import salesperson
from .inbox import Inbox
from .odoo_client import Client
from .odoo_server import Odoo
from .web_servers import Gateway, Site

# the users of Odoo's demo data; each password is the login
LOGIN = PASSWORD = "admin"
COLLEAGUE = "demo"

# Within seconds after sending, only scanners load an image (docs/field.md#opens). In a
# demo, the customer opens the email at once, so the email becomes some minutes older.
SEND_EARLIER = """
UPDATE trackable_email SET sent_date = sent_date - interval '10 minutes'
 WHERE sent_date > clock_timestamp() AT TIME ZONE 'UTC' - interval '5 minutes'
"""

Stage = namedtuple("Stage", "database odoo gateway inbox site client sent")


@contextmanager
def running(name, database, ports=(None, None), locks=()):
    """Start the programs; stop them at the end of the block, also after an error.

    :param str name: of this demo, for its files
    :param str database: a clone of the template
    :param ports: preferred ports of Odoo and of the inbox's pages
    :param locks: file descriptors of the database's locks
    :rtype: Stage
    """
    with ExitStack() as stack:
        with step("Starting Odoo and the inbox"):
            odoo = Odoo(name, database, ports[0], locks)
            stack.callback(odoo.process.stop)
            gateway = Gateway(odoo.port)
            stack.callback(gateway.stop)
            mails = Inbox(name, ports[1])
            stack.callback(mails.process.stop)
            site = Site()
            stack.callback(site.stop)
            mails.wait_ready()
            odoo.wait_ready()
        try:
            with step("Sending a tracked email from an opportunity to its contact"):
                client = Client(odoo.url, database, LOGIN, PASSWORD)
                salesperson.prepare(client, mails.smtp_port, gateway.url)
                sent = salesperson.send(client, site.url)
                send_earlier(database)
            yield Stage(database, odoo, gateway, mails, site, client, sent)
        except (Problem, requests.RequestException) as error:
            raise Problem(f"{error}\n{odoo.process.tail()}") from error


def send_earlier(database):
    """Move the time when the last emails were sent some minutes into the past.

    :param str database: name of the demo's database
    """
    with databases.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(SEND_EARLIER)
