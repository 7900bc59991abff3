"""Index devices by IP address (extends res.device.log)."""

from odoo import models


class ResDeviceLog(models.Model):
    _inherit = "res.device.log"

    # `_get_users_by_device` of trackable.hit searches by the IP address of a hit.
    _trackable_ip_idx = models.Index("(ip_address, last_activity)")
