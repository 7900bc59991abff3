"""Consent, objections, retention and anonymization of personal data.

`trackable_objection._read_consents`, the entry point for `sending`, returns who agreed
and who objected. An objection stops the tracking of emails already sent
(`trackable_email_stop`). Actions and hits expire (`trackable_email_retention`,
`trackable_hit_retention`), and a person can be anonymized
(`trackable_email_anonymize`). The room hands on the totals of deleted actions to
counters and reports.
"""

from . import tracking_consent_mixin
from . import contact_anonymize_mixin
from . import trackable_objection
from . import trackable_action_total
from . import trackable_email_stop
from . import trackable_email_anonymize
from . import trackable_email_retention
from . import trackable_hit_retention
from . import trackable_anonymize_wizard
from . import res_partner
from . import mailing_contact
from . import base_partner_merge
from . import privacy_lookup_wizard
