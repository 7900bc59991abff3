from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools import actors, consent
from ...tools.self_test import WORKING
from .setup_test_email import TEST_EMAIL

# Groups whose users see the first steps.
GROUPS = ("base.group_system", "pipeline_tracking.group_manager")
# Steps that are done when a user follows their button.
READ_STEPS = ("consent", "access")


class TrackableSetup(models.AbstractModel):
    """Lead administrators and managers through the first steps of a company.

    `res.company.tracking_setup` stores the state of the steps:

    ============== ============================================== ====================
    key            value                                          set by
    ============== ============================================== ====================
    check          key, state and values of the last summary of   `_store_check`
                   the self-test
    test           message id and address of the last test email  `send_test_email`
    done           the steps of `READ_STEPS` that are done        `mark_done`
    is_closed      whether the panel is closed                    `set_closed`
    ============== ============================================== ====================
    """

    _name = "trackable.setup"
    _description = "First Steps of Email Tracking"

    @api.model
    @api.readonly
    def get_steps(self):
        """Return the state of the steps of the current company.

        :return: ``is_closed``, ``is_administrator``, and a dict for each of the steps
            ``check``, ``test``, ``consent`` and ``access``, with ``is_done``
        :rtype: dict
        :raise AccessError: the user is neither an administrator nor a manager
        """
        self._check_setup_access()
        done = self._get_state().get("done", [])
        return {
            "is_closed": bool(self._get_state().get("is_closed")),
            "is_administrator": self.env.user.has_group("base.group_system"),
            "check": self._get_check_step(),
            "test": self._get_test_step(),
            "consent": {
                "is_done": "consent" in done,
                "needs_agreement": self.env.company.tracking_consent_mode
                == consent.WHEN_AGREED,
            },
            "access": {"is_done": "access" in done, "managers": self._count_managers()},
        }

    @api.model
    def send_test_email(self):
        """Send a tracked email from the user to the user.

        :return: the steps, see `get_steps`
        :rtype: dict
        :raise UserError: the email cannot be tracked or sent
        """
        self._check_setup_access()
        mail = self._create_test_email()
        try:
            mail.send(raise_exception=True)
        except MailDeliveryException as error:
            raise UserError(
                self.env._(
                    "The test email was not sent. Check the outgoing mail server in the"
                    " settings. Its error: %s",
                    error.args[-1],
                )
            ) from error
        message = mail.mail_message_id
        if message.untracked_reason:
            raise UserError(message._get_untracked_text(message.untracked_reason))
        self._update_state(
            test={"message": message.id, "address": self.env.user.email_normalized}
        )
        return self.get_steps()

    @api.model
    def mark_done(self, step):
        """Mark a step as done: the user has followed its button.

        :param str step: one of `READ_STEPS`
        :return: the steps, see `get_steps`
        :rtype: dict
        """
        self._check_setup_access()
        done = {*self._get_state().get("done", []), step}.intersection(READ_STEPS)
        self._update_state(done=sorted(done))
        return self.get_steps()

    @api.model
    def set_closed(self, is_closed):
        """Close the panel for all users of the company, or open it again.

        :param bool is_closed:
        :return: the steps, see `get_steps`
        :rtype: dict
        """
        self._check_setup_access()
        self._update_state(is_closed=bool(is_closed))
        return self.get_steps()

    # ------------------------------------------------------------
    # Do not override: the state, and the test email
    # ------------------------------------------------------------

    def _check_setup_access(self):
        if not any(map(self.env.user.has_group, GROUPS)):
            raise AccessError(
                self.env._(
                    "Only administrators and managers of Email Tracking see its first"
                    " steps. Ask your administrator for access."
                )
            )

    def _get_state(self):
        # sudo: res.company - no user may read the field
        return self.env.company.sudo().tracking_setup or {}

    def _update_state(self, **values):
        # sudo: res.company - managers may take the first steps
        self.env.company.sudo().tracking_setup = {**self._get_state(), **values}

    def _store_check(self, summary):
        """Store the summary of the self-test, in a form that can be translated later.

        :param Finding summary:
        """
        self._update_state(
            check={
                "key": summary.key,
                "state": summary.state,
                "values": summary.values,
            }
        )

    def _get_check_text(self):
        """Return the summary of the last self-test, or "" if there was no test.

        :rtype: str
        """
        check = self._get_state().get("check")
        if not check:
            return ""
        return self.env["trackable.self.test"]._format_summary(
            check["key"], check["values"]
        )

    def _get_check_step(self):
        check = self._get_state().get("check", {})
        return {
            "is_done": check.get("key") in WORKING,
            "state": check.get("state", ""),
            "text": self._get_check_text(),
        }

    def _get_test_step(self):
        # This transaction does not see the trackable email that another transaction
        # committed while the email was sent.
        test = self._get_state().get("test", {})
        # sudo: trackable.email.action - another user may have sent the test email of
        # the company
        action = self.env["trackable.email.action"].sudo()
        action = action.search(
            [
                ("trackable_email_id.mail_message_id", "=", test.get("message", 0)),
                ("actor", "!=", actors.MACHINE),
            ],
            limit=1,
        )
        labels = dict(action._fields["actor"]._description_selection(self.env))
        return {
            "is_done": bool(action),
            "address": self.env.user.email or "",
            "sent_to": test.get("address", ""),
            "opened_at": fields.Datetime.to_string(action.occurred_at) or "",
            "actor": action.actor or "",
            "actor_text": labels.get(action.actor, ""),
        }

    def _count_managers(self):
        # sudo: res.groups - managers may not read groups
        manager_group = self.env.ref("pipeline_tracking.group_manager").sudo()
        users = manager_group.all_user_ids.filtered(lambda user: user.active)
        return len(users.filtered(lambda user: self.env.company in user.company_ids))

    def _create_test_email(self):
        """Create the test email.

        :rtype: mail.mail
        :raise UserError: the user has no email address
        """
        user = self.env.user
        if not user.email_normalized:
            raise UserError(
                self.env._(
                    "You have no valid email address. Enter your address in My"
                    " Preferences, then send the test email."
                )
            )
        # sudo: mail.mail - a user may send an email to themselves
        return (
            self.env["mail.mail"]
            .sudo()
            .with_context(tracking_test=TEST_EMAIL)
            .create(
                {
                    "subject": self.env._("Test of Email Tracking"),
                    "body_html": self.env["ir.qweb"]._render(
                        "pipeline_tracking.test_email",
                        {"base_url": self.env.company.get_base_url()},
                    ),
                    "author_id": user.partner_id.id,
                    "email_from": user.email_formatted,
                    "recipient_ids": [fields.Command.link(user.partner_id.id)],
                    "is_tracked": True,
                    "auto_delete": False,
                }
            )
        )
