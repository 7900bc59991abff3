"""The mark of links that are not to be tracked, which Odoo would drop from what its
users write: it keeps the attributes it knows.
"""

from odoo.tools import mail

mail.safe_attrs |= {"data-untracked"}
