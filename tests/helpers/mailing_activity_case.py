"""Random requests of recipients, machines and colleagues to copies of a mailing."""

from odoo.fields import Command

from ..common import APPLE_MPP, BROWSER
from .mailing_case import BODY, MailingCase
from .user_agents import FIREFOX

SCANNER = "Barracuda Sentinel (EE)"
GMAIL = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0"
    " (via ggpht.com GoogleImageProxy)"
)


class MailingActivityCase(MailingCase):
    def add_contacts(self, number):
        contacts = self.env["mailing.contact"].create(
            [
                {"name": f"C{index}", "email": f"c{index}@customer.example.net"}
                for index in range(number)
            ]
        )
        self.mailing_list.contact_ids = [
            Command.link(contact.id) for contact in contacts
        ]

    def send_mailing_with_file(self, **values):
        """Send a mailing with two links and a file, and let two minutes pass."""
        self.inbox.emails.clear()
        file = self.env["ir.attachment"].create(
            {"name": "offer.pdf", "raw": b"%PDF-1.4 offer"}
        )
        mailing, arrived = self.send_mailing(
            body=BODY, attachment_ids=[Command.link(file.id)], **values
        )
        self.wait(120)
        return mailing, arrived

    def act_at_random(self, chance, arrived, steps):
        """Let recipients, machines and colleagues act at random, step by step."""
        for _step in range(steps):
            delivered = chance.choice(list(arrived.values()))
            chance.choice(
                [
                    self.open,
                    self.open,
                    self.open_and_reload,
                    self.open_possible,
                    self.open_possible,
                    self.open_by_machine,
                    self.open_by_colleague,
                    self.click,
                    self.click,
                    self.click_by_machine,
                    self.burst,
                    self.reply,
                ]
            )(chance, delivered)
            self.wait(chance.choice([1, 7, 90, 3000, 40000]))
            if chance.random() < 0.3:
                self.process()
        self.process()

    def urls(self, delivered):
        """Return the tracked URLs of the links and of the file."""
        return sorted(url for url in delivered.tracked_urls if not url.endswith(".gif"))

    def open(self, chance, delivered, **request):
        agent = chance.choice([BROWSER, FIREFOX, GMAIL])
        self.hit(delivered.image_urls[0], **{"user_agent": agent, **request})

    def open_and_reload(self, _chance, delivered):
        self.hit(delivered.image_urls[0])
        self.wait(2)
        self.hit(delivered.image_urls[0])

    def open_possible(self, chance, delivered):
        self.open(chance, delivered, user_agent=APPLE_MPP)
        if chance.random() < 0.3:
            self.open(chance, delivered, user_agent=APPLE_MPP)

    def open_by_machine(self, chance, delivered):
        self.open(chance, delivered, **chance.choice(self.machine_requests))

    def open_by_colleague(self, chance, delivered):
        self.open(chance, delivered, user_id=self.colleague.id)

    def click(self, chance, delivered, **request):
        self.hit(chance.choice(self.urls(delivered)), **request)

    def click_by_machine(self, chance, delivered):
        self.click(chance, delivered, **chance.choice(self.machine_requests))

    def burst(self, _chance, delivered):
        for url in self.urls(delivered):
            self.hit(url)

    def reply(self, _chance, delivered):
        self.trace_of(delivered).set_replied()

    def trace_of(self, delivered):
        return self.env["mailing.trace"].search(
            [("email", "in", delivered.recipients)], order="id desc", limit=1
        )

    machine_requests = (
        {"method": "HEAD"},
        {"user_agent": SCANNER},
        {"purpose": "prefetch"},
    )
