"""Let Odoo's sanitizer keep the attribute ``data-untracked``.

Authors mark links that must not be tracked with this attribute. The sanitizer removes
unknown attributes. All databases of the process share its list of known attributes; a
database without this addon ignores ``data-untracked``.
"""

from odoo.tools import mail

mail.safe_attrs |= {"data-untracked"}
