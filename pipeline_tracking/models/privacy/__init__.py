"""Consent, objections, and the end of what is stored about a person.

`trackable_objection._read_consents`, the entry point for sending, tells who agreed and
who objected. When somebody objects, `trackable_objection._record_objection` stores it
and stops the tracking of emails already sent (`trackable_email_stop`). When data
expires, `trackable_email_retention._gc_expired_actions` replaces actions by totals. A
person can be anonymized (`trackable_email_anonymize`). The room hands on totals of
deleted actions.
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
