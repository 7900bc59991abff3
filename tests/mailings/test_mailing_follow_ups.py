"""Campaign managers use statistics for A/B tests, resends and follow-ups.

Mailings sent with Odoo's own tracking keep working.
"""

from odoo.tests import HttpCase, tagged

from ..common import APPLE_MPP, TrackingMixin
from ..helpers.mailing_case import MailingCase, MailingMixin

SCANNER = "Barracuda Sentinel (EE)"


@tagged("post_install", "-at_install")
class TestMailingFollowUps(MailingCase):
    def open(self, arrived, *addresses, **request):
        for address in addresses:
            self.hit(arrived[address].image_urls[0], **request)
        self.process()

    def click(self, arrived, *addresses, **request):
        for address in addresses:
            self.hit(arrived[address].links["offer"], **request)
        self.process()

    def make_ab_test(self, selection):
        """Send two versions of a mailing, each to half of six recipients.

        :return: each version with the emails that arrived
        :rtype: list[tuple]
        """
        more = self.env["mailing.contact"].create(
            [{"name": name, "email": f"{name}@x.example.net"} for name in "def"]
        )
        self.mailing_list.contact_ids += more
        first = self.create_mailing(
            subject="First", ab_testing_enabled=True, ab_testing_pc=50
        )
        first.campaign_id.ab_testing_winner_selection = selection
        second = first.copy({"subject": "Second"})
        self.assertEqual(first.campaign_id, second.campaign_id)
        versions = [self.send_mailing(version) for version in (first, second)]
        self.assertEqual([len(arrived) for _mailing, arrived in versions], [3, 3])
        self.wait(60)
        return versions

    def test_the_winner_has_more_opens_by_people(self):
        (first, to_first), (second, to_second) = self.make_ab_test("opened_ratio")
        self.open(to_first, *to_first, user_agent=SCANNER)  # opens every copy
        self.open(to_second, list(to_second)[0])
        self.assertEqual([first.opened, second.opened], [0, 1])
        (first | second).action_send_winner_mailing()
        winner = first.campaign_id.ab_testing_winner_mailing_id
        self.assertEqual(winner.subject, "Second")

    def test_the_winner_has_more_clicks_by_people(self):
        (first, to_first), (second, to_second) = self.make_ab_test("clicks_ratio")
        self.click(to_first, *to_first, user_agent=SCANNER)
        self.click(to_second, list(to_second)[0])
        self.assertEqual(first.clicks_ratio, 0)
        self.assertGreater(second.clicks_ratio, 0)
        (first | second).action_send_winner_mailing()
        winner = first.campaign_id.ab_testing_winner_mailing_id
        self.assertEqual(winner.subject, "Second")

    def test_resend_to_recipients_who_did_not_open(self):
        mailing, arrived = self.send_mailing()
        self.wait(60)
        anna, bert, cleo = self.contacts
        self.open(arrived, anna.email)
        self.open(arrived, bert.email, user_agent=APPLE_MPP)
        self.open(arrived, cleo.email, user_agent=SCANNER)
        unopened = mailing.mailing_trace_ids.filtered_domain(
            [("trace_status", "=", "sent")]
        )
        self.assertEqual(unopened.mapped("res_id"), cleo.ids, "Bert may have read it")
        _again, arrived = self.send_mailing(
            model="mailing.contact",
            mailing_domain=repr([("id", "in", unopened.mapped("res_id"))]),
        )
        self.assertEqual(list(arrived), [cleo.email])
        self.assertTracked(arrived[cleo.email])

    def test_lists_of_recipients_who_opened_or_clicked(self):
        mailing, arrived = self.send_mailing()
        self.wait(60)
        anna, bert, _cleo = self.contacts
        self.click(arrived, anna.email)
        self.click(arrived, bert.email, user_agent=SCANNER)
        for action in (mailing.action_view_clicked(), mailing.action_view_opened()):
            contacts = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(contacts, anna)

    def test_one_chatter_entry_a_day_on_record_and_only_contact(self):
        anna, bert, cleo = self.contacts
        partner = self.env["res.partner"].create({"name": "A", "email": anna.email})
        self.env["res.partner"].create([{"name": "B", "email": bert.email}] * 2)
        _mailing, arrived = self.send_mailing()
        self.wait(60)
        for _time in range(2):
            self.open(arrived, anna.email, bert.email)
            self.click(arrived, anna.email)
            self.wait(60)
        self.open(arrived, cleo.email, user_agent=SCANNER)
        self.assertEqual(len(self.entries(anna)), 1)
        self.assertEqual(len(self.entries(partner)), 1)
        self.assertEqual(len(self.entries(bert)), 1)
        self.assertFalse(self.entries(cleo))
        others = self.env["res.partner"].search([("email", "=", bert.email)])
        self.assertFalse(self.entries(others[0]) | self.entries(others[1]))
        self.assertIn(
            "News",
            self.entry_text(anna),
            "readers of a mailing contact may read every mailing",
        )
        self.assertIn("offer", self.entry_text(anna))
        self.assertIn("a mailing", self.entry_text(partner))
        self.assertNotIn("offer", self.entry_text(partner))

    def count_queries(self, records):
        """Count the queries that prepare a mailing to these records."""
        mailing = self.create_mailing(
            model=records._name, mailing_domain=repr([("id", "in", records.ids)])
        )
        self.patch(self.registry["mail.mail"], "send", lambda *_args, **_kwargs: True)
        mailing.action_send_mail()
        mails = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(len(mails), len(records))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        batch = mails._create_trackable_batch()
        self.env.flush_all()
        self.assertTrue(batch.has_copy_of(mails[-1]))
        return self.env.cr.sql_log_count - before

    def create_recipients(self, model, count):
        email = "email_from" if model == "crm.lead" else "email"
        return self.env[model].create(
            [
                {"name": f"{n}", email: f"n{n}-{count}@x.example.net"}
                for n in range(count)
            ]
        )

    def test_queries_do_not_grow_with_recipients(self):
        """Allow one query more, for every model of recipients."""
        for model in ("mailing.contact", "res.partner", "crm.lead"):
            _first, few, many = (
                self.count_queries(self.create_recipients(model, count))
                for count in (3, 2, 40)
            )
            self.assertLessEqual(many, few + 1, model)


