"""Copies of mailings can contain a decoy link that only programs find."""

import random
import re
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger

from odoo.addons.pipeline_tracking.tools.actions_and_totals_sql import WITH_AUTOMATED

from ..common import BASE_URL, BROWSER, TrackingMixin, path_of
from ..helpers.incoming_reply_case import IncomingReplyCase, safe_link
from ..helpers.mailing_case import MailingCase, MailingMixin

DECOY = re.compile(
    r'<map name="m1"><area href="(https://[^"]+/t/[A-Za-z0-9_-]+)" alt=""'
    r' aria-hidden="true" tabindex="-1" shape="rect" coords="0,0,0,0"></map>'
)
GATEWAY = {"ip": "203.0.113.5", "user_agent": BROWSER}
PERSON = {"ip": "192.0.2.7", "user_agent": BROWSER}
WEBSITE = "https://www.acme.example.com/?a=1&b=[2]"


class DecoyMixin(MailingMixin):
    """Send mailings with a decoy link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.track_decoy_link = True

    def send_to_anna(self, **values):
        """Send a mailing. Return Anna's copy, and her trackable email."""
        self.inbox.emails.clear()
        mailing, arrived = self.send_mailing(**values)
        address = self.contacts[0].email
        return arrived[address], self.emails_of(mailing)[address]

    def find_decoys(self, mailing=None):
        domain = [("mailing_id", "=", mailing.id)] if mailing else []
        return self.env["trackable.link"].search([*domain, ("is_decoy", "=", True)])

    def get_decoy_url(self, delivered):
        [url] = DECOY.findall(delivered.html)
        return url

    def assertNoDecoy(self, delivered):
        self.assertNotIn("<area", delivered.html)
        self.assertNotIn("<map", delivered.html)


