# The nouns: fields, indexes, constraints, and what one record can tell.
from . import trackable_key
from . import missing_record_mixin
from . import trackable_mixin
from . import trackable_email
from . import trackable_link
from . import trackable_hit
from . import trackable_email_action
from . import res_company
from . import res_config_settings
from . import res_users

# The rooms: behaviour, by subject.
from . import sending
from . import receiving
from . import feedback
from . import mailings
from . import privacy
from . import reporting
from . import administration
