"""Tracked links and images use the company's tracking domain."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import BASE_URL, TRACKED_URL, TrackingCase

DOMAIN = "links.acme.example.com"


@tagged("post_install", "-at_install")
class TestTrackingDomain(TrackingCase):
    def test_links_image_and_files(self):
        self.env.company.tracking_domain = DOMAIN
        delivered, _trackable = self.send(
            '<a href="https://x.com/">x</a>', attachments=[("a.txt", b"a")]
        )
        self.assertTracked(delivered)
        urls = TRACKED_URL.findall(delivered.html)
        self.assertEqual(len(urls), 3)
        for url in urls:
            self.assertTrue(url.startswith(f"https://{DOMAIN}/t/"), url)
        self.assertNotIn(f"{BASE_URL}/t/", delivered.html + delivered.text)

    def test_each_company_has_a_tracking_domain(self):
        other = self.env["res.company"].create(
            {"name": "Other", "tracking_domain": "go.other.example.com"}
        )
        self.env.company.tracking_domain = DOMAIN
        self.salesperson.company_ids += other
        delivered, trackable = self.send()
        self.assertIn(f"https://{DOMAIN}/t/", delivered.image_urls[0])
        self.lead.company_id = other
        other_delivered, other_trackable = self.send()
        self.assertIn("https://go.other.example.com/t/", other_delivered.image_urls[0])
        self.assertEqual(other_trackable.company_id, other)
        self.assertEqual(trackable.company_id, self.env.company)

    def test_replies_are_restored_after_the_domain_changes(self):
        self.env.company.tracking_domain = DOMAIN
        delivered, _trackable = self.send('<a href="https://x.com/">x</a>')
        self.env.company.tracking_domain = "new.acme.example.com"
        reply = self.lead.message_post(body=delivered.html, message_type="email")
        self.assertNotIn("/t/", reply.body)
        self.assertIn("https://x.com/", reply.body)
        again, trackable = self.send(delivered.html)
        self.assertEqual(trackable.link_ids.mapped("url"), ["https://x.com/"])
        self.assertTracked(again)

    def test_a_public_tracking_domain_for_a_private_base_url(self):
        self.set_base_url("http://odoo.internal:8069")
        self.assertRefused(self.post(), "private_url")
        self.env.company.tracking_domain = DOMAIN
        delivered, _trackable = self.send()
        self.assertIn(f"{DOMAIN}/t/", delivered.image_urls[0])

    def test_invalid_host_names_are_refused(self):
        for text in (
            "https://links.example.com",
            "links.example.com/t",
            "links example.com",
            "localhost",
            "192.168.0.1",
            "links.internal",
            "Links.example.com",
            "<b>.example.com",
        ):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.env.company.tracking_domain = text
        self.env.company.tracking_domain = f"{DOMAIN}:8443"
        self.env.company.tracking_domain = False

    def test_in_the_settings(self):
        settings = self.env["res.config.settings"].create(
            {"tracking_domain": DOMAIN, "tracking_keep_months": 3}
        )
        settings.execute()
        self.assertEqual(self.env.company.tracking_domain, DOMAIN)
        self.assertEqual(self.env.company.tracking_keep_months, 3)
        with self.assertRaises(ValidationError):
            self.env.company.tracking_keep_months = -1
        with self.assertRaises(ValidationError):
            self.env.company.tracking_keep_months = 121
