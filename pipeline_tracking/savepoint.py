"""A savepoint for work that also tells the web client."""

from contextlib import contextmanager

BUS_VALUES = "bus.bus.values"  # where Odoo's bus keeps what is sent on commit


@contextmanager
def telling(cr):
    """A savepoint. Where what is in it fails, what it has told over the bus is taken
    back as well: Odoo keeps that in memory, and would send it.

    :param odoo.sql_db.BaseCursor cr:
    """
    told = len(cr.precommit.data.get(BUS_VALUES, ()))
    try:
        with cr.savepoint():
            yield
    except BaseException:
        del cr.precommit.data.get(BUS_VALUES, [])[told:]
        raise
