"""The lane records nothing that may not be recorded; its answer is the same."""

from ..helpers.lane_requests import DESTINATION, hits


def follow(odoo, lane_app, **environ):
    """Ask for the image and a link.

    :return: how many hits that made
    :rtype: int
    """
    status, _headers, _body = lane_app.ask(odoo.sent.image, **environ)
    assert status == "200 OK"
    status, headers, _body = lane_app.ask(odoo.sent.link, **environ)
    assert status == "302 FOUND"
    assert headers["Location"] == DESTINATION
    return len(hits(odoo))


def test_who_wants_privacy_where_the_company_honours_that(odoo, lane_app):
    assert follow(odoo, lane_app, HTTP_SEC_GPC="1") == 2
    odoo.query("UPDATE res_company SET honour_privacy_control = TRUE RETURNING id")
    assert follow(odoo, lane_app, HTTP_SEC_GPC="1") == 0
    assert follow(odoo, lane_app, HTTP_SEC_GPC="0") == 2
    assert follow(odoo, lane_app) == 2


def test_an_email_that_was_stopped(odoo, lane_app):
    assert follow(odoo, lane_app) == 2
    odoo.query("UPDATE trackable_email SET is_stopped = TRUE RETURNING id")
    assert follow(odoo, lane_app) == 0
    odoo.query("UPDATE trackable_email SET is_stopped = FALSE RETURNING id")
    assert follow(odoo, lane_app) == 2


def test_the_page_to_object_is_the_controllers(odoo, lane_app):
    path = odoo.sent.sign("objection").replace("/t/", "/t/stop/")
    for method in ("GET", "POST", "HEAD"):
        assert lane_app.is_left(path, method)
    assert not hits(odoo)
