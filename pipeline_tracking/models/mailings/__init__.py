"""Tracked copies of mailings, and Odoo's own mailing statistics (Email Marketing).

`mail_mail_mailing` and `mail_mail_anonymous` override hooks of `sending`.
`trackable_email_trace` overrides `_run_after_batch` of `receiving`, the entry point
after each batch of hits. It copies opens and clicks to Odoo's `mailing.trace` and
`link.tracker.click`.
"""

from . import mailing_mailing
from . import mailing_mailing_statistics
from . import mail_mail_mailing
from . import mail_mail_anonymous
from . import mailing_trace
from . import trackable_email_trace
from . import trackable_email_action_link_clicks
from . import link_tracker
