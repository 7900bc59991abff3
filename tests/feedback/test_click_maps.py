"""The form of a tracked email shows the email, with the clicks on its links."""

from lxml import html as lxml_html

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.pipeline_tracking.tools.click_map import COUNT_CLASS

from ..common import TrackingCase
from ..helpers.mailing_case import MailingMixin

BODY = """
<p>Our <a href="https://shop.example.net/prices?token=1&amp;b=c d">prices</a>,
our <a href="/shop">shop</a> and <a href="https://x.com/unsubscribe">Unsubscribe</a></p>
"""
HOSTILE = """
<script>window.hacked=1</script><style>* { display: none }</style>
<iframe src="https://evil.example.net"></iframe><base href="https://evil.example.net">
<form action="https://evil.example.net"><input name="a"></form>
<img src="x" onerror="window.hacked=1"><svg onload="window.hacked=1"></svg>
<a href="javascript:window.hacked=1">x</a><meta http-equiv="refresh" content="0">
<a href="https://x.com/" onclick="window.hacked=1" ping="https://evil.example.net">y</a>
"""


@tagged("post_install", "-at_install")
class TestClickMaps(MailingMixin, TrackingCase):
    def read_map(self, email, user=None):
        """Return the counts on the click map by the text of their links or files, and
        the page.
        """
        email.invalidate_recordset(["click_map"])
        page = lxml_html.document_fromstring(
            email.with_user(user or self.salesperson).click_map
        )
        counts = {}
        for count in page.iter("span"):
            if COUNT_CLASS in count.classes:
                text = count.getparent().text_content().removesuffix(count.text)
                counts[text] = count.text
        return counts, page

    def use(self, delivered, *labels):
        for label in labels:
            self.wait(60)
            self.hit(delivered.links[label])
            self.process()

    def test_clicks_and_downloads_are_counted(self):
        delivered, email = self.send(
            BODY, attachments=[("offer.pdf", b"%PDF-1.4"), ("terms.pdf", b"%PDF-1.4")]
        )
        self.assertEqual(
            self.read_map(email)[0],
            {"prices": "0", "shop": "0", "offer.pdf": "0", "terms.pdf": "0"},
        )
        self.use(delivered, "prices", "prices", "shop", "offer.pdf")
        self.wait(60)
        self.hit(delivered.links["shop"], user_agent="Barracuda Sentinel (EE)")
        self.process()
        counts, page = self.read_map(email)
        self.assertEqual(
            counts,
            {
                "prices": "2 clicks",
                "shop": "1 click",
                "offer.pdf": "1 download",
                "terms.pdf": "0",
            },
        )
        hrefs = [link.get("href") for link in page.iter("a")]
        self.assertFalse([href for href in hrefs if "/t/" in href], "original URLs")
        self.assertIn("Our", page.text_content())

    def test_each_copy_has_its_clicks(self):
        self.env.company.track_several_recipients = True
        message = self.post(BODY, partner_ids=(self.customer + self.other).ids)
        emails = self.trackable_emails(message)
        (delivered,) = [
            email for email in self.inbox.emails if self.other.email in email.recipients
        ]
        self.use(delivered, "prices")
        by_partner = emails.grouped("partner_id")
        self.assertEqual(self.read_map(by_partner[self.other])[0]["prices"], "1 click")
        self.assertEqual(self.read_map(by_partner[self.customer])[0]["prices"], "0")

    def test_links_of_the_form_count_the_clicks_of_the_email(self):
        self.env.company.track_several_recipients = True
        message = self.post(BODY, partner_ids=(self.customer + self.other).ids)
        (delivered,) = [
            email for email in self.inbox.emails if self.other.email in email.recipients
        ]
        self.use(delivered, "prices", "prices")
        emails = self.trackable_emails(message).with_user(self.salesperson)
        counts = {}
        for email in emails:
            (values,) = email.web_read(
                {
                    "file_link_ids": {"fields": {"email_click_count": {}}},
                    "address_link_ids": {
                        "fields": {
                            "label": {},
                            "email_click_count": {},
                            "email_last_use_date": {},
                        }
                    },
                }
            )
            self.assertEqual(values["file_link_ids"], [])
            counts[email.partner_id] = {
                link["label"]: (
                    link["email_click_count"],
                    bool(link["email_last_use_date"]),
                )
                for link in values["address_link_ids"]
            }
        self.assertEqual(counts[self.other], {"prices": (2, True), "shop": (0, False)})
        self.assertEqual(
            counts[self.customer], {"prices": (0, False), "shop": (0, False)}
        )
        link = emails.link_ids[0].with_user(self.colleague).sudo()
        self.assertFalse(link.email_click_count, "no email, no clicks")

    def test_clicks_of_an_email_without_access_are_not_counted(self):
        delivered, email = self.send(BODY)
        self.use(delivered, "prices")
        link = email.link_ids.filtered(lambda link: link.label == "prices")
        link.user_id = self.colleague
        self.env.flush_all()
        link = link.with_context(trackable_email_id=email.id)
        self.assertEqual(link.with_user(self.colleague).email_click_count, 0)
        link.sudo().user_id = self.salesperson
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(link.with_user(self.salesperson).email_click_count, 1)

    def test_a_mailing_shows_its_text(self):
        mailing, arrived = self.send_mailing()
        address = self.contacts[0].email
        self.use(arrived[address], "offer")
        email = self.emails_of(mailing)[address]
        manager = self.env.ref("base.user_admin")
        counts, page = self.read_map(email, manager)
        self.assertEqual(counts, {"offer": "1 click"})
        self.assertIn("Our", page.text_content())
        self.assertFalse(email.with_user(manager).click_map_notice)
        email_of_user = email.with_user(self.salesperson)
        self.assertFalse(mailing.with_user(self.salesperson).has_access("read"))
        self.assertFalse(email_of_user.click_map)
        self.assertIn("cannot read the mailing", email_of_user.click_map_notice)

    def test_the_text_is_hidden_from_users_who_may_not_read_the_message(self):
        lead = self.lead.copy({"name": "Other deal", "user_id": self.colleague.id})
        _delivered, email = self.send("<p>Secret</p>", record=lead, user=self.env.user)
        email.user_id = self.salesperson
        self.env.flush_all()
        email_of_user = email.with_user(self.salesperson)
        self.assertFalse(
            email.mail_message_id.with_user(self.salesperson).has_access("read")
        )
        self.assertFalse(email_of_user.click_map)
        self.assertIn("cannot read the message", email_of_user.click_map_notice)
        lead.user_id = self.salesperson
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn("Secret", email_of_user.click_map)
        self.assertFalse(email_of_user.click_map_notice)

    def test_a_deleted_message(self):
        _delivered, email = self.send(BODY)
        email.mail_message_id = 2**31 - 1
        self.assertFalse(email.click_map)
        self.assertIn("was deleted", email.click_map_notice)
        email.mail_message_id = False
        self.assertFalse(email.click_map)

    def test_hostile_text(self):
        _delivered, email = self.send(HOSTILE)
        self.env.cr.execute(
            "UPDATE mail_message SET body = %s WHERE id = %s",
            [HOSTILE, email.mail_message_id.id],
        )
        self.env.invalidate_all()
        counts, page = self.read_map(email)
        self.assertEqual(counts, {"y": "0"}, "the last link is tracked")
        body = page.body
        for tag in ("script", "style", "iframe", "base", "form", "input", "meta"):
            self.assertFalse(list(body.iter(tag)), tag)
        attributes = {name for element in body.iter() for name in element.attrib}
        self.assertFalse({name for name in attributes if name.startswith("on")})
        self.assertNotIn("ping", attributes)
        self.assertNotIn("javascript", email.with_user(self.salesperson).click_map)

    def test_clicks_that_were_replaced_by_totals_are_counted(self):
        delivered, email = self.send(BODY)
        self.use(delivered, "prices", "prices")
        clicks = email.action_ids.filtered(lambda action: action.kind == "click")
        self.env["trackable.action.total"]._replace_actions_by_totals(
            SQL("SELECT %s", clicks[0].id)
        )
        self.assertEqual(len(clicks.exists()), 1)
        self.env.invalidate_all()
        self.assertEqual(self.read_map(email)[0]["prices"], "2 clicks")
