"""Show actions to users.

`trackable_email_counters._recompute_counters`, the entry point, gets the new and the
corrected actions of a batch. It updates counters, chatter entries and the badges in
open web clients, and plans notifications, which `trackable_email_notice` sends when
they are due. The badge, the timeline, the button and follow-ups are called by the web
client. The room hands on marks: which mailing statistics are due (`is_trace_due`).
"""

from . import trackable_email_counters
from . import trackable_email_disclosure
from . import trackable_email_entry
from . import trackable_email_entry_text
from . import mail_message_entry
from . import mail_message_badge
from . import mail_message_timeline
from . import trackable_email_action_timeline
from . import mail_thread_button
from . import res_partner
from . import ir_websocket
from . import trackable_notice
from . import trackable_email_notice
from . import mail_activity
from . import trackable_email_follow_up
from . import trackable_email_delete_feedback
