"""Consent, objections, and the end of what is stored about a person.

`trackable_objection._read_consents`, the entry point for sending, tells who agreed and
who objected. Objections stop emails already sent (`trackable_email_stop`), data expires
(`trackable_email_retention`), and a person can be anonymized
(`trackable_email_anonymize`). It hands on totals of deleted actions.
"""

from . import tracking_consent_mixin
from . import contact_anonymize_mixin
from . import trackable_objection
from . import trackable_action_total
from . import trackable_email_stop
from . import trackable_email_anonymize
from . import trackable_email_retention
from . import trackable_anonymize
from . import res_partner
from . import mailing_contact
from . import base_partner_merge
from . import privacy_lookup_wizard
from . import privacy_lookup_wizard_line