@tagged("post_install", "-at_install")
class TestDecoyLinkInCopies(DecoyMixin, MailingCase):
    def test_no_decoy_by_default(self):
        company = self.env["res.company"].create({"name": "Another"})
        self.assertFalse(company.track_decoy_link)
        self.env.company.track_decoy_link = False
        mailing, arrived = self.send_mailing()
        for delivered in arrived.values():
            self.assertTracked(delivered)
            self.assertNoDecoy(delivered)
        self.assertFalse(self.find_decoys(mailing))

    def test_each_copy_has_one_decoy_after_the_image(self):
        mailing, arrived = self.send_mailing()
        urls = set()
        for delivered in arrived.values():
            self.assertTracked(delivered)
            self.assertEqual(delivered.html.count("<area"), 1)
            [url] = DECOY.findall(delivered.html)
            urls.add(url)
            image = delivered.html.index(delivered.image_urls[0])
            between = delivered.html[image : delivered.html.index("<map")]
            self.assertEqual(between.count("<"), 0, "the image is just before")
            after = delivered.html.partition("</map>")[2]
            self.assertRegex(after, r"^(\s|</\w+>)*$", "nothing visible follows")
        self.assertEqual(len(urls), 3, "each copy has its own URL")
        decoy = self.find_decoys(mailing)
        self.assertEqual(len(decoy), 1, "copies share the link")
        self.assertFalse(decoy.link_tracker_id)

    def test_the_text_part_has_no_decoy(self):
        delivered, _trackable = self.send_to_anna()
        token = path_of(self.get_decoy_url(delivered))
        self.assertNotIn(token, delivered.text)
        self.assertIn(path_of(delivered.links["offer"]), delivered.text)
        self.assertNotIn(token, html2plaintext(delivered.html))

    def test_the_rest_of_the_copy_does_not_change(self):
        with_decoy, _trackable = self.send_to_anna()
        self.env.company.track_decoy_link = False
        without_decoy, _trackable = self.send_to_anna()

        def normalize(html):
            return re.sub(r"/(?:t|mailing)/[^\"]+", "", html)

        self.assertEqual(
            normalize(DECOY.sub("", with_decoy.html)), normalize(without_decoy.html)
        )

    def test_other_emails_have_no_decoy(self):
        delivered, _trackable = self.send()
        self.assertTracked(delivered)
        self.assertNoDecoy(delivered)
        mailing = self.create_mailing()
        self.env["mailing.mailing.test"].create(
            {"mass_mailing_id": mailing.id, "email_to": "test@customer.example.net"}
        ).send_mail_test()
        self.assertNoDecoy(self.inbox.emails[-1])
        self.assertFalse(self.find_decoys())

    def test_copies_without_a_tracked_recipient_have_no_decoy(self):
        anna, bert, _cleo = self.contacts
        self.env.company.tracking_consent_mode = "when_agreed"
        anna.tracking_consent = "agreed"
        bert.tracking_consent = "objected"
        mailing, arrived = self.send_mailing()
        self.get_decoy_url(arrived.pop(anna.email))
        for delivered in arrived.values():
            self.assertNoDecoy(delivered)
        self.assertEqual(len(self.find_decoys(mailing)), 1)

    def test_sending_again_and_later_batches_reuse_the_decoy(self):
        mailing = self.create_mailing()
        self.inbox.refuses = True
        with mute_logger("odoo.addons.mail.models.mail_mail"):
            self.send_mailing(mailing)
        decoy = self.find_decoys(mailing)
        self.inbox.refuses = False
        # The destination of the next batch is another one.
        self.env.company.website = WEBSITE
        mails = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        mails.mark_outgoing()
        mails.send()
        self.assertEqual(len(self.inbox.emails), 3)
        self.assertEqual(self.find_decoys(mailing), decoy)
        for delivered in self.inbox.emails:
            self.get_decoy_url(delivered)

    def test_a_link_of_the_author_with_the_same_destination(self):
        self.env.company.website = WEBSITE
        body = f'<div><map><area href="{WEBSITE.replace("&", "&amp;")}"></map>x</div>'
        mailing, arrived = self.send_mailing(body=body)
        links = self.env["trackable.link"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(links.mapped("url"), [WEBSITE] * 2)
        self.assertEqual(len(links.filtered("is_decoy")), 1)
        for delivered in arrived.values():
            self.assertEqual(len(DECOY.findall(delivered.html)), 1)
            self.assertEqual(len(set(delivered.tracked_urls)), 3)

    def test_the_decoy_counts_as_no_link(self):
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"%PDF-1.4"})
        delivered, trackable = self.send_to_anna(attachment_ids=[Command.link(file.id)])
        self.assertEqual(trackable.link_count, 3)
        self.hit(self.get_decoy_url(delivered), **GATEWAY)
        self.hit(delivered.links["offer"], **PERSON)
        self.process()
        mailing = trackable.mailing_id
        labels = {"offer", "prices", "a.pdf"}
        self.assertEqual(set(mailing.most_used_link_ids.mapped("label")), labels)
        self.assertEqual(set(trackable.link_ids.mapped("label")), {"offer", "a.pdf"})
        report = self.env["trackable.link.report"]
        for context in ({}, {WITH_AUTOMATED: True}):
            rows = report.with_context(**context).search(
                [("mailing_id", "=", mailing.id)]
            )
            self.assertEqual(rows.mapped("label"), ["offer"])
        self.assertEqual(
            (mailing.tracked_click_people, mailing.tracked_click_count), (1, 1)
        )
        trackers = self.env["link.tracker"].search(
            [("mass_mailing_id", "=", mailing.id)]
        )
        self.assertEqual(set(trackers.mapped("label")), {"offer", "prices"})
        self.assertEqual(sum(trackers.mapped("count")), 1)
        self.assertNotIn("Decoy", trackable.click_map)
        # The request itself stays in the timeline, with its reason.
        [action] = trackable.action_ids.filtered(lambda a: a.reason == "decoy")
        self.assertFalse(action.trackable_link_id)
        self.assertEqual(
            action._prepare_timeline_line("Anna", True)["text"].count("“"), 0
        )

    def test_no_user_finds_the_decoy_in_a_list(self):
        mailing, _arrived = self.send_mailing()
        decoy = self.find_decoys(mailing)
        marketer = new_test_user(
            self.env, "marta", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        for user in (self.new_manager(), marketer, self.env.ref("base.user_admin")):
            links = self.env["trackable.link"].with_user(user)
            found = links.search([("mailing_id", "=", mailing.id)])
            self.assertEqual(set(found.mapped("label")), {"offer", "prices"})
            self.assertFalse(decoy.with_user(user).has_access("read"))

    def test_a_request_that_was_set_aside_can_be_shown(self):
        delivered, _trackable = self.send_to_anna()
        self.hit(self.get_decoy_url(delivered), **GATEWAY)
        hit = self.env["trackable.hit"].search([])
        [values] = hit.with_user(self.env.ref("base.user_admin")).web_read(
            {"trackable_link_id": {"fields": {"display_name": {}}}}
        )
        self.assertEqual(values["trackable_link_id"]["display_name"], "Decoy link")


@tagged("post_install", "-at_install")
class TestDecoyLinkRequests(DecoyMixin, MailingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send_to_anna()
        self.decoy = self.get_decoy_url(self.delivered)
        [self.image] = self.delivered.image_urls
        self.wait(600)

    def classify(self):
        """Process the queue.

        :return: kind, actor and reason of each action, oldest first
        """
        self.process()
        actions = self.trackable.action_ids.sorted(lambda a: (a.occurred_at, a.id))
        return [(action.kind, action.actor, action.reason) for action in actions]

    def test_a_program_follows_the_decoy(self):
        self.hit(self.image, **GATEWAY)
        self.wait(20)
        self.hit(self.delivered.links["offer"], **GATEWAY)
        self.wait(20)
        self.hit(self.decoy, **GATEWAY)
        self.assertEqual(
            self.classify(),
            [
                ("open", "machine", "decoy"),
                ("click", "machine", "decoy"),
                ("click", "machine", "decoy"),
            ],
        )
        self.assertEqual(
            set(self.trackable.action_ids.mapped("confidence")), {"medium"}
        )
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.trackable.mailing_trace_id.trace_status, "sent")

    def test_the_same_requests_without_the_decoy(self):
        self.hit(self.image, **GATEWAY)
        self.wait(20)
        self.hit(self.delivered.links["offer"], **GATEWAY)
        self.classify()
        self.assertCounts(self.trackable, opens=1, clicks=1)

    def test_earlier_actions_are_corrected(self):
        self.hit(self.image, **GATEWAY)
        self.process()
        self.wait(20)
        self.hit(self.delivered.links["offer"], **GATEWAY)
        self.process()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.wait(20)
        self.hit(self.decoy, **GATEWAY)
        self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.wait(20)
        self.hit(self.delivered.links["prices"], **GATEWAY)
        self.process()
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.trackable.mailing_trace_id.trace_status, "sent")

    def test_a_person_in_another_client_counts(self):
        self.hit(self.decoy, **GATEWAY)
        self.hit(self.image, **PERSON)
        self.wait(20)
        self.hit(self.delivered.links["offer"], **PERSON)
        self.classify()
        self.assertCounts(self.trackable, opens=1, clicks=1)
        self.assertEqual(self.trackable.mailing_trace_id.trace_status, "open")

    def test_the_same_client_much_later_counts(self):
        self.hit(self.decoy, **GATEWAY)
        self.wait(90)
        self.hit(self.image, **GATEWAY)
        self.classify()
        self.assertCounts(self.trackable, opens=1, clicks=0)

    def test_an_unknown_network_accuses_nobody(self):
        """Behind a proxy that hides the clients, the same program is not the same."""
        hidden = {"ip": "10.0.0.1", "user_agent": BROWSER}
        self.hit(self.decoy, **hidden)
        self.hit(self.image, **hidden)
        self.wait(20)
        self.assertEqual(
            set(self.classify()),
            {("click", "machine", "decoy"), ("open", "recipient", "direct")},
        )

    def test_a_browser_that_prefetches_links_is_a_persons(self):
        self.hit(self.decoy, purpose="prefetch", **PERSON)
        self.hit(self.image, **PERSON)
        self.assertEqual(
            set(self.classify()),
            {("click", "machine", "prefetch"), ("open", "recipient", "direct")},
        )

    def test_a_check_of_the_decoy_is_a_programs(self):
        self.hit(self.decoy, method="HEAD", **GATEWAY)
        self.hit(self.image, **GATEWAY)
        self.assertEqual(
            {reason for _kind, _actor, reason in self.classify()}, {"decoy"}
        )

    def test_the_decoy_is_one_more_link_of_a_burst(self):
        """Gateways change their addresses from link to link."""
        self.hit(self.decoy, **GATEWAY)
        self.hit(self.delivered.links["offer"], ip="203.0.114.5")
        self.hit(self.delivered.links["prices"], ip="203.0.115.5")
        self.assertEqual(
            {reason for _kind, _actor, reason in self.classify()}, {"decoy", "burst"}
        )
        self.assertCounts(self.trackable, opens=0, clicks=0)

    def test_any_order_of_arrival(self):
        events = [
            (0, self.image, GATEWAY),
            (30, self.delivered.links["offer"], GATEWAY),
            (50, self.decoy, GATEWAY),
            (80, self.delivered.links["prices"], GATEWAY),
            (55, self.image, PERSON),
            (65, self.delivered.links["offer"], PERSON),
        ]
        start = self.trackable.sent_date + timedelta(minutes=2)
        choose = random.Random(1)
        outcomes = set()
        for number in range(12):
            self.trackable.action_ids.unlink()
            for seconds, url, client in choose.sample(events, len(events)):
                self.hit(url, **client)
                self.env["trackable.hit"].flush_model()
                self.env.cr.execute(
                    "UPDATE trackable_hit SET occurred_at = %s",
                    [start + timedelta(seconds=seconds)],
                )
                self.env.invalidate_all()
                self.process()
            with self.subTest(number=number):
                self.assertCounts(self.trackable, opens=1, clicks=1)
            outcomes.add(tuple(self.classify()))
        self.assertEqual(
            outcomes,
            {
                (
                    ("open", "machine", "decoy"),
                    ("click", "machine", "decoy"),
                    ("click", "machine", "decoy"),
                    ("open", "recipient", "direct"),
                    ("click", "recipient", "direct"),
                    ("click", "machine", "decoy"),
                )
            },
        )

    def test_a_deleted_mailing(self):
        self.trackable.mailing_id.unlink()
        self.hit(self.decoy, **GATEWAY)
        self.hit(self.image, **GATEWAY)
        self.assertEqual(
            {reason for _kind, _actor, reason in self.classify()}, {"decoy"}
        )


