"""The report of links and files agrees with a count by hand."""

import random
from collections import defaultdict
from datetime import datetime, timedelta

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.pipeline_tracking.tools import link_labels

from ..helpers.mailing_case import MailingCase

SEED = 11
URLS = (
    "https://shop.example.net/prices?customer=1",
    "https://shop.example.net/prices?customer=2&token=secret",
    "http://shop.example.net/prices/#top",
    "https://user:pa@ss@shop.example.net/offer?a=https://x.example.net/",
    "https://shop.example.net",
    "https://shop.example.net/?next=/prices",
    "https://shop.example.net/prices/list",
    "https://shop.example.net/#?secret",
)
FILES = ("offer.pdf", "terms.pdf")
MEASURES = [
    "recipient_count:count_distinct",
    "click_count:sum",
    "email_count:count_distinct",
    "last_used:max",
]


@tagged("post_install", "-at_install")
class TestLinkReport(MailingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["trackable.link.report"]
        cls.manager = new_test_user(
            cls.env, "manon", "base.group_user,pipeline_tracking.group_manager"
        )

    def groups(self, domain=(), user=None, **context):
        """Return the statistics by link or file, read as lists and pivots do."""
        Report = self.Report.with_user(user or self.salesperson)
        Report = Report.with_context(**context)
        return {
            group["address"]: tuple(group[name] for name in MEASURES[:3])
            for group in Report.formatted_read_group(
                list(domain), ["address"], MEASURES
            )
        }

    def use(self, trackable, link, **values):
        return self.env["trackable.email.action"].create(
            {
                "trackable_email_id": trackable.id,
                "trackable_link_id": link.id,
                "kind": "download" if link.is_file else "click",
                "actor": "recipient",
                "occurred_at": datetime.now(),
                **values,
            }
        )

    def test_the_filter_counts_automated_requests_as_well(self):
        _delivered, trackable = self.send(f'<a href="{URLS[0]}">x</a>')
        _delivered, scanned = self.send(f'<a href="{URLS[0]}">x</a>')
        self.use(trackable, trackable.link_ids)
        for values in (
            {"actor": "machine"},
            {"actor": "machine", "is_repeat": True},
            {"actor": "internal"},
            {"actor": "unknown"},
        ):
            self.use(scanned, scanned.link_ids, **values)
        scanned.partner_id = self.other
        search = etree.fromstring(self.Report.get_view(view_type="search")["arch"])
        (node,) = search.xpath("//filter[@name='with_automated']")
        switch = safe_eval(node.get("context"))
        address = "shop.example.net/prices"
        self.assertEqual(self.groups(), {address: (1, 1, 2)})
        self.assertEqual(self.groups(**switch), {address: (2, 2, 2)})
        used = [("click_count", ">", 0)]
        self.assertEqual(self.groups(used), {address: (1, 1, 1)})
        self.assertEqual(self.groups(used, **switch), {address: (2, 2, 2)})
        self.assertEqual(self.groups(user=self.colleague, **switch), {})
        # A row of this filter opens its email, too.
        for line in self.Report.with_context(**switch).search([]):
            action = line.action_open_email()
            self.assertEqual(action["res_id"], line.trackable_email_id.id)

    def test_the_report_equals_a_count_by_hand(self):
        """Emails, links, recipients and uses are random, from a fixed seed."""
        chance = random.Random(SEED)
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@x.example.net"} for n in range(6)]
        )
        rows = []  # address, email, recipient, date and age in days of each use
        emails_by_address = defaultdict(set)
        now = datetime.now().replace(microsecond=0)
        for _ in range(30):
            partner = chance.choice(partners)
            body = "".join(
                f'<a href="{url}">text</a> '
                for url in chance.sample(URLS, chance.randrange(4))
            )
            message = self.post(
                body,
                partner_ids=partner.ids,
                record=partner,
                attachments=[
                    (name, f"%PDF {name}".encode())
                    for name in chance.sample(FILES, chance.randrange(3))
                ],
            )
            trackable = self.trackable_emails(message)
            for link in trackable.link_ids:
                address = (
                    link.label
                    if link.is_file
                    else link_labels.readable_destination(link.url)
                )
                emails_by_address[address].add(trackable)
                for _ in range(chance.choice((0, 0, 1, 2))):
                    days = chance.randrange(100)
                    at = now - timedelta(days=days, hours=1)
                    values = chance.choice(
                        ({}, {}, {"actor": "machine"}, {"actor": "unknown"})
                    )
                    self.use(trackable, link, occurred_at=at, **values)
                    if not values:
                        rows.append((address, trackable, partner, at, days))
        expected = {
            address: (
                len({row[2] for row in rows if row[0] == address}),
                len([row for row in rows if row[0] == address]),
                len(emails),
            )
            for address, emails in emails_by_address.items()
        }
        self.assertIn("shop.example.net/prices", expected)
        self.assertIn("shop.example.net", expected)
        self.assertIn("offer.pdf", expected)
        self.assertEqual(self.groups(), expected)
        (total,) = self.Report.formatted_read_group([], [], MEASURES)
        self.assertEqual(
            [total[name] for name in MEASURES[:3]],
            [
                len({row[2] for row in rows}),
                len(rows),
                len(set().union(*emails_by_address.values())),
            ],
            "the total counts each recipient and email once",
        )
        # each row
        Report = self.Report.with_user(self.salesperson)
        lines = Report.search([])
        self.assertEqual(len(set(lines.ids)), sum(map(len, emails_by_address.values())))
        for line in lines:
            uses = [
                row
                for row in rows
                if row[:2] == (line.address, line.trackable_email_id.sudo())
            ]
            self.assertEqual(line.click_count, len(uses))
            self.assertEqual(line.kind, "file" if line.label in FILES else "link")
            self.assertEqual(line.partner_id, line.trackable_email_id.partner_id)
            if uses:
                self.assertEqual(line.last_used, max(row[3] for row in uses))
                self.assertEqual(line.days_ago, min(row[4] for row in uses))
        times = [line.click_count for line in lines]
        self.assertEqual(times, sorted(times, reverse=True), "most used first")
        # each customer
        for partner in partners:
            expected = {
                address: sum(email.partner_id == partner for email in emails)
                for address, emails in emails_by_address.items()
            }
            groups = self.groups([("partner_id", "=", partner.id)])
            self.assertEqual(
                {address: sums[2] for address, sums in groups.items()},
                {address: count for address, count in expected.items() if count},
            )

    def test_addresses_equal_those_of_links(self):
        """The report shows no secret part of a URL, in any notation."""
        urls = (
            *URLS,
            "HTTPS://Shop.Example.net/A?b",
            "https://shop.example.net:8443/a/b//",
            "https://shop.example.net/a@b",
            "https://shop.example.net?a=b@c",
            "https://me@shop.example.net#a@b",
            "https://shop.example.net/é/%20x?é",
        )
        body = "".join(f'<a href="{url}">text</a> ' for url in urls)
        _delivered, trackable = self.send(body)
        links = trackable.link_ids
        self.assertEqual(len(links), len(urls))
        lines = self.Report.search([("trackable_email_id", "=", trackable.id)])
        self.assertEqual(set(lines.mapped("address")), set(links.mapped("address")))
        self.assertNotIn("secret", str(lines.with_user(self.salesperson).read()))
        self.assertFalse(self.Report.search([("address", "like", "secret")]))

    def test_repeats_automated_requests_and_colleagues_do_not_count(self):
        _delivered, trackable = self.send('<a href="https://x.example.net/a">a</a>')
        link = trackable.link_ids
        self.use(trackable, link, actor="machine")
        self.use(trackable, link, actor="internal")
        self.use(trackable, link, is_repeat=True)
        self.assertEqual(self.groups(), {"x.example.net/a": (0, 0, 1)})
        self.use(trackable, link)
        self.use(trackable, link)
        self.assertEqual(self.groups(), {"x.example.net/a": (1, 2, 1)})
        action = self.Report.search([]).action_open_email()
        self.assertEqual(action["res_id"], trackable.id)

    def test_access(self):
        """Users see the rows of emails whose actions they see."""
        _delivered, trackable = self.send('<a href="https://x.example.net/a">a</a>')
        self.use(trackable, trackable.link_ids)
        mailing, arrived = self.send_mailing()
        self.hit(arrived[self.contacts[0].email].links["offer"])
        self.process()
        salesperson_links = {"x.example.net/a"}
        mailing_links = {"shop.example.net/offer"}
        mailing_user = new_test_user(
            self.env, "marta", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        for user, addresses in (
            (self.salesperson, salesperson_links | mailing_links),
            (self.manager, salesperson_links | mailing_links),
            (self.colleague, set()),
            (mailing_user, mailing_links),
        ):
            self.assertEqual(set(self.groups(user=user)), addresses)
            self.assertFalse(self.Report.with_user(user).has_access("write"))
        emails = trackable | self.emails_of(mailing)[self.contacts[0].email]
        emails.company_id = self.env["res.company"].create({"name": "Other"})
        for user in (self.salesperson, self.manager, mailing_user):
            self.assertFalse(self.groups(user=user))
        portal = new_test_user(self.env, "petra", "base.group_portal")
        with self.assertRaises(AccessError):
            self.groups(user=portal)

    def test_mailings_have_only_used_links(self):
        mailing, arrived = self.send_mailing()
        anna, bert, _cleo = self.contacts.mapped("email")
        for address in (anna, anna, bert):
            self.hit(arrived[address].links["offer"])
            self.wait(100)
        self.process()
        self.assertEqual(self.groups(), {"shop.example.net/offer": (2, 3, 2)})
        self.assertFalse(self.groups([("mailing_id", "=", False)]))
        lines = self.Report.search([("mailing_id", "=", mailing.id)])
        self.assertEqual(sorted(lines.mapped("email_to")), [anna, bert])

    def test_every_view_opens(self):
        _delivered, trackable = self.send('<a href="https://x.example.net/a">a</a>')
        self.use(trackable, trackable.link_ids)
        trackable.template_id = 10**6  # does not exist
        Report = self.Report.with_user(self.salesperson)
        for kind in ("list", "graph", "pivot", "search"):
            Report.get_view(view_type=kind)
        names = {
            name: {"fields": {"display_name": {}}} if field.type == "many2one" else {}
            for name, field in Report._fields.items()
        }
        (values,) = Report.search([]).web_read(names)
        self.assertEqual(values["template_id"]["display_name"], "Deleted")
        groups = Report.web_read_group([], ["template_id"], MEASURES[:3])["groups"]
        self.assertEqual(groups[0]["template_id"][1], "Deleted")
        groups = Report.web_read_group(
            [], ["address"], MEASURES, order="click_count desc"
        )
        self.assertEqual(groups["groups"][0]["click_count:sum"], 1)
