"""Show actions to users.

`trackable_email_counters._recompute_counters` is the entry point: it gets the new and
the corrected actions of a batch. It updates counters, chatter entries, and the badges
in open web clients. It also plans notifications: `trackable_email_notice` sends them
when they are due. It marks emails whose mailing statistics are due (`is_trace_due`).

The web client calls the badge, the timeline, the button, the last action, follow-ups
and the feed (`trackable_feed`), the home of the app.
"""

from . import trackable_email_counters
from . import trackable_email_status
from . import trackable_email_links
from . import trackable_email_disclosure
from . import trackable_email_name
from . import trackable_email_entry
from . import trackable_email_entry_text
from . import mail_message_entry
from . import mail_message_recipients
from . import mail_message_badge
from . import mail_message_timeline
from . import mail_message_timeline_recipients
from . import trackable_email_timeline
from . import trackable_email_action_timeline
from . import mail_thread_button
from . import mail_thread_last_action
from . import res_partner
from . import res_users_settings
from . import ir_websocket
from . import ir_websocket_feed
from . import trackable_notice
from . import trackable_notice_sentence
from . import trackable_email_notice
from . import mail_activity
from . import trackable_email_follow_up
from . import trackable_follow_up
from . import trackable_email_recipient_name
from . import trackable_link_usage
from . import trackable_link_emails
from . import trackable_email_click_map
from . import trackable_email_delete_feedback
from . import trackable_email_reply
from . import trackable_feed
