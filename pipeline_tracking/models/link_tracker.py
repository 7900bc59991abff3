from urllib.parse import urljoin

from odoo import models

from ..tools import label

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
        for link in links.search([("link_tracker_id", "in", self.ids)]):
            link.url = link.link_tracker_id._get_destination()

    def _get_destination(self):
        """Where it leads, with what Odoo adds to it to tell campaigns apart.

        :return: an absolute URL
        :rtype: str
        """
        self.ensure_one()
        return urljoin(self.get_base_url(), self.redirected_url)

    def _prepare_trackable_link_values(self):
        """Values of a trackable link that leads where it does.

        :rtype: dict
        """
        url = self._get_destination()
        return {
            "url": url,
            "label": self.label or label.readable_address(url),
            "link_tracker_id": self.id,
        }
