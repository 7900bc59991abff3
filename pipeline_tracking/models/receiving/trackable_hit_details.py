"""Build the values of the actions that hits become, without the request details the
company does not store (extends trackable.hit).
"""

import logging
from collections import namedtuple

from odoo import models
from odoo.http import GeoIP

from ...tools import classify, device, networks

_logger = logging.getLogger(__name__)

# The location of a request. Each field is None if it is not known.
Place = namedtuple("Place", "country city", defaults=(None, None))

_STORED_IP = {
    "none": lambda _ip: "",
    "truncated": networks.truncate,
    "full": lambda ip: ip,
}


class TrackableHit(models.Model):
    _inherit = "trackable.hit"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _prepare_action_values(self, classified_hit, place):
        """Build the values of the action that this hit becomes.

        An override returns the dict of `super`, with further or other values.

        :param ClassifiedHit classified_hit: this hit's classification
        :param Place place: the location of the request
        :return: values for `create` of trackable.email.action
        :rtype: dict
        """
        self.ensure_one()
        settings = self.trackable_email_id._get_tracking_settings()
        values = {
            "trackable_email_id": self.trackable_email_id.id,
            "trackable_link_id": classified_hit.link.id,
            "kind": classified_hit.kind,
            "is_part": self.is_part,
            "actor": classified_hit.classification.actor,
            "reason": classified_hit.classification.reason,
            "occurred_at": self.occurred_at,
            "ip": self._get_stored_ip(settings),
            "user_agent": settings.tracking_keep_user_agent and self.user_agent,
            "user_id": classified_hit.colleague.id,
        }
        # A proxy has another location and another program than the recipient.
        is_direct = classified_hit.classification.reason not in classify.PROXIED
        if is_direct and settings.tracking_keep_user_agent:
            client = device.describe(self.user_agent or "")
            values.update(browser=client.browser, platform=client.platform)
        if is_direct and settings.tracking_keep_place:
            values.update(
                country_id=place.country and place.country.id, city=place.city
            )
        return values

    # ------------------------------------------------------------
    # Do not override: how values are built
    # ------------------------------------------------------------

    def _prepare_action_values_list(self, classified_hits, bursts, download_parts):
        """Build the values of the actions that these hits become.

        :param dict[TrackableHit, ClassifiedHit] classified_hits:
        :param dict[TrackableEmail, list[Burst]] bursts:
        :param dict download_parts: from `_find_download_parts`
        :return: the values for each hit, in the order of these hits
        :rtype: list[dict]
        """
        places_by_ip = self._find_places()
        values_list = []
        for hit in self:
            classified_hit = classified_hits[hit]
            classification = classify.reclassify(
                classified_hit.classification,
                classified_hit.kind,
                download_parts[hit].since if hit in download_parts else hit.occurred_at,
                bursts[hit.trackable_email_id],
            )
            values_list.append(
                hit._prepare_action_values(
                    classified_hit._replace(classification=classification),
                    places_by_ip.get(hit.ip, Place()),
                )
            )
        return values_list

    def _get_stored_ip(self, settings):
        """Return the part of the request's IP address that the company stores.

        :param TrackingSettings settings: the company's settings
        :rtype: str | bool
        """
        self.ensure_one()
        return _STORED_IP[settings.tracking_keep_ip](self.ip or "") or False

    def _find_places(self):
        """Look up the locations of these hits, if Odoo has a GeoIP database.

        :return: IP address -> location
        :rtype: dict[str, Place]
        """
        names_by_ip, error = {}, None
        for ip in filter(networks.is_address, set(self.mapped("ip"))):
            try:
                geoip = GeoIP(ip)
                names_by_ip[ip] = (geoip.country.iso_code, geoip.city.name)
            except (TypeError, ValueError) as failure:
                error = failure  # a GeoIP database of another kind, or without IPv6
        if error:
            _logger.warning("The GeoIP database cannot be used: %s", error)
        codes = {code for code, _city in names_by_ip.values()} - {None}
        countries = self.env["res.country"].browse()
        if codes:
            countries = countries.search([("code", "in", list(codes))])
        countries_by_code = {country.code: country for country in countries}
        return {
            ip: Place(countries_by_code.get(code), city)
            for ip, (code, city) in names_by_ip.items()
        }
