"""Build the values of the actions that hits become, without the request details the
company does not store (extends trackable.hit).
"""

import logging
from collections import namedtuple

from odoo import models
from odoo.http import GeoIP

from ...tools import actors, classify, device, networks
from ...tools.email_requests import can_change
from ..trackable_client import CLIENT_VALUES

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

        :param ClassifiedHit classified_hit: this hit's classification, with its verdict
        :param Place place: the location of the request
        :return: values for `create` of trackable.email.action
        :rtype: dict
        """
        self.ensure_one()
        settings = self.trackable_email_id._get_tracking_settings()
        verdict = classified_hit.verdict
        values = {
            "trackable_email_id": self.trackable_email_id.id,
            "trackable_link_id": classified_hit.link.id,
            "kind": classified_hit.kind,
            "is_part": self.is_part,
            "actor": verdict.actor,
            "reason": verdict.reason,
            "confidence": verdict.confidence,
            "signs": ",".join(verdict.signs),
            "occurred_at": self.occurred_at,
            "ip": self._get_stored_ip(settings),
            "user_agent": settings.tracking_keep_user_agent and self.user_agent,
            "user_id": classified_hit.colleague.id,
        }
        # A proxy has another location and another program than the recipient.
        is_direct = verdict.reason not in (*classify.PROXIED, classify.AT_DELIVERY)
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

    def _prepare_action_values_list(self, classified_hits, verdicts):
        """Build the values of the actions that these hits become.

        :param dict[TrackableHit, ClassifiedHit] classified_hits:
        :param dict[TrackableHit, Verdict] verdicts: from `_compare`
        :return: the values for each hit, in the order of these hits
        :rtype: list[dict]
        """
        places_by_ip = self._find_places()
        return [
            {
                **hit._prepare_action_values(
                    classified_hits[hit]._replace(verdict=verdicts[hit]),
                    places_by_ip.get(hit.ip, Place()),
                ),
                **hit._prepare_client_values(classified_hits[hit]),
            }
            for hit in self
        ]

    def _prepare_client_values(self, classified_hit):
        """Build the values that remember the client for some hours, if later requests
        can change the action, or if the action can change others.

        :param ClassifiedHit classified_hit: this hit's classification
        :return: the values of a trackable.client for the key `CLIENT_VALUES`, or an
            empty dict
        :rtype: dict
        """
        self.ensure_one()
        kind, client = classified_hit.kind, classified_hit.client
        actor, reason = classified_hit.classification
        if actor == actors.INTERNAL or (
            classify.is_by_email_client(kind, self.user_agent or "")
            and not can_change(kind, classified_hit.classification)
        ):
            return {}
        return {
            CLIENT_VALUES: (
                *(self.occurred_at, client.network or None, client.program or None),
                *(client.system or None, actor, reason),
            )
        }

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
