from urllib.parse import urljoin

from odoo import models

from ...tools import link_exemptions, link_labels

# What the destination of a link tracker is made of.
DESTINATION_FIELDS = {"url", "campaign_id", "medium_id", "source_id"}


class LinkTracker(models.Model):
    _inherit = "link.tracker"

    def write(self, vals):
        result = super().write(vals)
        if not DESTINATION_FIELDS.isdisjoint(vals):
            self._redirect_trackable_links()
        return result

    def _redirect_trackable_links(self):
        """Who follows a link of a mailing is led where its link tracker leads now, as
        he would be by Odoo itself.
        """
        # sudo: trackable.link - nobody has the right to change them
        links = self.env["trackable.link"].sudo()
        links = links.search([("link_tracker_id", "in", self.ids)])
        for tracker, own in links.grouped("link_tracker_id").items():
            url = tracker._get_destination()
            if url.startswith(("http://", "https://")):
                own.url = url

    def _get_destination(self):
        """Where it leads, with what Odoo adds to it to tell campaigns apart.

        :return: an absolute URL
        :rtype: str
        """
        self.ensure_one()
        return urljoin(self.get_base_url(), self.redirected_url)

    def _has_short_url(self, url, own_urls):
        """Whether a URL with its code is its own, and no other site's.

        :param str url:
        :param tuple[str] own_urls: of this Odoo, without a slash at the end
        :rtype: bool
        """
        self.ensure_one()
        # A website has a host of its own.
        hosts = [f"{own_url}/r/" for own_url in own_urls]
        return url.startswith((self.short_url_host, *hosts))

    def _prepare_destination_values(self, own_urls):
        """Values of a trackable link that leads where it does.

        :param tuple[str] own_urls: of this Odoo, without a slash at the end
        :return: None where that is to be left alone
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
