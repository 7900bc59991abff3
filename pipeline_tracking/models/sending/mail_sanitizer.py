"""Keep the attribute ``data-untracked`` in what users write: authors mark links with it
that must not be tracked. Odoo's sanitizer drops attributes it does not know.

The list of attributes is shared by all databases of the process. In a database without
this addon, nothing reads the attribute.
"""

from odoo.tools import mail

mail.safe_attrs |= {"data-untracked"}
