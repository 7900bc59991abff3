"""tools/open_inference: clicks and replies show an open that no image reported."""

from datetime import datetime, timedelta

from odoo.addons.pipeline_tracking.tools.open_inference import IMAGE_DELAY, infer_open

START = datetime(2026, 6, 1, 8)


def at(seconds):
    return START + timedelta(seconds=seconds)


def test_what_follows_shows_an_open():
    assert infer_open([at(5), at(3)], None) == at(3)
    # opened later once more
    assert infer_open([at(0)], at(0) + IMAGE_DELAY * 2) == at(0)


def test_no_open_is_inferred():
    assert infer_open([], None) is None
    assert infer_open([], at(0)) is None
    # it was recorded
    assert infer_open([at(5)], at(0)) is None
    assert infer_open([at(5)], at(5)) is None
    # images come a moment later
    assert infer_open([at(5)], at(5) + IMAGE_DELAY) is None
