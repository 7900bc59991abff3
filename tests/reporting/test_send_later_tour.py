"""Tours of Send Later, which suggests when a customer usually opens emails."""

from datetime import datetime, timedelta, timezone

from odoo.tests import HttpCase, tagged

from ..common import TrackingMixin


def to_utc(local):
    """Convert a naive time in the time zone of this machine, and so of the browser."""
    return local.astimezone(timezone.utc).replace(tzinfo=None)


@tagged("post_install", "-at_install")
class TestSendLaterTour(TrackingMixin, HttpCase):
    def open_on_tuesdays(self, weeks):
        """Let the customer open an email on past Tuesdays at 9:15, and on a Friday."""
        _delivered, trackable = self.send()
        now = datetime.now()
        tuesday = (now - timedelta(days=(now.weekday() - 1) % 7)).replace(
            hour=9, minute=15, second=0, microsecond=0
        )
        times = [tuesday - timedelta(weeks=week + 1) for week in range(weeks)]
        times.append(tuesday - timedelta(days=4))
        self.env["trackable.email.action"].create(
            [
                {
                    "trackable_email_id": trackable.id,
                    "kind": "open",
                    "actor": "recipient",
                    "occurred_at": to_utc(time),
                }
                for time in times
            ]
        )

    def compose(self, tour):
        url = f"/odoo/action-crm.crm_lead_all_leads/{self.lead.id}"
        self.start_tour(url, tour, login=self.salesperson.login)

    def test_the_suggestion_schedules_the_email(self):
        self.open_on_tuesdays(4)
        self.compose("pipeline_tracking_send_later")
        scheduled = self.env["mail.scheduled.message"].search(
            [("model", "=", "crm.lead"), ("res_id", "=", self.lead.id)]
        )
        date = scheduled.scheduled_date
        local = date.replace(tzinfo=timezone.utc).astimezone()
        self.assertEqual((local.weekday(), local.hour, local.minute), (1, 9, 0))
        self.assertGreater(date, to_utc(datetime.now()))

    def test_too_few_opens_suggest_nothing(self):
        self.open_on_tuesdays(3)
        self.compose("pipeline_tracking_send_later_without")
