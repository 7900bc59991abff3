"""One network that opens the emails of several people at once is a machine."""

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.pipeline_tracking.models.trackable_client import MAX_HOURS

from ..helpers.notice_case import NoticeCase
from ..helpers.user_agents import GMAIL_PROXY, OUTLOOK

GATEWAY = "203.0.113.5"
BODY = '<p>See <a href="https://shop.example.net/prices">prices</a></p>'


@tagged("post_install", "-at_install")
class TestScanOfManyEmails(NoticeCase):
    def setUp(self):
        super().setUp()
        self.sent = [self.send_to(number) for number in range(5)]
        self.wait(40)

    def send_to(self, number):
        """Send an email to another customer.

        :return: the email that arrived, and its trackable email
        """
        partner = self.env["res.partner"].create(
            {"name": f"Customer {number}", "email": f"c{number}@x.example.org"}
        )
        self.inbox.emails.clear()
        message = self.post(BODY, partner_ids=partner.ids)
        [delivered] = self.inbox.emails
        return delivered, self.trackable_emails(message)

    def load(self, number, **values):
        """Load the image of an email in the gateway's network."""
        delivered, _email = self.sent[number]
        values.setdefault("ip", GATEWAY)
        self.hit(delivered.image_urls[0], **values)

    def assertScanned(self, *numbers):
        """Assert that these emails, and no others, were opened by a scanner."""
        for number, (_delivered, email) in enumerate(self.sent):
            with self.subTest(number=number):
                reasons = set(email.action_ids.mapped("reason"))
                if number in numbers:
                    self.assertEqual(reasons, {"many-emails"})
                    self.assertCounts(email, opens=0, clicks=0)
                    self.assertFalse(self.entries(email.partner_id))
                else:
                    self.assertNotIn("many-emails", reasons)

    def test_images_in_one_batch(self):
        for number in range(4):
            self.load(number)
        self.process()
        self.assertScanned(0, 1, 2, 3)
        # A person opens the last email, in another network.
        self.load(4, ip="192.0.2.7")
        self.process()
        self.assertCounts(self.sent[4][1], opens=1, clicks=0)

    def test_earlier_opens_of_other_emails_are_corrected(self):
        self.hold(15)
        for number in range(3):
            self.load(number)
            self.process()
            self.wait(3)
            self.assertCounts(self.sent[number][1], opens=1, clicks=0)
            self.assertTrue(self.entries(self.sent[number][1].partner_id))
        self.load(3)
        self.process()
        self.assertScanned(0, 1, 2, 3)
        self.assertFalse(self.env["trackable.hit"].search([("is_recheck", "=", True)]))
        self.wait(300)
        self.assertToasts()  # no news
        for _delivered, email in self.sent[:4]:
            self.assertFalse(email.notice_at)

    def test_emails_sent_again(self):
        """Requests before the second sending do not count as soon after sending."""
        for number in (1, 2, 3):
            self.sent[number][1].sent_date += timedelta(minutes=1)
        for number in (1, 2, 3, 0):
            self.load(number, is_at_delivery=True)  # leave the times of sending
            self.process()
        self.assertScanned()

    def test_two_scans_of_one_email_are_found_in_one_batch(self):
        pause = timedelta(minutes=80)
        self.load(0)
        self.process()
        self.wait(pause.total_seconds())
        self.load(0)
        self.process()
        self.assertCounts(self.sent[0][1], opens=2, clicks=0)
        for number in range(1, 5):
            self.load(number)
        self.env.cr.execute(
            "UPDATE trackable_hit SET occurred_at = occurred_at - %s", [pause]
        )
        for number in range(1, 5):
            self.load(number)
        self.process()
        self.assertScanned(0, 1, 2, 3, 4)

    def test_links_are_part_of_the_scan(self):
        for number in range(4):
            delivered, _email = self.sent[number]
            self.load(number)
            self.hit(delivered.links["prices"], ip=f"203.0.113.{number}")
        self.process()
        self.assertScanned(0, 1, 2, 3)

    def test_addresses_of_one_network_are_one_source(self):
        for number in range(4):
            self.load(number, ip=f"2001:db8:1:{number}::7")
        self.process()
        self.assertScanned(0, 1, 2, 3)

    def test_person_who_reads_several_emails(self):
        partner = self.sent[0][1].partner_id
        emails = []
        for _number in range(4):
            self.inbox.emails.clear()
            message = self.post(BODY, partner_ids=partner.ids)
            emails.append((self.inbox.emails[0], self.trackable_emails(message)))
        self.wait(40)
        for delivered, _email in emails:
            self.hit(delivered.image_urls[0], ip=GATEWAY)
        self.process()
        for _delivered, email in emails:
            self.assertCounts(email, opens=1, clicks=0)

    def test_email_clients_and_proxies_of_providers(self):
        for user_agent in (GMAIL_PROXY, OUTLOOK):
            for number in range(5):
                self.load(number, user_agent=user_agent)
        self.process()
        self.assertScanned()
        for _delivered, email in self.sent:
            self.assertCounts(email, opens=2, clicks=0)

    def test_people_behind_one_address(self):
        for number in range(5):
            self.load(number)
            self.process()
            self.wait(90)
        self.assertScanned()

    def test_proxy_that_hides_the_clients(self):
        for ip in ("", "10.0.0.1", "127.0.0.1", "fd00::1"):
            for number in range(5):
                self.load(number, ip=ip)
        self.process()
        self.assertScanned()

    def test_colleague_who_opens_the_emails(self):
        self.sent[0][1].company_id.tracking_own_networks = "203.0.113.0/24"
        for number in range(5):
            self.load(number)
        self.process()
        self.assertScanned()

    def test_stopped_email_is_left_out(self):
        self.load(0)
        self.process()
        email = self.sent[0][1]
        email.is_stopped = True
        for number in range(1, 5):
            self.load(number)
            self.process()
        self.assertScanned(1, 2, 3, 4)
        self.assertCounts(email, opens=1, clicks=0)
        self.assertFalse(self.env["trackable.hit"].search([]))


