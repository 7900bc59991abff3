"""Name the actors and the kinds of action, and define a classification."""

from collections import namedtuple

# Actors
RECIPIENT = "recipient"
UNKNOWN = "unknown"
MACHINE = "machine"
INTERNAL = "internal"

# Kinds
OPEN = "open"
CLICK = "click"
DOWNLOAD = "download"
OPENS = (OPEN,)
LINKS = (CLICK, DOWNLOAD)
ANY = (*OPENS, *LINKS)

# `actor`: one of the actors. `reason`: the code of the reason.
Classification = namedtuple("Classification", "actor reason")
