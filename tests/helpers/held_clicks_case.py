"""An email with four links, in a company that holds clicks for some seconds."""

from ..common import TrackingCase

HOLD = 15
LINKS = ("prices", "terms", "about us", "contact")
BODY = "".join(
    f'<p><a href="https://shop.example.net/{name}">{name}</a></p>' for name in LINKS
)


class HeldClicksCase(TrackingCase):
    def setUp(self):
        super().setUp()
        self.hold(HOLD)
        self.delivered, self.trackable = self.send(BODY)
        self.image = self.delivered.image_urls[0]
        self.wait(3600)  # the email was sent an hour ago

    def click(self, *names, **values):
        for name in names:
            self.hit(self.delivered.links[name], **values)

    def scan(self):
        """Load the image and follow every link, as a scanner does."""
        self.hit(self.image)
        self.click(*LINKS)

    def wait_and_process(self):
        self.wait(HOLD)
        return self.process()

    def actors(self):
        """Return kind, actor and reason of the actions, oldest first."""
        return [
            (action.kind, action.actor, action.reason)
            for action in self.trackable.action_ids.sorted("occurred_at")
        ]

    def assertEntry(self, *words):
        text = self.entry_text(self.lead)
        for word in words:
            self.assertIn(word, text)
