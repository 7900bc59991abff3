"""Reports that count actions: emails, links and files, and the heat map view.

The entry points are the menus under Reporting. The models are SQL queries on the core
tables, with the access rules of the core. `mailings` also uses the statistics of links.
"""

from . import trackable_link_statistics
from . import trackable_email_action_graph
from . import trackable_email_report
from . import trackable_link_report
from . import heat_map_view
from . import res_partner