@tagged("post_install", "-at_install")
class TestClients(NoticeCase):
    def clients(self):
        return self.env["trackable.client"].search([])

    def open_and_click(self):
        self.hit(self.image, ip=GATEWAY)
        self.click("prices", ip=GATEWAY)
        self.process()

    def test_address_and_program_are_hashed(self):
        self.env["trackable.client"].search([]).unlink()
        self.open_and_click()
        self.assertEqual(len(self.clients()), 2)
        values = self.clients().sudo().read()
        self.assertEqual(len({row["network"] for row in values}), 1)
        text = str(values)
        for secret in ("203.0.113", "Mozilla", "Chrome"):
            self.assertNotIn(secret, text)
        # Another key gives another hash.
        network = values[0]["network"]
        self.env["trackable.key"]._rotate()
        client = self.env["trackable.client"]._make_client(GATEWAY, "")
        self.assertTrue(client.network)
        self.assertNotEqual(client.network, network)

    def test_clients_are_deleted_after_some_hours(self):
        self.open_and_click()
        actions = self.trackable.action_ids
        self.age(MAX_HOURS - 0.1)
        self.process()
        self.assertTrue(self.clients() & actions.sudo().client_ids)
        self.age(0.2)
        self.process()
        self.assertFalse(actions.sudo().client_ids)
        self.assertEqual(self.trackable.action_ids, actions)

    def age(self, hours):
        self.env.cr.execute(
            """
            UPDATE trackable_client SET stored_at = stored_at - %s * interval '1 hour'
            """,
            [hours],
        )
        self.env.invalidate_all()

    def test_nightly_job_deletes_them_as_well(self):
        self.open_and_click()
        self.age(MAX_HOURS + 1)
        self.assertGreaterEqual(self.env["trackable.client"]._gc_clients()[0], 2)

    def test_anonymized_person(self):
        self.open_and_click()
        self.trackable._anonymize()
        self.assertFalse(self.trackable.action_ids.sudo().client_ids)

    def test_email_clients_and_colleagues_leave_no_client(self):
        self.hit(self.image, user_agent=OUTLOOK)
        self.hit(self.image, user_agent=GMAIL_PROXY)
        self.trackable.company_id.tracking_own_networks = "203.0.113.0/24"
        self.hit(self.image, ip=GATEWAY)
        self.process()
        self.assertEqual(len(self.trackable.action_ids), 3)
        self.assertFalse(self.trackable.action_ids.sudo().client_ids)
