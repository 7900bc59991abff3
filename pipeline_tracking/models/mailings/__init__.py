from . import mailing_mailing
from . import mailing_mailing_statistics
from . import mail_mail_mailing
from . import mail_mail_anonymous
from . import mailing_trace
from . import trackable_email_trace
from . import trackable_email_action_link_clicks
from . import link_tracker
