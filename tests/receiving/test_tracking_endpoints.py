"""The tracked URLs of an email, over HTTP."""

import logging

from odoo.tests import HttpCase, tagged

from odoo.addons.pipeline_tracking.tools import tracking_token
from odoo.addons.pipeline_tracking.tools.tracking_token import LINK, OPEN, Token

from ..common import BROWSER, TrackingMixin, path_of

DESTINATION = (
    "https://shop.example.net/p?a=1&b=%C3%A9&c=[x]|y&next=https://z.com/?q=1#top?x"
)
BODY = f'<p><a href="{DESTINATION.replace("&", "&amp;")}">our prices</a></p>'
GIF_BYTES = 43


@tagged("post_install", "-at_install")
class TestEndpoints(TrackingMixin, HttpCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send(BODY)
        self.image = path_of(self.delivered.image_urls[0])
        self.link = path_of(self.delivered.links["our prices"])

    def get(self, path, method="GET", **headers):
        return self.url_open(
            path,
            method=method,
            headers={"User-Agent": BROWSER, **headers},
            allow_redirects=False,
        )

    @property
    def hits(self):
        return self.env["trackable.hit"].search([])

    def sign(self, kind, **changes):
        """Sign a token with changed values, with the current key."""
        keys = self.env["trackable.key"]._get_keys()
        values = {
            "email_id": self.trackable.id,
            "email_nonce": self.trackable.nonce,
            "link_id": self.trackable.link_ids.id,
            "link_nonce": self.trackable.link_ids.nonce,
            **changes,
        }
        return "/t/" + tracking_token.sign(
            Token(kind, **values), max(keys), keys[max(keys)]
        )

    # ------------------------------------------------------------
    # Asserts
    # ------------------------------------------------------------

    def assertImage(self, response):
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "image/gif")
        self.assertEqual(response.headers["Cache-Control"], "no-store, private")
        self.assertEqual(response.headers["Content-Length"], str(GIF_BYTES))
        self.assertNotIn("Set-Cookie", response.headers)

    def assertRedirected(self, response, url=DESTINATION):
        self.assertEqual(response.status_code, 302)
        self.assertEqual(response.headers["Location"], url)
        self.assertEqual(response.headers["Cache-Control"], "no-store, private")
        self.assertNotIn("Set-Cookie", response.headers)

    def assertNotFound(self, response):
        self.assertEqual(response.status_code, 404)
        self.assertIn("Not Found", response.text)
        self.assertLess(len(response.content), 1000, "a plain page")
        self.assertNotIn("Set-Cookie", response.headers)

    # ------------------------------------------------------------
    # Valid requests
    # ------------------------------------------------------------

    def test_open(self):
        response = self.get(self.image)
        self.assertImage(response)
        self.assertEqual(len(response.content), GIF_BYTES)
        self.assertTrue(response.content.startswith(b"GIF89a\1\0\1\0"))
        self.assertRecordValues(
            self.hits,
            [
                {
                    "trackable_email_id": self.trackable.id,
                    "trackable_link_id": False,
                    "method": "GET",
                    "user_agent": BROWSER,
                    "ip": "127.0.0.1",
                }
            ],
        )

    def test_click(self):
        self.assertRedirected(self.get(self.link))
        self.assertEqual(self.hits.trackable_link_id, self.trackable.link_ids)

    def test_every_request_is_a_hit(self):
        for _time in range(3):
            self.get(self.image)
        self.assertEqual(len(self.hits), 3)

    def test_head_requests(self):
        response = self.get(self.image, method="HEAD")
        self.assertImage(response)
        self.assertFalse(response.content)
        self.assertRedirected(self.get(self.link, method="HEAD"))
        self.assertEqual(self.hits.mapped("method"), ["HEAD", "HEAD"])

    def test_other_methods_are_not_allowed(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            for path in (self.image, self.link):
                with self.subTest(method=method, path=path):
                    response = self.get(path, method=method)
                    self.assertEqual(response.status_code, 405)
                    self.assertEqual(
                        response.headers["Cache-Control"], "no-store, private"
                    )
                    self.assertEqual(
                        set(response.headers["Allow"].split(", ")), {"GET", "HEAD"}
                    )
                    self.assertNotIn("Set-Cookie", response.headers)
                    self.assertLess(len(response.content), 1000, "a plain page")
        self.assertFalse(self.hits)

    def test_large_body_is_refused(self):
        response = self.url_open(self.link, data={"x": "x" * 20_000})
        self.assertEqual(response.status_code, 413)
        self.assertNotIn("Set-Cookie", response.headers)
        self.assertFalse(self.hits)

    def test_appended_query_is_ignored(self):
        query = "?utm_source=mail&utm_campaign=x&utm_medium=y&lang=fr&debug=1&db=x"
        self.assertImage(self.get(self.image + query))
        self.assertRedirected(self.get(self.link + query))
        self.assertEqual(len(self.hits), 2)

    def test_prefetch_headers_are_stored(self):
        self.get(
            self.image, **{"Sec-Purpose": "prefetch;prerender", "X-Moz": "prefetch"}
        )
        self.assertEqual(self.hits.purpose, "prefetch;prerender prefetch")

    def test_destination_is_not_changed(self):
        for url in (
            "HTTP://Shop.Example.NET",
            "https://x.com/a//b/../c?&&=&a=%2F#",
            "https://x.com/~user/(a);b=1,2?x='1'&y=\"2\"",
            "https://user:pass@x.com:8443/a{b}^`c\\d",
            "https://x.com/?sig=Ab%2b%2Bc/d+e==",
        ):
            with self.subTest(url=url):
                self.trackable.link_ids.url = url
                self.env.flush_all()
                self.assertRedirected(self.get(self.link), url)

    def test_destination_beyond_ascii_is_encoded_as_in_browsers(self):
        self.trackable.link_ids.url = "https://bücher.example.net/é?q=ü#ö"
        self.env.flush_all()
        self.assertRedirected(
            self.get(self.link),
            "https://xn--bcher-kva.example.net/%C3%A9?q=%C3%BC#%C3%B6",
        )

    def test_destination_is_encoded_only_where_needed(self):
        self.trackable.link_ids.url = (
            "https://u@x.com:99999/my file[1]|{x}.pdf?a=^b`é%C3"
        )
        self.env.flush_all()
        self.assertRedirected(
            self.get(self.link),
            "https://u@x.com:99999/my%20file[1]|{x}.pdf?a=^b`%C3%A9%C3",
        )

    # ------------------------------------------------------------
    # Invalid requests
    # ------------------------------------------------------------

    def make_invalid_tokens(self):
        """Return invalid token texts: description -> text."""
        image, link = (path.removeprefix("/t/") for path in (self.image, self.link))
        image = image.removesuffix(".gif")
        _delivered, other = self.send(
            '<p><a href="https://other.example.net">x</a></p>'
        )
        forged = tracking_token.sign(
            Token(LINK, self.trackable.id, self.trackable.nonce, other.link_ids.id, 1),
            1,
            b"?" * 64,
        )
        return {
            "forged": forged,
            "another email's link": link[:20]
            + self.sign(LINK, link_id=other.link_ids.id)[23:],
            "changed": link[:-1] + ("A" if link[-1] != "A" else "B"),
            "truncated": link[:-4],
            "truncated image": image[:10],
            "longer": link + "AAAA",
            "oversized": "A" * 6000,
            "beyond ascii": "%C3%A9%FF%00",
            "beyond ascii, plain": "é" * 20,
            "not base64": "a.b~c!d",
            "one character": "A",
            "deeper": "a/b/c",
        }

    def test_invalid_tokens(self):
        self.get(self.image)  # caches the keys
        self.hits.unlink()
        for case, text in {
            "other kind": self.image[3:-4],
            **self.make_invalid_tokens(),
        }.items():
            with self.subTest(case=case, url="link"), self.assert_no_queries_and_logs():
                self.assertNotFound(self.get(f"/t/{text}"))
        for case, text in {
            "other kind": self.link[3:],
            **self.make_invalid_tokens(),
        }.items():
            with (
                self.subTest(case=case, url="image"),
                self.assert_no_queries_and_logs(),
            ):
                self.assertImage(self.get(f"/t/{text}.gif"))
        self.assertFalse(self.hits)
        # Valid tokens still work.
        self.assertRedirected(self.get(self.link))
        self.assertImage(self.get(self.image))
        self.assertEqual(len(self.hits), 2)

    def assert_no_queries_and_logs(self):
        """Assert that a block neither queries our tables nor logs above debug."""
        return NoQueriesAndLogs(self)

    def test_assertion_detects_queries_and_logs(self):
        with self.assertRaisesRegex(
            AssertionError, "SELECT url, .* FROM trackable_link"
        ):
            with self.assert_no_queries_and_logs():
                self.get(self.link)
        with (
            self.assertRaisesRegex(AssertionError, "loud"),
            self.assert_no_queries_and_logs(),
        ):
            logging.getLogger("odoo.addons.pipeline_tracking").info("loud")

    def test_restored_backup(self):
        """The ids of the token belong to other rows, with other nonces."""
        for changes in (
            {"email_nonce": self.trackable.nonce ^ 1},
            {"email_id": self.trackable.id + 1000},
        ):
            self.assertImage(self.get(self.sign(OPEN, **changes) + ".gif"))
        self.assertNotFound(
            self.get(self.sign(LINK, link_nonce=self.trackable.link_ids.nonce ^ 1))
        )
        self.assertNotFound(
            self.get(self.sign(LINK, link_id=self.trackable.link_ids.id + 1000))
        )
        self.assertFalse(self.hits)
        self.assertRedirected(self.get(self.sign(LINK)))
        self.assertEqual(len(self.hits), 1)

    def test_deleted_trackable_email(self):
        self.trackable.unlink()
        self.assertImage(self.get(self.image))
        self.assertRedirected(self.get(self.link))
        self.assertFalse(self.hits)

    def test_deleted_message(self):
        self.trackable.mail_message_id.unlink()
        self.assertImage(self.get(self.image))
        self.assertRedirected(self.get(self.link))
        self.assertEqual(len(self.hits), 2)

    def test_database_error_does_not_change_the_response(self):
        self.env.cr.execute("ALTER TABLE trackable_hit RENAME TO trackable_hit_gone")
        for path, check in (
            (self.image, self.assertImage),
            (self.link, self.assertRedirected),
        ):
            with self.subTest(path=path), self.assertLogs("odoo", "WARNING") as logs:
                check(self.get(path))
            self.assertEqual(len(logs.records), 1, "logged once")
        self.env.cr.execute("ALTER TABLE trackable_hit_gone RENAME TO trackable_hit")


class NoQueriesAndLogs(logging.Handler):
    """Record Odoo's log during a block, and assert that it is empty.

    Odoo's SQL logger shows the queries on our tables.
    """

    def __init__(self, case):
        super().__init__(logging.DEBUG)
        self.case = case
        self.odoo_logger = logging.getLogger("odoo")
        self.sql_logger = logging.getLogger("odoo.sql_db")
        self.queries, self.loud = [], []

    def emit(self, record):
        if record.name == "odoo.sql_db" and record.levelno == logging.DEBUG:
            if "trackable_" in record.getMessage():
                self.queries.append(record.getMessage())
        elif record.levelno > logging.DEBUG:
            self.loud.append(record.getMessage())

    def __enter__(self):
        self.levels = self.sql_logger.level, self.odoo_logger.level
        self.sql_logger.setLevel(logging.DEBUG)
        self.odoo_logger.setLevel(logging.INFO)
        self.odoo_logger.addHandler(self)
        return self

    def __exit__(self, exc_type, *_exc):
        self.odoo_logger.removeHandler(self)
        for logger, level in zip(
            (self.sql_logger, self.odoo_logger), self.levels, strict=True
        ):
            logger.setLevel(level)
        if not exc_type:
            self.case.assertEqual(self.queries, [])
            self.case.assertEqual(self.loud, [])
