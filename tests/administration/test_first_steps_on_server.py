"""The test email of the first steps on a real server, with real transactions."""

from ..helpers.odoo_server import live_odoo, wait_until


def test_the_test_email_is_sent_and_its_open_is_shown():
    with live_odoo() as odoo, odoo.server():
        step = odoo.call("trackable.setup", "send_test_email")["test"]
        assert (step["sent_to"], step["is_done"]) == ("admin@acme.example.com", False)
        (delivered,) = odoo.inbox.emails
        assert delivered.recipients == ["admin@acme.example.com"]
        odoo.send_earlier()
        odoo.get(delivered.image_urls[0])
        wait_until(
            lambda: odoo.call("trackable.setup", "get_steps")["test"]["is_done"], 60
        )
