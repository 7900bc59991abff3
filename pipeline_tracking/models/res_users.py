from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    track_emails = fields.Boolean(
        "Track my emails",
        default=True,
        help="New emails to one customer start with Tracked on.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["track_emails"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["track_emails"]

    @api.model
    def _init_store_data(self, store):
        result = super()._init_store_data(store)
        if self.env.user._is_internal():
            store.add_global_values(tracksEmails=self.env.user.track_emails)
        return result

    def unlink(self):
        # sudo: trackable.email, trackable.link - nobody has the right to change them
        self.env["trackable.mixin"].sudo()._forget(self)
        return super().unlink()
