"""Track an email on its way from the composer to the mail server.

`mail_thread` and `mail_compose_message` accept the flag ``is_tracked``.
`tracking_decision` decides whether the email is tracked. `mail_mail._send`, the entry
point of a batch, creates the trackable emails and links, and rewrites each copy. The
results are rows of `trackable.email` and `trackable.link`, and copies that Odoo sends.
"""

from . import mail_sanitizer
from . import ir_attachment
from . import tracking_decision
from . import mail_message
from . import mail_thread
from . import tracking_preview
from . import mail_compose_message
from . import mail_scheduled_message
from . import mail_template
from . import mail_mail_recipients
from . import mail_mail_links
from . import mail_mail_files
from . import mail_mail_records
from . import mail_mail