@tagged("post_install", "-at_install")
class TestNativeTracking(MailingMixin, TrackingMixin, HttpCase):
    """Odoo's own tracking of mailings that this addon does not track."""

    def setUp(self):
        super().setUp()
        self.set_base_url("http://localhost:8069")
        self.mailing, self.arrived = self.send_mailing()
        self.set_base_url(self.base_url())

    def follow(self, url):
        return self.url_open(url[url.index("/", 8) :], allow_redirects=False)

    def test_odoo_still_records_opens_and_clicks(self):
        anna, bert, cleo = self.contacts.mapped("email")
        html = self.arrived[anna].html
        image = html[html.index("/mail/track/") :].split('"')[0]
        self.assertEqual(self.url_open(image).headers["Content-Type"], "image/gif")
        self.assertEqual(
            self.mailing.mailing_trace_ids.filtered(
                lambda trace: trace.trace_status == "open"
            ).mapped("email"),
            [anna],
        )
        response = self.follow(self.arrived[bert].links["offer"])
        self.assertEqual(response.status_code, 301)
        self.assertIn("https://shop.example.net/offer", response.headers["Location"])
        self.assertEqual(self.mailing.clicked, 1)
        tracker = self.env["link.tracker"].search([("label", "=", "offer")])
        self.assertEqual(tracker.count, 1)
        short_url = self.arrived[cleo].links["offer"].partition("/m/")[0]
        self.assertEqual(self.follow(short_url).status_code, 301)
        # The queue of this addon does not undo Odoo's statistics.
        self.process()
        self.assertEqual((self.mailing.opened, self.mailing.clicked), (2, 1))
