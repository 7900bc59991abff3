from odoo import models


class ResDeviceLog(models.Model):
    _inherit = "res.device.log"

    # Colleagues' devices are looked up by where a hit came from.
    _trackable_ip_idx = models.Index("(ip_address, last_activity)")
