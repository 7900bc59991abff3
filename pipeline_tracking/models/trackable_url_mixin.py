from urllib.parse import urlsplit

from odoo import models

from ..lane.databases import databases, is_server_wide
from ..tools import answer, token


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

    def _get_image_url(self, email):
        """The address of a trackable email's image.

        :param trackable.email email:
        :rtype: str
        """
        return self._get_tracked_url(token.OPEN, email) + answer.IMAGE_SUFFIX

    def _get_link_url(self, email, link):
        """The address of a link in a trackable email.

        :param trackable.email email:
        :param trackable.link link:
        :rtype: str
        """
        return self._get_tracked_url(
            token.LINK, email, link_id=link.id, link_nonce=link.nonce
        )

    def _get_objection_url(self, email):
        """The address of the page where its recipient objects to being tracked.

        :param trackable.email email:
        :rtype: str
        """
        return self._get_tracked_url(token.OBJECTION, email, path=answer.OBJECTION_PATH)

    def _get_tracked_url(self, kind, email, path="", **link):
        keys = self.env["trackable.key"]._get_keys()
        key_id = max(keys)
        text = token.sign(
            token.Token(
                kind,
                email.id,
                email.nonce,
                database=self._get_named_database(),
                **link,
            ),
            key_id,
            keys[key_id],
        )
        return f"{self._get_own_url()}{answer.PREFIX}{path}{text}"
