"""The page behind the opt-out link of a tracked email, over HTTP."""

from urllib.parse import urlsplit

from lxml import html

from odoo.tests import HttpCase, tagged

from odoo.addons.pipeline_tracking.tools import tracking_token

from ..common import BROWSER, TrackingMixin

LINK = "Opt out of tracking"
DONE = "You have opted out of tracking"
EXISTS = "You have already opted out of tracking"


@tagged("post_install", "-at_install")
class TestObjection(TrackingMixin, HttpCase):
    def setUp(self):
        super().setUp()
        self.env.company.tracking_objection_link = True
        self.delivered, self.trackable = self.send('<a href="https://x.com/">x</a>')
        self.path = urlsplit(self.delivered.links[LINK]).path

    def open_page(self, path=None, method="GET", **headers):
        return self.url_open(
            path or self.path,
            method=method,
            headers={"User-Agent": BROWSER, **headers},
            allow_redirects=False,
        )

    def is_objecting(self):
        return self.customer.tracking_consent == "objected"

    # ------------------------------------------------------------
    # The link in the email
    # ------------------------------------------------------------

    def test_the_company_decides_about_the_link(self):
        self.env.company.tracking_objection_link = False
        delivered, _trackable = self.send()
        self.assertNotIn(LINK, delivered.html)

    def test_the_link_is_only_in_tracked_copies(self):
        self.inbox.emails.clear()
        partners = self.customer | self.colleague.partner_id
        self.post(partner_ids=partners.ids)
        for delivered in self.inbox.emails:
            is_customers = self.customer.email in delivered.recipients
            self.assertEqual(LINK in delivered.html, is_customers)
        self.inbox.emails.clear()
        self.post(is_tracked=False)
        self.assertNotIn(LINK, self.inbox.emails[0].html)

    def test_the_link_is_not_tracked(self):
        self.assertEqual(self.trackable.link_count, 1)
        self.assertEqual(self.trackable.link_ids.mapped("url"), ["https://x.com/"])

    def test_the_link_is_in_the_text_part(self):
        self.assertIn(self.delivered.links[LINK], self.delivered.text)
        self.assertNotIn("#objection", self.delivered.html + self.delivered.text)

    def test_the_link_is_in_the_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.env["ir.module.module"].search(
            [("name", "=", "pipeline_tracking")]
        )._update_translations(["fr_FR"])
        delivered, _trackable = self.send()
        self.assertNotIn(LINK, delivered.html)
        self.assertTrue([url for url in delivered.links.values() if "/t/stop/" in url])

    def test_quoted_and_forwarded_emails_lose_the_link(self):
        reply = self.lead.message_post(
            body=self.delivered.html, message_type="email", email_from="x@y.com"
        )
        self.assertNotIn("/t/stop/", reply.body)
        self.assertIn("https://x.com/", reply.body)
        delivered, _trackable = self.send(self.delivered.html)
        stops = [url for url in delivered.links.values() if "/t/stop/" in url]
        self.assertEqual(len(stops), 1, "only the new link")

    # ------------------------------------------------------------
    # The page
    # ------------------------------------------------------------

    def test_viewing_the_page_changes_nothing(self):
        for method in ("GET", "HEAD"):
            response = self.open_page(method=method)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response.headers["Cache-Control"], "no-store, private")
            self.assertIn(
                "frame-ancestors", response.headers["Content-Security-Policy"]
            )
            self.assertNotIn("Set-Cookie", response.headers)
        page = html.fromstring(self.open_page().content)
        (form,) = page.iter("form")
        self.assertEqual(form.get("method"), "post")
        self.assertFalse(self.is_objecting())
        self.assertFalse(self.trackable.is_stopped)

    def test_objecting(self):
        response = self.open_page(method="POST")
        self.assertEqual(response.status_code, 200)
        self.assertIn(DONE, response.text)
        self.env.invalidate_all()
        self.assertTrue(self.is_objecting())
        self.assertIn(
            "Opt-out link in an email of", self.customer.tracking_consent_origin
        )
        self.assertTrue(self.customer.tracking_consent_date)
        self.assertTrue(self.trackable.is_stopped)
        self.assertFalse(self.customer.is_blacklisted, "still receives emails")
        self.inbox.emails.clear()
        self.assertRefused(self.post(), "objected")
        self.assertEqual(self.open_page(method="POST").status_code, 200, "again")

    def test_the_page_and_the_email_use_the_same_words(self):
        page = html.fromstring(self.open_page().content)
        (title,) = page.xpath("//h1/text()")
        (button,) = page.xpath("//button/text()")
        self.assertEqual((title, button), ("Opt out of tracking?", LINK))

    def test_an_opt_out_is_not_offered_again(self):
        self.open_page(method="POST")
        later = self.open_page()
        self.assertEqual(later.status_code, 200)
        self.assertIn(EXISTS, later.text)
        self.assertFalse(html.fromstring(later.content).xpath("//form"))
        self.assertEqual(later.headers["Cache-Control"], "no-store, private")

    def test_an_opt_out_entered_by_a_colleague_is_not_offered_again(self):
        self.customer.tracking_consent = "objected"
        self.assertIn(EXISTS, self.open_page().text)
        self.customer.tracking_consent = False
        self.assertNotIn(EXISTS, self.open_page().text)

    def test_an_opt_out_is_still_offered_when_only_the_email_is_stopped(self):
        self.trackable.with_user(self.salesperson).action_stop()
        self.assertTrue(html.fromstring(self.open_page().content).xpath("//form"))
        # Without an address, nothing but this email can be stopped.
        self.trackable.email_to = False
        self.assertIn(EXISTS, self.open_page().text)

    def test_objecting_without_a_contact(self):
        self.trackable.write({"email_to": "nobody@x.com", "partner_id": False})
        self.open_page(method="POST")
        self.env.invalidate_all()
        consents = self.env["trackable.objection"]._read_consents(
            ["nobody@x.com", self.customer.email]
        )
        self.assertEqual(
            consents, {"nobody@x.com": "objected", self.customer.email: None}
        )

    def test_links_keep_working(self):
        self.open_page(method="POST")
        response = self.open_page(urlsplit(self.delivered.links["x"]).path)
        self.assertEqual(response.headers["Location"], "https://x.com/")
        self.assertFalse(self.env["trackable.hit"].search([]))

    def test_only_a_valid_token_opens_the_page(self):
        text = self.path.rpartition("/")[2]
        keys = self.env["trackable.key"]._get_keys()
        verified = tracking_token.verify(text, tracking_token.OBJECTION, keys)
        others = tracking_token.Token(
            tracking_token.OBJECTION, verified.email_id, verified.email_nonce ^ 1
        )
        forged = tracking_token.sign(others, max(keys), keys[max(keys)])
        image = urlsplit(self.delivered.image_urls[0]).path.rpartition("/")[2]
        for other in (
            forged,
            text[:-1],
            "x" * 40,
            image.removesuffix(".gif"),
            urlsplit(self.delivered.links["x"]).path.rpartition("/")[2],
        ):
            for method in ("GET", "POST"):
                with self.subTest(text=other, method=method), self.muted():
                    response = self.open_page(f"/t/stop/{other}", method)
                    self.assertEqual(response.status_code, 404)
        self.assertFalse(self.is_objecting())
        # The token opens no other URL.
        self.assertEqual(
            self.open_page(self.path.replace("stop/", "")).status_code, 404
        )

    def muted(self):
        return self.assertNoLogs("odoo.addons.pipeline_tracking", "WARNING")

    def test_a_deleted_email_has_no_page(self):
        self.trackable.unlink()
        for method in ("GET", "POST"):
            self.assertEqual(self.open_page(method=method).status_code, 404)
        self.assertFalse(self.is_objecting())

    def test_the_page_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        response = self.open_page(**{"Accept-Language": "fr"})
        page = html.fromstring(response.content)
        self.assertEqual(page.get("lang"), "fr")
