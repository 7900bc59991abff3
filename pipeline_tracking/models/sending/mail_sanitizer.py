"""The mark of links that are not to be tracked, which Odoo would drop from what its
users write: it keeps the attributes it knows. For all databases of the process: there
is one list, and a mark that nobody reads does nothing.
"""

from odoo.tools import mail

mail.safe_attrs |= {"data-untracked"}
