from odoo import api, models
from odoo.tools import SQL


class TrackableErasedMixin(models.AbstractModel):
    """Of trackable emails: to forget whose they were. Links go on leading where they
    led, and the numbers stay.
    """

    _name = "trackable.erased.mixin"
    _description = "Trackable Erased Mixin"

    @api.model
    def _erase(self, condition):
        """Remove from trackable emails, and from all that is known of them, what says
        whose they were; nothing more is recorded of them.

        :param SQL condition: which
        :return: how many there were
        :rtype: int
        """
        self.env.flush_all()
        # SQL: to one person there can be thousands. First of all the trackable emails,
        # whose rows whoever processes their hits has locked.
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE trackable_email
                   SET recipient_key = 'erased,' || id,
                       email_to = NULL, partner_id = NULL, subject = NULL,
                       mail_mail_id_int = NULL,
                       mailing_trace_id = NULL, is_trace_due = NULL,
                       is_trace_failed = NULL, notice_at = NULL, is_stopped = TRUE,
                       res_model = CASE WHEN %(own)s THEN NULL ELSE res_model END,
                       res_id = CASE WHEN %(own)s THEN NULL ELSE res_id END
                 WHERE (%(condition)s) AND is_anonymous IS NOT TRUE
                RETURNING id
                """,
                # sent from the form of the recipient, or of a mailing: the recipient
                own=SQL(
                    "(res_model = 'mailing.contact'"
                    " OR (res_model = 'res.partner' AND res_id = partner_id))"
                ),
                condition=condition,
            )
        )
        emails = self.browse(email_id for (email_id,) in rows)
        if emails:
            emails.invalidate_model()
            emails._erase_actions()
            emails._get_told_messages().unlink()
        return len(emails)

    def _anonymize(self):
        """Make them nobody's."""
        self._erase(SQL("id = ANY(%s)", self.ids))

    def _erase_actions(self):
        """Where what was done with them came from; and what waits in the queue."""
        self.env.cr.execute(
            """
            UPDATE trackable_email_action
               SET ip = NULL, user_agent = NULL, browser = NULL, platform = NULL,
                   country_id = NULL, city = NULL, link_tracker_click_id = NULL
             WHERE trackable_email_id = ANY(%s)
            """,
            [self.ids],
        )
        self.env["trackable.email.action"].invalidate_model()
        self.env.cr.execute(
            "DELETE FROM trackable_hit WHERE trackable_email_id = ANY(%s)", [self.ids]
        )
        self.env["trackable.hit"].invalidate_model()

    def _get_told_messages(self):
        """What chatters and the sender's inbox tell of them. A notice about several
        emails is one message.

        :rtype: mail.message
        """
        # sudo: trackable.email.entry, mail.message - nobody has access rights to it
        entries = self.env["trackable.email.entry"].sudo()
        entries = entries.search([("trackable_email_id", "in", self.ids)])
        return entries.mail_message_id | self.sudo().notice_message_ids
