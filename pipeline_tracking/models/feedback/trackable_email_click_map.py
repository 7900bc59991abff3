"""Show an email as it was sent, with the clicks on its links (extends trackable.email).

The text is that of the message, or of the mailing. Only users who may read it see it.
"""

from odoo import api, models
from odoo.tools import html_sanitize

from ...tools import click_map
from .record_access import filter_accessible


class TrackableEmail(models.Model):
    _inherit = "trackable.email"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _get_click_map_source(self):
        """Return the record that holds the email's text, and the field of the text.

        An override returns another record for another kind of email.

        :return: one record of any model, which may be deleted; a field of its model
        :rtype: tuple[record, str]
        """
        self.ensure_one()
        if self.mailing_id:
            return self.mailing_id, "body_html"
        return self.mail_message_id, "body"

    # ------------------------------------------------------------
    # Do not override
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_click_map(self):
        usage = self._read_link_usage()
        sources = [email._get_click_map_source() for email in self]
        readable = filter_accessible(
            self.env, ((record._name, record.id) for record, _field_name in sources)
        )
        for email, (record, field_name) in zip(self, sources, strict=True):
            if (record._name, record.id) not in readable:
                email.click_map = False
                email.click_map_notice = email._get_click_map_notice(record)
                continue
            counts = {
                link: usage[email, link].count if (email, link) in usage else 0
                for link in email.link_ids
            }
            email.click_map = email._render_click_map(record[field_name] or "", counts)
            email.click_map_notice = False

    def _render_click_map(self, html, counts):
        """Render the email's text as a page, with a number on each link.

        :param str html: the text, which the user may read
        :param dict counts: trackable link -> number of clicks or downloads
        :rtype: str
        """
        self.ensure_one()
        links = self.link_ids._prepare_click_map_links(counts)
        return click_map.render_page(
            html_sanitize(html, sanitize_attributes=True),
            [links[link] for link in self.link_ids if not link.is_file],
            [links[link] for link in self.link_ids if link.is_file],
            self.get_base_url(),
        )

    def _get_click_map_notice(self, record):
        """Return why the user cannot see the email's text.

        :param record: from `_get_click_map_source`, not readable
        :rtype: str
        """
        if not record.exists():
            return self.env._("The text of this email was deleted.")
        if record._name == "mailing.mailing":
            return self.env._(
                "You cannot read the mailing, so its text is not shown here."
            )
        return self.env._(
            "You cannot read the message of this email, so its text is not shown here."
        )


class TrackableLink(models.Model):
    _inherit = "trackable.link"

    def _prepare_click_map_links(self, counts):
        """Prepare these links for the click map.

        :param dict counts: trackable link -> number of clicks or downloads
        :return: trackable link -> link for the click map
        :rtype: dict[TrackableLink, click_map.TrackedLink]
        """
        # sudo: trackable.link, link.tracker - the user may read the text, and the text
        # has the destinations
        links = self.sudo()
        trackers = links.link_tracker_id.exists()
        return {
            link: click_map.TrackedLink(
                # The text of a mailing has destinations without UTM parameters.
                [link.url, *(link.link_tracker_id & trackers).mapped("url")],
                link.label or "",
                link._describe_count(counts[link]),
                bool(counts[link]),
            )
            for link in links
        }

    def _describe_count(self, count):
        """Return a number of clicks or downloads as text.

        :param int count:
        :rtype: str
        """
        if not count:
            return "0"
        if self.is_file:
            if count == 1:
                return self.env._("1 download")
            return self.env._("%s downloads", count)
        if count == 1:
            return self.env._("1 click")
        return self.env._("%s clicks", count)
