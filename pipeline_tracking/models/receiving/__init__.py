"""Turn hits into recorded actions, and clean incoming emails.

The cron job calls `trackable_hit_process._process`, the entry point. It takes hits from
the queue in bounded batches and classifies them, first one by one
(`trackable_hit_classify`) and then together (`trackable_hit_compare`). It records
actions (`trackable_email_action_record`) and decides which actions count
(`trackable_email_action_counting`). `feedback` takes over from there.

`mail_thread` records replies. It also removes tracked URLs from incoming emails, with
`trackable_link_cleaning`. `sending` cleans pasted texts with the same code.
"""

from . import trackable_link_cleaning
from . import mail_thread
from . import trackable_hit_process
from . import trackable_hit_classify
from . import trackable_hit_compare
from . import trackable_hit_rechecks
from . import trackable_hit_details
from . import trackable_email_action_record
from . import trackable_email_action_counting
from . import res_device_log
