"""Trackable links follow a changed destination of Odoo's link tracker."""

from odoo.tests import tagged

from ..helpers.mailing_case import MailingCase


@tagged("post_install", "-at_install")
class TestLinkTracker(MailingCase):
    def make_trackers(self, number):
        """Create link trackers. Each has trackable links in two mailings."""
        trackers = self.env["link.tracker"].create(
            [
                {"url": f"https://x.example.net/{number}/{n}", "title": "x"}
                for n in range(number)
            ]
        )
        links = self.env["trackable.link"].create(
            [
                {"url": "https://before.example.net", "mailing_id": mailing.id}
                | {"link_tracker_id": tracker.id}
                for mailing in (self.create_mailing(), self.create_mailing())
                for tracker in trackers
            ]
        )
        return trackers, links

    def test_query_count_does_not_grow_with_links(self):
        counts = []
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        for number in (1, 2, 20):
            trackers, links = self.make_trackers(number)
            counts.append(self.count_queries(trackers._redirect_trackable_links))
            self.assertEqual([link.url for link in links], trackers.mapped("url") * 2)
            # Odoo's `redirected_url` does not declare that it depends on the campaign.
            self.env.invalidate_all()
            trackers.campaign_id = campaign
            for link in links:
                self.assertEqual(
                    link.url, f"{link.link_tracker_id.url}?utm_campaign=Spring"
                )
        self.assertEqual(counts[1], counts[2], "the first call fills caches")
