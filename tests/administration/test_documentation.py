"""Internal users read the documentation of the installed version in Odoo."""

import re
from pathlib import Path

from lxml import html

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons import pipeline_tracking

PAGES = Path(pipeline_tracking.__file__).parent / "docs"
PATH = "/pipeline_tracking/docs/"


@tagged("post_install", "-at_install")
class TestDocumentation(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(cls.env, "reader", password="reader-password")

    def read_page(self, name):
        response = self.url_open(PATH + name)
        self.assertEqual(response.status_code, 200, name)
        return html.fromstring(response.text)

    def test_each_page_is_shown_and_its_links_lead_somewhere(self):
        self.authenticate("reader", "reader-password")
        pages = {file.stem: self.read_page(file.stem) for file in PAGES.glob("*.md")}
        self.assertIn("privacy", pages)
        anchors = {
            name: set(page.xpath("//*[@id]/@id")) | {""} for name, page in pages.items()
        }
        for name, page in pages.items():
            self.assertTrue(page.findtext(".//title"))
            for href in page.xpath("//a/@href"):
                if not href.startswith(("https://", "/odoo")):
                    target, _hash, anchor = href.partition("#")
                    self.assertIn(anchor, anchors[target or name], href)
            for source in page.xpath("//img/@src"):
                self.assertTrue((PAGES / source).is_file(), source)

    def test_the_settings_link_to_pages(self):
        view = self.env.ref("pipeline_tracking.res_config_settings_view_form")
        names = re.findall(rf'href="{PATH}([\w-]+)', view.arch)
        self.assertGreaterEqual(len(names), 4)
        for name in names:
            self.assertTrue((PAGES / f"{name}.md").is_file(), name)

    def test_an_unknown_page_is_not_found(self):
        self.authenticate("reader", "reader-password")
        for name in ("missing", "..%2F..%2F__manifest__", "privacy.md", "README"):
            self.assertEqual(self.url_open(PATH + name).status_code, 404, name)

    def test_only_internal_users_read_it(self):
        new_test_user(
            self.env,
            "customer",
            password="customer-password",
            groups="base.group_portal",
        )
        public = self.url_open(PATH + "privacy", allow_redirects=False)
        self.assertEqual(public.status_code, 303)
        self.authenticate("customer", "customer-password")
        self.assertEqual(self.url_open(PATH + "privacy").status_code, 404)
