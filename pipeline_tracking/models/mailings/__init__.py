"""Copies of mailings, and Odoo's own statistics of them (Email Marketing).

The files override hooks of `sending` (`mail_mail_mailing`, `mail_mail_anonymous`) and
of `receiving` (`trackable_email_trace._run_after_batch`, the entry point after each
batch of hits). It hands on opens and clicks to `mailing.trace` and
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
