from . import mail_thread
from . import trackable_hit_process
from . import trackable_hit_classify
from . import trackable_hit_details
from . import trackable_hit_set_aside
from . import trackable_email_action_record
from . import res_device_log
