"""``make stop``: stop the private PostgreSQL cluster."""

from . import postgres


def main(_args):
    """Stop it, if it runs."""
    postgres.stop()
