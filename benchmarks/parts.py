"""List the benchmarks by their names on the command line."""

import odoo.addons

from . import ROOT

odoo.addons.__path__.append(str(ROOT))

from . import (  # noqa: E402
    mailing,
    processing,
    rewrite,
    scale,
    sending,
    serving,
    truth,
)

ALL = {
    "serving": serving.main,
    "send": sending.main,
    "mailing": mailing.main,
    "process": processing.main,
    "rewrite": rewrite.main,
    "scale": scale.main,
    "truth": truth.main,
}
