"""All that a demo needs, running, and the tracked email sent."""

from collections import namedtuple
from contextlib import ExitStack, contextmanager

import requests

from ..console import Problem, step
from . import sale
from .client import Client
from .gateway import Gateway
from .inbox import Inbox
from .server import Odoo
from .site import Site

LOGIN = PASSWORD = "admin"  # as Odoo's demo data has it

Stage = namedtuple("Stage", "odoo gateway inbox site client sent")


@contextmanager
def running(name, database, ports=(None, None), locks=()):
    """Bring it up; whatever was started is stopped at the end, however it comes.

    :param str name: of this demo, for its files
    :param str database: made from the template
    :param ports: preferred ports of Odoo and of the inbox's pages
    :param locks: file descriptors that stand for the database's use
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
                sale.prepare(client, mails.smtp_port, gateway.url)
                sent = sale.send(client, site.url)
            yield Stage(odoo, gateway, mails, site, client, sent)
        except (Problem, requests.RequestException) as error:
            raise Problem(f"{error}\n{odoo.process.tail()}") from error
