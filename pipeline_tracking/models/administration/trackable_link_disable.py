"""Let managers disable trackable links, and enable them again (extends trackable.link).

All copies of a message or a mailing share the row of a link: disabling the link ends it
for all recipients.
"""

import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError

from ...transactions import has_transaction_failed

_logger = logging.getLogger(__name__)


class TrackableLink(models.Model):
    _inherit = "trackable.link"

    def action_disable(self):
        """Disable the links: people who follow a disabled link see a page that says so,
        and nothing is recorded. Disabled links and withdrawn files do not change.

        :raise AccessError: the user is no manager of all these links
        """
        self._check_may_disable()
        # sudo: trackable.link - nobody has the right to change them
        links = self.sudo().filtered(
            lambda link: not link.disabled_date and not link.withdrawn_date
        )
        links.write({"disabled_date": fields.Datetime.now()})
        links.flush_recordset(["disabled_date"])  # SQL reads it
        # Also end the addresses of files in replies that came back: these addresses
        # contain the access token (`_find_urls_by_tokens`).
        links.attachment_id.access_token = False
        links._log_note_on_sources(self.env._("Link disabled:"))
        _logger.info("User %s disabled the links %s", self.env.uid, links.ids)

    def action_enable(self):
        """Let disabled links lead to their destinations again.

        :raise AccessError: the user is no manager of all these links
        """
        self._check_may_disable()
        # sudo: trackable.link - nobody has the right to change them
        links = self.sudo().filtered("disabled_date")
        links.write({"disabled_date": False})
        links.flush_recordset(["disabled_date"])  # SQL reads it
        links.attachment_id.generate_access_token()
        links._log_note_on_sources(self.env._("Link enabled:"))
        _logger.info("User %s enabled the links %s", self.env.uid, links.ids)

    def _check_may_disable(self):
        """Check that the user may disable and enable these links.

        :raise AccessError: the user is neither an administrator, nor a manager of the
            companies of these links
        """
        if self.env.is_system():
            return
        if not self.env.user.has_group("pipeline_tracking.group_manager"):
            raise AccessError(
                self.env._(
                    "Only Email Tracking managers can disable and enable links. Ask a"
                    " manager to do this."
                )
            )
        self.check_access("read")

    def _log_note_on_sources(self, text):
        """Log a note on the records from which the links were sent. Only users who may
        read the record see its note. If another module refuses the note, the link is
        still disabled.

        :param str text: text before the name of each link
        """
        for model, links_by_id in self._get_links_by_source_record().items():
            # sudo: records - managers need not read them
            records = self.env[model].sudo().browse(links_by_id).exists()
            bodies = {
                record.id: Markup("<p>%s</p>")
                % Markup("<br/>").join(
                    Markup("%s <b>%s</b>") % (text, link.label or link.address)
                    for link in links_by_id[record.id]
                )
                for record in records
            }
            try:
                with self.env.cr.savepoint():
                    records._message_log_batch(bodies)
            except Exception as error:  # an extension of the chatter can fail
                if has_transaction_failed(error):
                    raise
                _logger.exception("Failed to log a note about links on %s", records)

    def _get_links_by_source_record(self):
        """Return the records with a chatter from which the links were sent, if known:
        the current record of the message, or else the record of the email.

        :return: model -> id -> links
        :rtype: dict[str, dict[int, TrackableLink]]
        """
        # sudo: mail.message - only model and id of the record are read
        messages = self.mail_message_id.sudo().exists()
        records_by_message = {
            message: (message.model, message.res_id) for message in messages
        }
        deleted_messages = self.mail_message_id - messages
        if deleted_messages:
            # sudo: trackable.email - as above
            emails = self.env["trackable.email"].sudo()
            for email in emails.search(
                [("mail_message_id", "in", deleted_messages.ids)]
            ):
                records_by_message[email.mail_message_id] = (
                    email.res_model,
                    email.res_id,
                )
        links_by_record = defaultdict(dict)
        for link in self:
            if link.mailing_id:
                model, res_id = link.mailing_id._name, link.mailing_id.id
            else:
                model, res_id = records_by_message.get(
                    link.mail_message_id, (False, False)
                )
            if res_id and hasattr(self.env.get(model), "_message_log_batch"):
                links_by_record[model].setdefault(res_id, self.browse())
                links_by_record[model][res_id] |= link
        return links_by_record
