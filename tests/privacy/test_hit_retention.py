"""Details of set-aside hits are deleted as the company's settings demand."""

from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.pipeline_tracking.models.privacy import trackable_hit_retention

from ..helpers.aging_case import AgingCase
from ..helpers.user_agents import CHROME, GMAIL_PROXY

IP = "192.0.2.77"
IPV6 = "2001:db8:1:2::3"
BODY = '<a href="https://x.com/">x</a>'
LOGGER = "odoo.addons.pipeline_tracking.models.receiving.trackable_hit_process"
DAYS = trackable_hit_retention.DETAILS_DAYS
BATCH_SIZE = trackable_hit_retention.SET_ASIDE_BATCH_SIZE


@tagged("post_install", "-at_install")
class TestSetAsideDetails(AgingCase):
    def setUp(self):
        super().setUp()
        self.delivered, self.trackable = self.send(BODY)
        self.company = self.trackable.company_id
        self.image = self.delivered.image_urls[0]
        self.Hit = self.env["trackable.hit"]

    def set_aside(self, url=None, **request):
        """Set a hit aside, as if another module had failed to process it.

        :rtype: TrackableHit
        """
        before = self.Hit.search([])
        self.hit(url or self.image, **{"ip": IP, "user_agent": CHROME, **request})
        prepare = self.registry["trackable.hit"]._prepare_facts

        def fail(hit):
            if hit not in before:
                raise ValueError("broken")
            return prepare(hit)

        with (
            patch.object(self.registry["trackable.hit"], "_prepare_facts", fail),
            mute_logger(LOGGER),
        ):
            self.process()
        hit = self.Hit.search([]) - before
        self.assertTrue(hit.error)
        return hit

    def delete_details(self):
        done = self.Hit._gc_set_aside_details()
        self.env.invalidate_all()
        return done

    def delete_expired(self):
        done = self.Hit._gc_set_aside()
        self.env.invalidate_all()
        return done

    def details_of(self, hit):
        return (hit.ip, hit.ip_subscriber, hit.user_agent, hit.purpose)

    def retry(self, hit):
        """Process a hit again, as an administrator.

        :return: the action that the hit became
        :rtype: TrackableEmailAction
        """
        administrator = self.env.ref("base.user_admin")
        hit.with_user(administrator).action_retry()
        self.env.flush_all()
        before = self.trackable.action_ids
        self.process()
        self.assertFalse(hit.exists())
        return self.trackable.action_ids - before

    # ------------------------------------------------------------
    # Details
    # ------------------------------------------------------------

    def test_recent_hits_keep_their_details(self):
        hit = self.set_aside(purpose="prefetch")
        self.age(DAYS - 1)
        self.assertEqual(self.delete_details(), (0, 0))
        self.assertEqual(self.details_of(hit), (IP, IP, CHROME, "prefetch"))

    def test_the_settings_of_the_company_decide_which_details_stay(self):
        for keep_ip, keep_user_agent, ip, expected in (
            ("none", True, IP, (False, False, CHROME, False)),
            ("none", False, IP, (False, False, False, False)),
            ("truncated", True, IP, ("192.0.2.0", False, CHROME, False)),
            ("truncated", False, IPV6, ("2001:db8:1::", False, False, False)),
            ("truncated", False, "unknown", (False, False, False, False)),
            ("full", False, IP, (IP, False, False, False)),
            ("full", True, IP, (IP, IP, CHROME, "prefetch")),
        ):
            self.company.write(
                {
                    "tracking_keep_ip": keep_ip,
                    "tracking_keep_user_agent": keep_user_agent,
                }
            )
            with self.subTest(keep_ip=keep_ip, keep_user_agent=keep_user_agent):
                hit = self.set_aside(ip=ip, purpose="prefetch")
                self.age(DAYS + 1)
                self.delete_details()
                self.assertEqual(self.details_of(hit), expected)
                self.assertEqual(self.delete_details(), (0, 0), "already done")
                self.assertEqual(self.trackable.id, hit.trackable_email_id.id)
                self.assertTrue(hit.error)
            hit.unlink()

    def test_the_defaults_apply_to_emails_without_a_company(self):
        self.company.tracking_keep_ip = "full"
        hit = self.set_aside()
        self.trackable.company_id = False
        self.age(DAYS + 1)
        self.assertEqual(self.delete_details(), (1, 0))
        self.assertEqual(self.details_of(hit), (False, False, CHROME, False))

    def test_internal_users_stay_and_portal_users_do_not(self):
        portal = new_test_user(self.env, "portia", "base.group_portal")
        users = (self.colleague, portal)
        hits = [self.set_aside(user_id=user.id) for user in users]
        self.age(DAYS + 1)
        self.delete_details()
        self.assertEqual([hit.user_id for hit in hits], [self.colleague, portal[:0]])

    def test_waiting_hits_keep_their_details(self):
        self.hit(self.image, ip=IP, purpose="prefetch")
        self.age(5000)
        self.assertEqual(self.delete_details(), (0, 0))
        self.assertEqual(self.delete_expired(), (0, 0))
        hit = self.Hit.search([])
        self.assertEqual((hit.ip, hit.purpose), (IP, "prefetch"))
        self.process()
        self.assertEqual(self.trackable.raw_open_count, 1)

    # ------------------------------------------------------------
    # Retries
    # ------------------------------------------------------------

    def test_a_retry_without_details_has_an_unknown_actor(self):
        self.company.tracking_keep_user_agent = False
        for url, kind in ((self.image, "open"), (self.delivered.links["x"], "click")):
            with self.subTest(kind=kind):
                hit = self.set_aside(url)
                self.age(DAYS + 1)
                self.delete_details()
                action = self.retry(hit)
                self.assertEqual(
                    (action.kind, action.actor, action.reason),
                    (kind, "unknown", "expired"),
                )
                self.assertFalse(action.ip or action.user_agent)
        self.assertCounts(self.trackable, opens=0, clicks=0)
        self.assertEqual(self.trackable.unknown_open_count, 1)
        self.assertEqual(self.trackable.raw_click_count, 1)
        self.assertFalse(self.entries(self.lead))

    def test_a_retry_with_partial_details_has_an_unknown_actor(self):
        """Only the deleted address could show that a colleague made the request."""
        hit = self.set_aside(user_agent=GMAIL_PROXY)
        self.age(DAYS + 1)
        self.delete_details()
        action = self.retry(hit)
        self.assertEqual((action.actor, action.reason), ("unknown", "expired"))

    def test_a_retry_still_finds_the_colleague(self):
        hit = self.set_aside(user_id=self.colleague.id)
        self.age(DAYS + 1)
        self.delete_details()
        action = self.retry(hit)
        self.assertEqual((action.actor, action.user_id), ("internal", self.colleague))

    def test_a_retry_with_details_finds_the_recipient(self):
        hit = self.set_aside()
        self.age(DAYS - 1)
        self.delete_details()
        action = self.retry(hit)
        self.assertEqual(action.actor, "recipient")
        self.assertCounts(self.trackable, opens=1, clicks=0)

    def test_a_retry_when_the_company_stores_all_details(self):
        self.company.tracking_keep_ip = "full"
        hit = self.set_aside()
        self.age(DAYS + 1)
        self.delete_details()
        action = self.retry(hit)
        self.assertEqual((action.actor, action.ip), ("recipient", IP))

    def test_a_hit_that_waits_again_keeps_its_details(self):
        hit = self.set_aside()
        self.age(DAYS + 1)
        hit.action_retry()
        self.env.flush_all()
        self.assertEqual(self.delete_details(), (0, 0))
        self.assertEqual(hit.ip, IP)

    # ------------------------------------------------------------
    # Expired hits
    # ------------------------------------------------------------

    def test_hits_expire_after_the_months_of_the_company(self):
        short, never = self.env["res.company"].create(
            [
                {"name": "Short", "tracking_keep_months": 1},
                {"name": "Never", "tracking_keep_months": 0},
            ]
        )
        none = self.env["res.company"]
        for company, days, is_deleted in (
            (self.company, 363, False),
            (self.company, 368, True),
            (short, 27, False),
            (short, 33, True),
            (never, 5000, False),
            (none, 363, False),
            (none, 368, True),
        ):
            with self.subTest(company=company.name, days=days):
                hit = self.set_aside()
                self.trackable.company_id = company
                self.age(days)
                self.assertEqual(self.delete_expired(), (int(is_deleted), 0))
                self.assertEqual(not hit.exists(), is_deleted)
                self.trackable.company_id = self.company
                self.Hit.search([]).unlink()

    def add_set_aside(self, count):
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO trackable_hit
                   (trackable_email_id, occurred_at, method, ip, user_agent, error)
            SELECT %s, now() - interval '2 years', 'GET', '192.0.2.' || number %% 200,
                   'Mozilla/5.0', 'ValueError'
              FROM generate_series(1, %s) AS number
            """,
            [self.trackable.id, count],
        )
        self.env.invalidate_all()

    def test_in_batches(self):
        self.add_set_aside(BATCH_SIZE + 7)
        for delete in (self.delete_details, self.delete_expired):
            self.assertEqual(delete(), (BATCH_SIZE, BATCH_SIZE))
            self.assertEqual(delete(), (7, 0))
            self.assertEqual(delete(), (0, 0))
        self.assertFalse(self.Hit.search([]))

    def test_number_of_queries_does_not_grow(self):
        self.company.tracking_keep_ip = "truncated"
        self.company._get_tracking_settings()  # a transaction reads them once
        counts = []
        for number in (2, 100):
            self.add_set_aside(number)
            before = self.env.cr.sql_log_count
            self.assertEqual(self.delete_details(), (number, 0))
            self.assertEqual(self.delete_expired(), (number, 0))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
