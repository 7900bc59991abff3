"""Everything that users see of actions.

`trackable_email_counters._recompute_counters`, the entry point, gets the new and the
corrected actions of a batch: it updates the counters, the chatter entries, the badges
in open web clients, and plans when senders are notified. It hands on nothing: the data
ends here.
"""

from . import trackable_email_counters
from . import trackable_email_chatter
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
