from odoo.addons.pipeline_tracking.lane import connections

URL = "https://shop.example.net/"


class Floor(connections.LaneConnection):
    """Answer as the fast lane does, without the database."""

    def record_open(self, token, request):
        return False

    def record_click(self, token, request):
        return URL, False


def post_load():
    connections.LaneConnection = Floor
