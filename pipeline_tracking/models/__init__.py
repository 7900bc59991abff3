"""Models: the nouns at the door, and behaviour in rooms.

A noun's file holds the fields, indexes and constraints of its model, and a table of its
states. A room is a package for one subject: its files extend models in place
(``_inherit`` without ``_name``), and hold the models that only this subject needs. The
first paragraph of a room says what it is for, its entry point, and what it hands on. A
file says in its first line what it adds to which model. This is no docstring of the
class: Odoo shows the docstring of a model's last class as the information about it.

`sending`, `receiving` and `feedback` are the core. The other rooms may call the core.
The core calls `mailings`, `reporting` and `administration` only through methods that it
defines itself and that these rooms override. It asks two models of `privacy` directly:
`trackable.objection` (`_read_consents`) and `trackable.action.total`.
"""

from . import trackable_key
from . import missing_record_mixin
from . import referenced_record_mixin
from . import trackable_mixin
from . import trackable_email
from . import trackable_link
from . import trackable_hit
from . import trackable_email_action
from . import res_company
from . import res_config_settings
from . import res_users

from . import sending
from . import receiving
from . import feedback
from . import mailings
from . import privacy
from . import reporting
from . import administration
