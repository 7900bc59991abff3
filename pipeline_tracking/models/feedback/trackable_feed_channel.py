"""Push to the web clients that have the feed open."""

BUS_TYPE = "pipeline_tracking/feed"
# A user and this name are the bus channel of the user's own feed. A company and this
# name are the channel of the feed of managers who watch everyone's emails.
SUBCHANNEL = "tracking_feed"
OWN_FEED = "pipeline_tracking/feed"
EVERYONES_FEED = "pipeline_tracking/feed/everyone"


def push_feed(emails):
    """Push that recipients did something with these trackable emails. Each open feed
    fetches the news that its user may see.

    The push has no content: whether news is shown depends on the switches of each feed.

    :param trackable.email emails:
    """
    emails = emails.filtered(lambda email: not email.mailing_id)
    for record in (*emails.user_id, *emails.company_id):
        # Only the user and managers of the company receive this: see `ir.websocket`.
        emails.env["bus.bus"]._sendone((record, SUBCHANNEL), BUS_TYPE, {})
