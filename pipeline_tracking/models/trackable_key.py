import secrets

from odoo import api, fields, models, tools

SECRET_BYTES = 32  # as long as the hash, RFC 2104 section 3


class TrackableKey(models.Model):
    """Store the keys that sign tracked URLs. No group has access rights to them.

    The newest key signs. Older keys still verify signatures, so that links in emails
    already sent keep working.
    """

    _name = "trackable.key"
    _description = "Tracking Key"

    secret = fields.Char(required=True, groups=fields.NO_ACCESS)  # hexadecimal

    @api.model
    def _rotate(self):
        """Create a new key, which signs every tracked URL from now on."""
        # sudo: trackable.key - no group has access rights to it
        self.sudo().create({"secret": secrets.token_hex(SECRET_BYTES)})
        self.env.registry.clear_cache()

    @api.model
    @tools.ormcache()
    def _get_keys(self):
        """Return every key. The key with the highest id signs.

        :return: key id -> secret
        :rtype: dict[int, bytes]
        """
        # sudo: trackable.key - no group has access rights to it
        return {key.id: key.secret.encode() for key in self.sudo().search([])}
