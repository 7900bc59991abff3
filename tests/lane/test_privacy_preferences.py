"""The lane does not record requests without permission, but answers them."""

from ..helpers.lane_requests import DESTINATION, hits


def request_image_and_link(odoo, lane_app, **environ):
    """Request the image and a link.

    :return: number of new hits
    :rtype: int
    """
    status, _headers, _body = lane_app.ask(odoo.sent.image, **environ)
    assert status == "200 OK"
    status, headers, _body = lane_app.ask(odoo.sent.link, **environ)
    assert status == "302 FOUND"
    assert headers["Location"] == DESTINATION
    return len(hits(odoo))


def test_global_privacy_control(odoo, lane_app):
    assert request_image_and_link(odoo, lane_app, HTTP_SEC_GPC="1") == 2
    odoo.query("UPDATE res_company SET honour_privacy_control = TRUE RETURNING id")
    assert request_image_and_link(odoo, lane_app, HTTP_SEC_GPC="1") == 0
    assert request_image_and_link(odoo, lane_app, HTTP_SEC_GPC="0") == 2
    assert request_image_and_link(odoo, lane_app) == 2


def test_stopped_email(odoo, lane_app):
    assert request_image_and_link(odoo, lane_app) == 2
    odoo.query("UPDATE trackable_email SET is_stopped = TRUE RETURNING id")
    assert request_image_and_link(odoo, lane_app) == 0
    odoo.query("UPDATE trackable_email SET is_stopped = FALSE RETURNING id")
    assert request_image_and_link(odoo, lane_app) == 2


def test_lane_leaves_the_opt_out_page(odoo, lane_app):
    path = odoo.sent.sign("objection").replace("/t/", "/t/stop/")
    for method in ("GET", "POST", "HEAD"):
        assert lane_app.is_left(path, method)
    assert not hits(odoo)
