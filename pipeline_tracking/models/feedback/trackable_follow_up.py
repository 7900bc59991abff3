from odoo import api, fields, models


class TrackableFollowUp(models.TransientModel):
    """Ask for the type, the date and a note before follow-ups are scheduled."""

    _name = "trackable.follow.up"
    _description = "Follow Up"

    trackable_email_ids = fields.Many2many(
        "trackable.email", string="Emails", required=True
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Activity Type",
        required=True,
        domain=[("res_model", "=", False)],
        default=lambda self: self._get_default_activity_type(),
    )
    date_deadline = fields.Date(
        "Due Date", required=True, default=fields.Date.context_today
    )
    note = fields.Html()
    follow_up_count = fields.Integer(
        "Number of Follow-Ups", compute="_compute_plan_texts"
    )
    plan_text = fields.Char(compute="_compute_plan_texts")
    skipped_text = fields.Text(compute="_compute_plan_texts")

    @api.model
    def _get_default_activity_type(self):
        """Return the type *Call*, or *To-Do* if the company deleted *Call*."""
        for name in ("call", "todo"):
            activity_type = self.env.ref(
                f"mail.mail_activity_data_{name}", raise_if_not_found=False
            )
            if activity_type and activity_type.active:
                return activity_type
        return self.env["mail.activity.type"]

    @api.depends("trackable_email_ids")
    def _compute_plan_texts(self):
        for dialog in self:
            emails = dialog.trackable_email_ids._origin
            plan = emails._plan_follow_ups()
            dialog.follow_up_count = len(plan.email_by_record)
            dialog.plan_text = dialog._describe_plan(emails, plan.email_by_record)
            dialog.skipped_text = "\n".join(plan.skipped)

    def _describe_plan(self, emails, email_by_record):
        """Return what the button *Schedule* does.

        :param trackable.email emails: the emails that the user chose
        :param dict email_by_record: from `trackable.email._plan_follow_ups`
        :rtype: str
        """
        if not email_by_record:
            return self.env._("No follow-up can be scheduled.")
        if len(emails) > 1:
            if len(email_by_record) == 1:
                return self.env._("1 email gets a follow-up.")
            return self.env._("%s emails get a follow-up.", len(email_by_record))
        [(record, email)] = email_by_record.items()
        values = {
            "subject": email.subject or self.env._("(no subject)"),
            "recipient": email.recipient_name or self.env._("the recipient"),
            "record": record.display_name,
        }
        if email.reply_date:
            return self.env._(
                "Follow up on “%(subject)s” to %(recipient)s, who already answered. The"
                " activity is added to %(record)s.",
                **values,
            )
        return self.env._(
            "Follow up on “%(subject)s” to %(recipient)s. The activity is added to"
            " %(record)s.",
            **values,
        )

    def action_schedule(self):
        """Schedule the follow-ups.

        :return: a notification with the number of follow-ups, and why emails were
            skipped
        :rtype: dict
        """
        self.ensure_one()
        emails = self.trackable_email_ids
        emails.check_access("read")
        plan = emails._schedule_follow_ups(
            {
                "activity_type_id": self.activity_type_id.id,
                "date_deadline": self.date_deadline,
                "note": self.note,
            }
        )
        return self._prepare_notification(plan)

    def _prepare_notification(self, plan):
        """Return a client action that shows the result, with a link to the record if
        only one record got a follow-up.

        :param FollowUpPlan plan:
        :rtype: dict
        """
        records = list(plan.email_by_record)
        links = []
        if not records:
            sentences = [self.env._("No follow-up was scheduled.")]
        elif len(records) == 1:
            [record] = records
            sentences = [self.env._("1 follow-up is scheduled.")]
            links = [
                {
                    "label": self.env._("View"),
                    "url": f"/odoo/{record._name}/{record.id}",
                }
            ]
        else:
            sentences = [self.env._("%s follow-ups are scheduled.", len(records))]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if records else "warning",
                "message": " ".join([*sentences, *plan.skipped, *["%s"] * len(links)]),
                "links": links,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
