from . import trackable_link_statistics
from . import trackable_email_report
from . import trackable_link_report
from . import heat_map_view
