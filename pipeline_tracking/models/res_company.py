from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    attach_tracked_files = fields.Boolean(
        "Attach Files to Tracked Emails",
        help="Send the files of tracked emails as ordinary attachments, whose downloads"
        " cannot be seen, instead of as links.",
    )
    track_address_links = fields.Boolean(
        "Track Links Whose Text Is an Address",
        default=True,
        help="Some mail clients warn when the text of a link is an address and the link"
        " leads to another one first, as tracked links do.",
    )

    def unlink(self):
        # sudo: trackable.email, trackable.link - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._forget(self)
        return super().unlink()
