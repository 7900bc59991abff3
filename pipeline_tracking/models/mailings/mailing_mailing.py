"""Open the emails, actions and links of a mailing (extends mailing.mailing)."""

from odoo import models


class MailingMailing(models.Model):
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing", "referenced.record.mixin"]

    def unlink(self):
        # Odoo deletes the chatter, with its tracking entries, before it checks access.
        self.check_access("unlink")
        return super().unlink()  # the mixin clears references

    def action_view_trackable_emails(self):
        """Open the list of the mailings' trackable emails. The context can set filters.

        :rtype: dict
        """
        action = self._open_tracking("trackable_email_action_window", "mailing_id")
        # When a user retries a failed mailing, Odoo makes new mails, and each new mail
        # has a new trackable email. The list leaves out emails that were never sent.
        # No default filters: they would hide the emails of mailings.
        return {**action, "domain": self._get_tracked_sent_domain(), "context": {}}

    def action_view_tracking_actions(self):
        """Open the actions on the mailings' trackable emails, as a graph first.

        :rtype: dict
        """
        return self._open_tracking(
            "trackable_email_action_mailing_action_window",
            "trackable_email_id.mailing_id",
        )

    def action_view_tracking_links(self):
        """Open the list of all links and files of the mailings.

        :rtype: dict
        """
        return self._open_tracking("trackable_link_action_window", "mailing_id")

    def _open_tracking(self, name, path):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"pipeline_tracking.{name}"
        )
        return {**action, "domain": [(path, "in", self.ids)]}
