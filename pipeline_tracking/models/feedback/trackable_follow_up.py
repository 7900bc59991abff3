from odoo import api, fields, models
from odoo.tools import format_date


class TrackableFollowUp(models.TransientModel):
    """Ask for the type, the date and a note before follow-ups are scheduled."""

    _name = "trackable.follow.up"
    _description = "Follow Up"

    trackable_email_ids = fields.Many2many(
        "trackable.email", string="Emails", required=True
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
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
    open_follow_ups_text = fields.Text(compute="_compute_plan_texts")

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
            dialog.follow_up_count = len(plan.record_by_email)
            is_single = len(emails) == 1
            dialog.plan_text = (
                dialog._describe_single(plan)
                if is_single
                else dialog._describe_several(len(plan.record_by_email))
            )
            dialog.skipped_text = not is_single and "\n".join(
                dialog._describe_skipped(plan)
            )
            dialog.open_follow_ups_text = is_single and "\n".join(
                dialog._describe_open_follow_up(activity)
                for activity in plan.open_follow_ups
            )

    def _describe_several(self, count):
        """Return what the button *Schedule* does, if the user chose several emails.

        :param int count: number of emails that get a follow-up
        :rtype: str
        """
        if not count:
            return self.env._("No follow-up can be scheduled.")
        if count == 1:
            return self.env._("1 email gets a follow-up.")
        return self.env._("%s emails get a follow-up.", count)

    def _describe_single(self, plan):
        """Return what the button *Schedule* does, if the user chose one email.

        :param FollowUpPlan plan:
        :rtype: str
        """
        if not plan.record_by_email:
            [reason] = plan.skipped
            return self.env._("No follow-up can be scheduled: %s.", reason)
        [(email, record)] = plan.record_by_email.items()
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

    def _describe_open_follow_up(self, activity):
        """Return a sentence about a follow-up that the recipient already has.

        :param MailActivity activity:
        :rtype: str
        """
        values = {
            "activity": activity.activity_type_id.name or activity.summary,
            "date": format_date(self.env, activity.date_deadline, date_format="medium"),
            "user": activity.user_id.name,
        }
        if not activity.user_id:
            return self.env._(
                "%(activity)s is already scheduled for %(date)s.", **values
            )
        return self.env._(
            "%(activity)s is already scheduled for %(date)s, assigned to %(user)s.",
            **values,
        )

    def _describe_skipped(self, plan):
        """Return sentences about the emails without a follow-up.

        :param FollowUpPlan plan:
        :rtype: list[str]
        """
        return [
            self.env._("1 email is skipped: %s.", reason)
            if count == 1
            else self.env._(
                "%(count)s emails are skipped: %(reason)s.", count=count, reason=reason
            )
            for reason, count in plan.skipped.items()
        ]

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
        all follow-ups are on one record.

        :param FollowUpPlan plan:
        :rtype: dict
        """
        count = len(plan.record_by_email)
        records = set(plan.record_by_email.values())
        links = []
        if not count:
            sentences = [self.env._("No follow-up was scheduled.")]
        elif count == 1:
            sentences = [self.env._("1 follow-up is scheduled.")]
        else:
            sentences = [self.env._("%s follow-ups are scheduled.", count)]
        if len(records) == 1:
            [record] = records
            links = [
                {
                    "label": self.env._("View"),
                    "url": f"/odoo/{record._name}/{record.id}",
                }
            ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "message": " ".join(
                    [*sentences, *self._describe_skipped(plan), *["%s"] * len(links)]
                ),
                "links": links,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
