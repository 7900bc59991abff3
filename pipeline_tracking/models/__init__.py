"""Define the addon's models here, and their behaviour in packages ("rooms").

A model's file in this folder holds its fields, indexes and constraints, and a table of
its states. A room is a package for one subject. Its files extend models in place
(``_inherit`` without ``_name``) and hold the models that only this subject needs. The
docstring of a room names its purpose, its entry point and its results. The first line
of a file's docstring names the model and the behaviour that the file adds. In-place
classes have no docstring: Odoo would show it as the information about the model.

`sending`, `receiving` and `feedback` are the core. The other rooms may call the core.
The core calls `mailings`, `reporting` and `administration` only through methods that
the core defines and these rooms override. The core calls two models of `privacy`
directly: `trackable.objection` (`_read_consents`) and `trackable.action.total`.
"""

from . import trackable_key
from . import missing_record_mixin
from . import referenced_record_mixin
from . import trackable_mixin
from . import trackable_email
from . import trackable_link
from . import trackable_hit
from . import trackable_email_action
from . import trackable_client
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
