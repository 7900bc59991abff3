"""Update trackable links when a link tracker changes (extends link.tracker)."""

from urllib.parse import urljoin

from odoo import models

from ...tools import link_exemptions, link_labels

# Fields from which a link tracker builds its destination.
DESTINATION_FIELDS = {"url", "campaign_id", "medium_id", "source_id"}


class LinkTracker(models.Model):
    _inherit = "link.tracker"

    def write(self, vals):
        result = super().write(vals)
        if not DESTINATION_FIELDS.isdisjoint(vals):
            self._redirect_trackable_links()
        return result

    def _redirect_trackable_links(self):
        """Point the links of sent mailings to the new destinations of these trackers.

        Odoo's own short links change in the same way.
        """
        # sudo: trackable.link - no user has write access
        links = self.env["trackable.link"].sudo()
        links = links.search([("link_tracker_id", "in", self.ids)])
        for tracker, tracker_links in links.grouped("link_tracker_id").items():
            url = tracker._get_destination()
            if url.startswith(("http://", "https://")):
                tracker_links.url = url

    def _get_destination(self):
        """Return the destination with the UTM parameters that Odoo adds.

        :return: an absolute URL
        :rtype: str
        """
        self.ensure_one()
        return urljoin(self.get_base_url(), self.redirected_url)

    def _has_short_url(self, url, own_urls):
        """Return whether a URL is the short URL of this tracker.

        The URL of another site can contain the same code.

        :param str url: with the code of this tracker
        :param tuple[str] own_urls: base URLs of this Odoo, without a trailing slash
        :rtype: bool
        """
        self.ensure_one()
        # A website can have a different host than Odoo.
        prefixes = [f"{own_url}/r/" for own_url in own_urls]
        return url.startswith((self.short_url_host, *prefixes))

    def _prepare_destination_values(self, own_urls):
        """Return the values of a trackable link with this tracker's destination.

        :param tuple[str] own_urls: base URLs of this Odoo, without a trailing slash
        :return: values, or None for a destination that is never tracked
        :rtype: dict | None
        """
        if link_exemptions.is_exempt_url(self.url, own_urls):
            return None
        url = self._get_destination()
        return {
            "url": url,
            "label": link_labels.readable_text(self.label or "")
            or link_labels.readable_address(url),
            "link_tracker_id": self.id,
        }