@tagged("post_install", "-at_install")
class TestDecoyLinkOverHttp(DecoyMixin, TrackingMixin, HttpCase):
    def follow(self, url):
        return self.url_open(
            path_of(url), headers={"User-Agent": BROWSER}, allow_redirects=False
        )

    def test_the_decoy_leads_to_the_website(self):
        for website, destination in (
            (WEBSITE, WEBSITE),
            (False, f"{BASE_URL}/"),
            ("http://localhost/", f"{BASE_URL}/"),
        ):
            self.env.company.website = website
            delivered, trackable = self.send_to_anna()
            response = self.follow(self.get_decoy_url(delivered))
            self.assertEqual(response.status_code, 302)
            self.assertEqual(response.headers["Location"], destination)
            self.process()
            self.assertEqual(trackable.action_ids.mapped("reason"), ["decoy"])
        # A link of the author is a link as ever.
        response = self.follow(delivered.links["offer"])
        self.assertIn("shop.example.net", response.headers["Location"])


@tagged("post_install", "-at_install")
class TestDecoyLinkInReplies(DecoyMixin, IncomingReplyCase):
    def setUp(self):
        super().setUp()
        self.copy, _trackable = self.send_to_anna()
        self.url = self.get_decoy_url(self.copy)

    def receive_quote(self, html, **values):
        return self.receive(self.reply(html=html, **values)).body

    def assertClean(self, body):
        self.assertNotRegex(body, r"/t/|%2[Ff]t%2[Ff]|<area|<map")
        self.assertIn("shop.example.net/offer", body, "the links are restored")

    def test_quoted_mailing(self):
        quoted = f"<p>Thanks</p><blockquote>{self.copy.html}</blockquote>"
        area = re.search("<area[^>]*>", quoted)[0]
        closed = area.replace(">", " />\n ")
        for number, html in enumerate(
            (
                quoted,
                quoted.replace(self.url, safe_link(self.url).replace("&", "&amp;")),
                quoted.replace(area, closed),
                quoted.replace(area, f"{area}</area>"),
            )
        ):
            with self.subTest(number=number):
                self.assertClean(
                    self.receive_quote(
                        html, **{"Message-Id": f"<{number}@customer.example.org>"}
                    )
                )

    def test_plain_text(self):
        """Some programs print the address of the area."""
        offer = self.copy.links["offer"]
        reply = self.reply(text=f"> See {offer}\n> <{self.url}>\n> [{self.url}]\n> z\n")
        body = self.receive(reply).body
        self.assertNotIn("/t/", body)
        self.assertIn("shop.example.net/offer", body)
        self.assertNotIn(BASE_URL, body)
