"""From a hit to an action.

The cron job calls `trackable_hit_process._process`, the entry point: it takes hits from
the queue in bounded batches, has them classified (`trackable_hit_classify`) and records
actions (`trackable_email_action_record`). `mail_thread` cleans incoming emails and
records replies. The room hands on actions to `feedback`.
"""

from . import trackable_link_restore
from . import mail_thread
from . import trackable_hit_process
from . import trackable_hit_classify
from . import trackable_hit_details
from . import trackable_hit_set_aside
from . import trackable_email_action_record
from . import res_device_log
