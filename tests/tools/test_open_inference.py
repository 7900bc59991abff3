"""tools/open_inference: clicks and replies imply an open without an image."""

from datetime import datetime, timedelta

from odoo.addons.pipeline_tracking.tools.open_inference import IMAGE_DELAY, infer_open

START = datetime(2026, 6, 1, 8)


def at(seconds):
    return START + timedelta(seconds=seconds)


def test_open_is_inferred():
    assert infer_open([at(5), at(3)], None) == at(3)
    # A recorded open long after the click is another open.
    assert infer_open([at(0)], at(0) + IMAGE_DELAY * 2) == at(0)


def test_no_open_is_inferred():
    assert infer_open([], None) is None
    assert infer_open([], at(0)) is None
    # An open was recorded before the click.
    assert infer_open([at(5)], at(0)) is None
    assert infer_open([at(5)], at(5)) is None
    # The image was loaded shortly after the click.
    assert infer_open([at(5)], at(5) + IMAGE_DELAY) is None
