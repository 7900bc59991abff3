"""From a hit to a recorded action, and from an incoming email to a clean one.

`trackable_hit_process._process`, the entry point, is the cron job: it takes hits from
the queue in bounded batches, has them classified (`trackable_hit_classify`), records
actions (`trackable_email_action_record`) and decides which count
(`trackable_email_action_counting`). `mail_thread` records replies, and removes tracked
URLs from incoming emails by `trackable_link_cleaning`, which `sending` uses for pasted
texts, too. The room hands on actions to `feedback`.
"""

from . import trackable_link_cleaning
from . import mail_thread
from . import trackable_hit_process
from . import trackable_hit_classify
from . import trackable_hit_details
from . import trackable_email_action_record
from . import trackable_email_action_counting
from . import res_device_log
