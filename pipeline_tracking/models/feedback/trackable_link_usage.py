"""Count how often recipients used links (extends trackable.email, trackable.link).

Actions and totals of deleted actions are counted.
"""

from collections import namedtuple

from odoo import api, models

# `count`: clicks and downloads by the recipient. `last_date`: time of the last one.
Usage = namedtuple("Usage", "count last_date")

LINK_FIELDS = {"address_link_ids", "file_link_ids"}


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    def web_read(self, specification):
        """Let the links on the form of an email count their clicks in this email."""
        if len(self) == 1 and LINK_FIELDS & specification.keys():
            self = self.with_context(trackable_email_id=self.id)
        return super().web_read(specification)

    def _read_link_usage(self):
        """Return how the recipients of these emails used the links.

        The caller checks that the user may read the emails.

        :return: (email, link) -> usage; unused links are left out
        :rtype: dict[tuple[TrackableEmail, TrackableLink], Usage]
        """
        domain = [
            ("trackable_email_id", "in", self.ids),
            ("trackable_link_id", "!=", False),
            ("is_counted", "=", True),
        ]
        groupby = ["trackable_email_id", "trackable_link_id"]
        # sudo: trackable.email.action, trackable.action.total - the user may read the
        # emails, so their actions
        rows = (
            self.env["trackable.email.action"]
            .sudo()
            ._read_group(domain, groupby, ["__count", "occurred_at:max"])
        )
        rows += (
            self.env["trackable.action.total"]
            .sudo()
            ._read_group(domain, groupby, ["number:sum", "last_date:max"])
        )
        usage = {}
        for email, link, count, last_date in rows:
            known = usage.get((email, link), Usage(0, last_date))
            usage[email, link] = Usage(
                known.count + count, max(known.last_date, last_date)
            )
        return usage


class TrackableLink(models.Model):
    _inherit = "trackable.link"

    @api.depends_context("uid", "allowed_company_ids", "trackable_email_id")
    def _compute_usage_in_email(self):
        email = self.env["trackable.email"].browse(
            self.env.context.get("trackable_email_id")
        )
        usage = email.exists()._filtered_access("read")._read_link_usage()
        for link in self:
            link_usage = usage.get((email, link._origin), Usage(0, False))
            link.email_click_count, link.email_last_use_date = link_usage
