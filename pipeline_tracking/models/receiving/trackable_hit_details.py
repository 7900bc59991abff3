import logging
from collections import namedtuple

from odoo import models
from odoo.http import GeoIP

from ...tools import classify, device, networks

_logger = logging.getLogger(__name__)

# Where a hit came from, as far as that is known.
Place = namedtuple("Place", "country city", defaults=(None, None))

_STORED_IP = {
    "none": lambda _ip: "",
    "truncated": networks.truncate,
    "full": lambda ip: ip,
}


class TrackableHit(models.Model):
    """Build the values of the actions that hits become, without the request details the
    company does not store (extends trackable.hit).
    """

    _inherit = "trackable.hit"

    def _prepare_actions_values(self, classified, bursts, parts):
        """Values of the actions these hits mean, now that all is known.

        :param dict classified: of each, and `dict` of each email's bursts
        :param dict parts: from `_follow_parts`
        :rtype: list[dict]
        """
        places = self._locate()
        values_list = []
        for hit in self:
            classified_hit = classified[hit]
            classification = classify.reclassify(
                classified_hit.classification,
                classified_hit.kind,
                parts[hit].since if hit in parts else hit.occurred_at,
                bursts[hit.trackable_email_id],
            )
            values_list.append(
                hit._prepare_action_values(
                    classified_hit._replace(classification=classification),
                    places.get(hit.ip, Place()),
                )
            )
        return values_list

    def _prepare_action_values(self, classified_hit, place):
        """Values of the action a hit means. To be extended.

        :param ClassifiedHit classified_hit:
        :param Place place:
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
        # A proxy's place and program are not the reader's.
        is_own = classified_hit.classification.reason not in classify.PROXIED
        if is_own and settings.tracking_keep_user_agent:
            made_with = device.describe(self.user_agent or "")
            values.update(browser=made_with.browser, platform=made_with.platform)
        if is_own and settings.tracking_keep_place:
            values.update(
                country_id=place.country and place.country.id, city=place.city
            )
        return values

    def _get_stored_ip(self, settings):
        """Return what the company stores of the request's address.

        :param TrackingSettings settings: of the company
        :rtype: str | bool
        """
        self.ensure_one()
        return _STORED_IP[settings.tracking_keep_ip](self.ip or "") or False

    def _locate(self):
        """Where these hits came from, where Odoo has a GeoIP database.

        :return: address -> place
        :rtype: dict[str, Place]
        """
        found, error = {}, None
        for ip in filter(networks.is_address, set(self.mapped("ip"))):
            try:
                geoip = GeoIP(ip)
                found[ip] = (geoip.country.iso_code, geoip.city.name)
            except (TypeError, ValueError) as failure:
                error = failure  # a database of another kind, or without IPv6
        if error:
            _logger.warning("The GeoIP database is no good: %s", error)
        codes = {code for code, _city in found.values()} - {None}
        countries = self.env["res.country"].browse()
        if codes:
            countries = countries.search([("code", "in", list(codes))])
        by_code = {country.code: country for country in countries}
        return {
            ip: Place(by_code.get(code), city) for ip, (code, city) in found.items()
        }
