"""A link tracker of Odoo whose destination is changed."""

from odoo.tests import tagged

from ..helpers.mailing_case import MailingCase


@tagged("post_install", "-at_install")
class TestLinkTracker(MailingCase):
    def make_trackers(self, number):
        """Link trackers, each the destination of trackable links of two mailings."""
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

    def test_no_query_more_for_more_links(self):
        counts = []
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        for number in (1, 2, 20):
            trackers, links = self.make_trackers(number)
            counts.append(self.count_queries(trackers._redirect_trackable_links))
            self.assertEqual([link.url for link in links], trackers.mapped("url") * 2)
            self.env.invalidate_all()  # Odoo's destination depends on it, and says not
            trackers.campaign_id = campaign
            for link in links:
                self.assertEqual(
                    link.url, f"{link.link_tracker_id.url}?utm_campaign=Spring"
                )
        self.assertEqual(counts[1], counts[2], "the first fills caches")
