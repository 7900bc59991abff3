from urllib.parse import urlsplit

from odoo import models

from ..lane.databases import databases, is_server_wide
from ..tools import responses, tracking_token

# What comes before and after the token.
_PATHS = {
    tracking_token.OPEN: ("", responses.IMAGE_SUFFIX),
    tracking_token.LINK: ("", ""),
    tracking_token.OBJECTION: (responses.OBJECTION_PATH, ""),
}


class TrackableUrlMixin(models.AbstractModel):
    """Of outgoing emails: the tracked URLs in them."""

    _name = "trackable.url.mixin"
    _description = "Trackable URL Mixin"

    def _get_own_url(self):
        """What they begin with, without a slash at the end."""
        return self._get_trackable_company()._get_tracking_url(self.get_base_url())

    def _get_named_database(self):
        """The database that tracked URLs have to name, or "" where their host tells.

        :rtype: str
        """
        if not is_server_wide():
            return ""  # nobody would read it
        host = urlsplit(self._get_own_url()).netloc
        return databases.name_for(host, self.env.cr.dbname)

    def _get_url_signer(self):
        """What makes its tracked URLs: called with a kind of token, a trackable email,
        and for a link that one.

        :rtype: function
        """
        keys = self.env["trackable.key"]._get_keys()
        key_id = max(keys)
        own_url, database = self._get_own_url(), self._get_named_database()

        def sign(kind, email, link=None):
            named = {"link_id": link.id, "link_nonce": link.nonce} if link else {}
            signed = tracking_token.Token(
                kind, email.id, email.nonce, database=database, **named
            )
            before, after = _PATHS[kind]
            text = tracking_token.sign(signed, key_id, keys[key_id])
            return f"{own_url}{responses.PREFIX}{before}{text}{after}"

        return sign
