"""The timeline tells the recipients of a message apart."""

from odoo.tests import new_test_user, tagged

from ..common import TrackingCase


@tagged("post_install", "-at_install")
class TestTimelineRecipients(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.track_several_recipients = True
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.both_companies = new_test_user(
            cls.env,
            "bob",
            "base.group_user,sales_team.group_sale_salesman_all_leads",
            company_ids=[(6, 0, (cls.env.company + cls.elsewhere).ids)],
            email="bob@acme.example.com",
        )
        cls.third = cls.env["res.partner"].create(
            {"name": "Olga", "email": "olga@objecting.example.org"}
        )

    def recipients(self, message, user=None):
        """Return the names and states of a timeline's recipients.

        :rtype: dict[str, dict]
        """
        user = user or self.salesperson
        message = message.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        rows = message.get_tracking_timeline()["recipients"]
        self.assertEqual(len({row["id"] for row in rows}), len(rows))
        return {row["name"]: row["tracking"] for row in rows}

    def send_to_all(self):
        self.inbox.emails.clear()
        partners = self.customer | self.other | self.third | self.colleague.partner_id
        message = self.post(partner_ids=partners.ids)
        arrived = {
            delivered.recipients[0]: delivered for delivered in self.inbox.emails
        }
        return message, arrived

    def test_recipients_of_one_message(self):
        self.third.tracking_consent = "objected"
        message, arrived = self.send_to_all()
        self.hit(arrived[self.customer.email].image_urls[0])
        self.process()
        recipients = self.recipients(message)
        self.assertEqual(
            set(recipients),
            {"Carla Customer", "Oscar Other", "Olga"},
            "no colleague",
        )
        opened = recipients["Carla Customer"]
        self.assertEqual((opened["opens"], opened["recipients"]), (1, 1))
        self.assertEqual(recipients["Oscar Other"]["opens"], 0)
        self.assertEqual(recipients["Olga"], {"untracked": "Not tracked: opted out"})

    def test_only_recipient_is_named_until_something_happens(self):
        delivered, trackable = self.send()
        message = trackable.mail_message_id
        self.assertEqual(list(self.recipients(message)), ["Carla Customer"])
        self.assertFalse(self.recipients(message)["Carla Customer"]["opens"])
        self.hit(delivered.image_urls[0])
        self.process()
        self.assertEqual(self.recipients(message), {})

    def test_stopped_recipient(self):
        message, _arrived = self.send_to_all()
        self.other.tracking_consent = "objected"
        recipients = self.recipients(message)
        self.assertTrue(recipients["Oscar Other"]["stopped"])
        self.assertFalse(recipients["Carla Customer"]["stopped"])

    def test_recipient_before_sending_is_not_called_untracked(self):
        message = self.post(
            partner_ids=(self.customer | self.other).ids, force_send=False
        )
        self.assertFalse(self.trackable_emails(message))
        self.assertEqual(self.recipients(message), {})
        # sudo: mail.mail - users may not read the outgoing emails
        message.sudo().mail_ids.send()
        self.assertEqual(
            set(self.recipients(message)), {"Carla Customer", "Oscar Other"}
        )

    def hide_objection(self):
        """Record an objection that only users of the other company may read."""
        self.env["res.partner"].create(
            {
                "name": "Olga elsewhere",
                "email": self.third.email,
                "company_id": self.elsewhere.id,
                "tracking_consent": "objected",
            }
        )
        self.env["trackable.objection"].search([]).unlink()

    def test_hidden_objection_is_not_shown(self):
        self.hide_objection()
        message, _arrived = self.send_to_all()
        self.assertNotIn(self.third, self.trackable_emails(message).partner_id)
        for user, text in (
            (self.salesperson, "Not tracked"),
            (self.both_companies, "Not tracked: opted out"),
        ):
            self.assertEqual(
                self.recipients(message, user)["Olga"], {"untracked": text}
            )

    def test_hidden_objection_looks_like_missing_consent(self):
        self.env.company.tracking_consent_mode = "when_agreed"
        self.customer.tracking_consent = "agreed"
        self.hide_objection()
        message, _arrived = self.send_to_all()
        recipients = self.recipients(message)
        text = {"untracked": "Not tracked: no consent"}
        self.assertEqual(recipients["Olga"], text)
        self.assertEqual(recipients["Oscar Other"], text)
        self.assertNotIn("untracked", recipients["Carla Customer"])

    def test_timeline_of_many_recipients_takes_as_many_queries_as_of_two(self):
        counts = []
        for number in (2, 10):
            partners = self.env["res.partner"].create(
                [
                    {
                        "name": f"Person {n}",
                        "email": f"person{n}@many{number}.example.org",
                        "tracking_consent": "objected" if n % 2 else False,
                    }
                    for n in range(number)
                ]
            )
            self.inbox.emails.clear()
            message = self.post(partner_ids=partners.ids)
            for delivered in self.inbox.emails:
                for url in delivered.image_urls:
                    self.hit(url)
            self.process()
            emails = self.trackable_emails(message)
            self.assertEqual(len(emails), number / 2)
            emails.reply_date = message.date
            message = message.with_user(self.salesperson)
            timeline = message.get_tracking_timeline()  # fills the caches
            self.assertEqual(len(timeline["recipients"]), number)
            self.assertEqual(len(timeline["lines"]), number)
            counts.append(self.count_queries(message.get_tracking_timeline))
        self.assertEqual(*counts)
