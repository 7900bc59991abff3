"""Rewriting real email HTML changes only links, as checked by an independent parser."""

import re
from pathlib import Path

import pytest
from lxml import etree
from markupsafe import Markup

from odoo.tests import tagged
from odoo.tools import file_path

from odoo.addons.pipeline_tracking.tools.rewrite import Document, render_image

from ..common import TrackingCase
from ..helpers import html_oracle

TARGET = "https://odoo.acme.example.com/t/"
IMAGE = TARGET + "image.gif"
_href = re.compile(r"""(href\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def assert_faithful(html, *, links):
    """Rewrite HTML, and assert with an independent parser that only its links change.

    :param str html:
    :param int links: minimum number of tracked links
    """
    document = Document(html)
    targets = {
        link.url: f"{TARGET}{number}" for number, link in enumerate(document.links)
    }
    assert len(targets) >= links
    rewritten = document.rewrite(targets, addition=render_image(IMAGE))
    without_image = rewritten.replace(render_image(IMAGE), "")
    assert len(rewritten) - len(without_image) == len(render_image(IMAGE))
    # Compare bytes, without a parser.
    assert _href.sub(r"\1", without_image) == _href.sub(r"\1", html)

    originals = {target: url for url, target in targets.items()}
    for tag, name, before, after in html_oracle.differences(html, without_image):
        assert html_oracle.is_link(tag, name)
        assert html_oracle.clean(before) == originals[after]

    without, after = html_oracle.without_image(rewritten, IMAGE)
    assert without == html_oracle.events(without_image)
    assert {event[0] for event in after} <= {"text", "close"}, "the image comes last"
    assert not "".join(event[1] for event in after if event[0] == "text").strip()


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.html")) or [CORPUS], ids=str)
def test_corpus(path):
    if not path.is_file():
        pytest.skip("the corpus of real emails is not beside this checkout")
    html = path.read_text(encoding="utf-8")
    # Replace template placeholders by URLs.
    assert_faithful(
        html.replace('href="{{', 'href="https://x.com/?a=1&amp;b={{'), links=1
    )


HREF = 'href="https://x.com/?a=1&amp;b=[2]"'
AUTHOR = """<p>See <a href="https://shop.example.net/p?a=1&amp;b=%C3%A9#top">prices</a>,
<a href="/shop">shop</a>, <a href="mailto:a@x.com">mail</a>, <a href="#x">top</a></p>
<table><tbody><tr><td><a href="https://x.com"><img src="https://x.com/l.png" alt="Logo">
</a></td></tr></tbody></table>"""


@tagged("post_install", "-at_install")
class TestFidelity(TrackingCase):
    def test_layouts(self):
        """In Odoo's layouts, only the main button and the author's links change."""
        self.env.company.website = "https://www.acme.example.com"
        self.env.company.email = "info@acme.example.com"
        Lead = self.registry["crm.lead"]
        get_groups = Lead._notify_get_recipients_groups

        def with_buttons(lead, *args, **kwargs):
            """Show the main button, as for records that the portal shows."""
            groups = get_groups(lead, *args, **kwargs)
            for _name, _function, values in groups:
                values["has_button_access"] = True
            return groups

        self.patch(Lead, "_notify_get_recipients_groups", with_buttons)
        for layout, has_button in (
            ("mail.mail_notification_layout", True),
            ("mail.mail_notification_light", True),
            ("mail.mail_notification_layout_with_responsible_signature", True),
            ("mail.no_such_layout", False),
        ):
            with self.subTest(layout=layout):
                values = {
                    "body": AUTHOR,
                    "email_layout_xmlid": layout,
                    "record": self.lead.with_context(
                        email_notification_force_header=True,
                        email_notification_force_footer=True,
                    ),
                }
                tracked, trackable = self.send(**values)
                self.inbox.emails.clear()
                self.post(**values, is_tracked=False)
                (untracked,) = self.inbox.emails
                self.assertSameEmail(tracked, untracked)
                footer = "https://www.acme.example.com" in tracked.links.values()
                self.assertEqual(
                    footer, has_button, "other links of the layout are unchanged"
                )
                urls = trackable.link_ids.mapped("url")
                self.assertIn("https://x.com", urls)
                self.assertIn("https://shop.example.net/p?a=1&b=%C3%A9#top", urls)
                self.assertEqual(any("/mail/view?" in url for url in urls), has_button)
                self.assertEqual(len(urls), 3 + has_button)

    def test_a_body_that_was_sanitized(self):
        """The composer for many records sanitizes the stored body, but not the body in
        the layout, which is sent.
        """
        self.env.company.website = "https://www.acme.example.com"
        body = (
            '<p><a href="https://x.com/é?a=1&amp;b">x</a></p><style>p{}</style>'
            '<!--[if mso]><v:rect href="https://x.com/v">v</v:rect><![endif]-->'
        )
        mail = self.env["mail.mail"].create(
            {
                "subject": "Offer",
                "body": body,
                "body_html": self.env["mail.render.mixin"]._render_encapsulate(
                    "mail.mail_notification_light", Markup(body)
                ),
                "is_tracked": True,
                "recipient_ids": self.customer.ids,
            }
        )
        self.assertNotIn("v:rect", mail.body)
        self.inbox.emails.clear()
        mail.send()
        (delivered,) = self.inbox.emails
        self.assertEqual(
            set(self.trackable_emails(mail.mail_message_id).link_ids.mapped("url")),
            {"https://x.com/é?a=1&b", "https://x.com/v"},
        )
        self.assertIn(delivered.links["x"], delivered.tracked_urls)
        self.assertNotIn("https://x.com/v", delivered.html)
        self.assertIn('href="https://www.acme.example.com"', delivered.html)
        self.assertIn("https://www.odoo.com?utm_source", delivered.html)

    def assertSameEmail(self, tracked, untracked):
        """Assert that two emails differ only in tracked URLs and the image."""
        without, _after = html_oracle.without_image(tracked.html, *tracked.image_urls)
        changes = [
            (tracked_event, untracked_event)
            for tracked_event, untracked_event in zip(
                without, html_oracle.events(untracked.html), strict=True
            )
            if tracked_event != untracked_event
        ]
        for (kind, tag, name, value), untracked_event in changes:
            self.assertEqual((kind, tag, name), untracked_event[:3])
            # The URL of the main button contains a token of the message.
            self.assertTrue(value in tracked.tracked_urls or "mail/view" in value)
        self.assertTrue(changes)

    def test_mailing_themes(self):
        """Only the links of Odoo's mailing themes change."""
        count = 0
        for name, template in self.mailing_themes():
            html = str(
                self.env["ir.qweb"]._render(
                    template, {"company_id": self.env.company, "is_design": False}
                )
            )
            # Replace empty links and example links.
            html = re.sub(r'href="(?:#|http://www\.\w+\.com)?"', HREF, html)
            with self.subTest(theme=name):
                assert_faithful(html, links=HREF in html)
                count += 1
        self.assertGreater(count, 10)

    def mailing_themes(self):
        """Read the themes from files of modules, which may be uninstalled.

        :return: name and QWeb template
        :rtype: Iterator[tuple[str, etree._Element]]
        """
        for path in (
            "mass_mailing/views/themes_templates.xml",
            "mass_mailing_themes/views/mass_mailing_themes_templates.xml",
        ):
            tree = etree.parse(file_path(path))
            for template in tree.iterfind(".//template"):
                if template.get("id").startswith("theme_"):
                    template.tag = "t"
                    yield template.attrib.pop("id"), template
