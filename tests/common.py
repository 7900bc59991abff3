"""The base test case, with a real SMTP server and asserts for tracked emails."""

import email
import email.policy
import logging
import re
from hashlib import blake2b
from unittest.mock import patch
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from lxml import html as lxml_html
from markupsafe import Markup

from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

from odoo.addons.pipeline_tracking.tools import tracking_token

BASE_URL = "https://odoo.acme.example.com"
SUBTYPE = "pipeline_tracking.mt_trackable_email_action"
TRACKED_URL = re.compile(r"https?://[^/\s\"'<>]+/t/[A-Za-z0-9_-]+(?:\.gif)?")

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36"
)
APPLE_MPP = "Mozilla/5.0"

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs every command


def path_of(url):
    """Return the path of a tracked URL, without the public address."""
    return url[url.index("/t/") :]


def ip_of(recipient):
    """Return an IP address in the own network of a recipient. Requests of one network
    for the emails of several people would be a scan.

    :param str recipient: identifies the recipient
    """
    return f"2001:db8:{blake2b(recipient.encode(), digest_size=2).hexdigest()}::1"


class Delivered:
    """An email as it arrived over SMTP."""

    def __init__(self, envelope):
        self.recipients = envelope.rcpt_tos
        self.message = email.message_from_bytes(
            envelope.content, policy=email.policy.default
        )

    @property
    def html(self):
        return self.message.get_body(["html"]).get_content()

    @property
    def text(self):
        return self.message.get_body(["plain"]).get_content()

    @property
    def links(self):
        """Return the destinations of the links, by text.

        :rtype: dict[str, str]
        """
        tree = lxml_html.document_fromstring(self.html)
        return {
            link.text_content().strip(): link.get("href") for link in tree.iter("a")
        }

    @property
    def image_urls(self):
        """Return the URLs of the tracked images.

        :rtype: list[str]
        """
        tree = lxml_html.document_fromstring(self.html)
        sources = [image.get("src") or "" for image in tree.iter("img")]
        return [source for source in sources if TRACKED_URL.fullmatch(source)]

    @property
    def attachments(self):
        return list(self.message.iter_attachments())

    @property
    def tracked_urls(self):
        return TRACKED_URL.findall(self.html)


class FreePortController(Controller):
    """An SMTP server on a port that the system chooses. `port` is known once the server
    listens.
    """

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        return super()._trigger_server()


class Inbox:
    """An SMTP server on a free loopback port that stores the emails it receives."""

    def __init__(self):
        self.emails = []
        self.refuses = False
        self._controller = FreePortController(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, _server, _session, envelope):
        if self.refuses:
            return "554 5.7.1 Refused"
        self.emails.append(Delivered(envelope))
        return "250 OK"

    def start(self):
        self._controller.start()
        return self

    @property
    def port(self):
        return self._controller.port

    def stop(self):
        self._controller.stop()


class TrackingMixin:
    """Send emails over SMTP to `self.inbox`, in any of Odoo's test cases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = Inbox().start()
        cls.addClassCleanup(cls.inbox.stop)
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["ir.mail_server"].create(
            {
                "name": "inbox",
                "smtp_host": "127.0.0.1",
                "smtp_port": cls.inbox.port,
                "smtp_encryption": "none",
            }
        )
        cls.set_base_url(BASE_URL)
        # Count clicks at once. Tests of held clicks call `hold` with a delay.
        cls.hold(0)
        cls.salesperson = new_test_user(
            cls.env,
            "sally",
            "base.group_user,base.group_partner_manager,sales_team.group_sale_salesman",
            name="Sally Sales",
            email="sally@acme.example.com",
            tz="Europe/Paris",
            notification_type="email",
        )
        cls.colleague = new_test_user(
            cls.env,
            "colin",
            "base.group_user",
            name="Colin",
            email="colin@acme.example.com",
            notification_type="email",
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Carla Customer", "email": "carla@customer.example.org"}
        )
        cls.other = cls.env["res.partner"].create(
            {"name": "Oscar Other", "email": "oscar@other.example.org"}
        )
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Big deal",
                "partner_id": cls.customer.id,
                "user_id": cls.salesperson.id,
            }
        )
        # In tests, Odoo disables sending.
        sending = patch.object(
            cls.registry["ir.mail_server"], "_disable_send", lambda *a: False
        )
        sending.start()
        cls.addClassCleanup(sending.stop)

    @classmethod
    def new_manager(cls):
        """Create a user who may see the emails of all senders, and all leads."""
        return new_test_user(
            cls.env,
            "manon",
            "base.group_user,sales_team.group_sale_manager,"
            "pipeline_tracking.group_manager",
            email="manon@acme.example.com",
        )

    def setUp(self):
        super().setUp()
        self.inbox.emails.clear()
        self.inbox.refuses = False

    @classmethod
    def set_base_url(cls, url):
        cls.env["ir.config_parameter"].set_param("web.base.url", url)

    @classmethod
    def hold(cls, seconds):
        """Set how many seconds clicks are held, in every company."""
        cls.env["res.company"].search([]).tracking_hold_seconds = seconds

    def post(self, body="<p>Hello</p>", *, record=None, user=None, **values):
        """Post a message to the customer, by default a tracked one."""
        record = record or self.lead
        return record.with_user(user or self.salesperson).message_post(
            **{
                "body": Markup(body),
                "subject": "Proposal",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                "partner_ids": self.customer.ids,
                "is_tracked": True,
                **values,
            }
        )

    def send(self, body="<p>Hello</p>", **values):
        """Post a message to the customer.

        :return: the email that arrived, and its trackable email
        """
        self.inbox.emails.clear()
        message = self.post(body, **values)
        (delivered,) = [
            arrived
            for arrived in self.inbox.emails
            if self.customer.email in arrived.recipients
        ]
        return delivered, self.trackable_emails(message)

    def full_composer(self, *, user=None, records=None, **context):
        """Return the model of the full composer, opened on records.

        :param res.users user: by default the salesperson
        :param records: by default the opportunity
        :param context: more values of the context
        :rtype: mail.compose.message
        """
        records = records or self.lead
        return (
            self.env["mail.compose.message"]
            .with_user(user or self.salesperson)
            .with_context(
                default_composition_mode="comment",
                default_model=records._name,
                default_res_ids=records.ids,
                **context,
            )
        )

    def trackable_emails(self, message):
        return self.env["trackable.email"].search(
            [("mail_message_id", "=", message.id)]
        )

    def count_queries(self, work):
        """Return how many queries a function executes, with an empty cache.

        :param work: function without arguments
        :rtype: int
        """
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def wait(self, seconds):
        """Let time pass: move the stored times into the past."""
        self.env.flush_all()
        for table, columns in {
            "trackable_hit": ["occurred_at"],
            "trackable_email_action": ["occurred_at"],
            "trackable_client": ["occurred_at"],
            "trackable_action_total": ["first_date", "last_date"],
            "trackable_email": [
                "sent_date",
                "first_open_date",
                "last_open_date",
                "last_action_date",
                "reply_date",
                "last_activity_date",
                "notice_at",
                "oldest_action_date",
            ],
        }.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s",
                    SQL.identifier(table),
                    SQL(", ").join(
                        SQL(
                            "%(column)s = %(column)s - make_interval(secs => %(secs)s)",
                            column=SQL.identifier(column),
                            secs=seconds,
                        )
                        for column in columns
                    ),
                )
            )
        self.env.invalidate_all()

    def hit(
        self,
        url,
        *,
        user_agent=BROWSER,
        method="GET",
        purpose="",
        ip=None,
        wants_privacy=False,
        user_id=None,
        is_part=False,
        is_at_delivery=False,
    ):
        """Append a hit to the queue, as a request to a tracked URL does.

        :param ip: the client's address, by default in the recipient's own network
        :param bool is_at_delivery: whether the request comes right after sending;
            otherwise, the email was sent some minutes ago
        """
        text = urlsplit(url).path.removeprefix("/t/")
        kind = tracking_token.OPEN if text.endswith(".gif") else tracking_token.LINK
        keys = self.env["trackable.key"]._get_keys()
        hit_token = tracking_token.verify(text.removesuffix(".gif"), kind, keys)
        if not is_at_delivery:
            self.send_earlier(hit_token.email_id)
        if ip is None:
            ip = self.get_ip(hit_token.email_id)
        self.env["trackable.hit"]._record(
            hit_token,
            method=method,
            ip=ip,
            user_agent=user_agent,
            purpose=purpose,
            wants_privacy=wants_privacy,
            user_id=user_id,
            is_part=is_part,
        )

    def get_ip(self, email_id):
        """Return the IP address of an email's recipient."""
        email = self.env["trackable.email"].browse(email_id).exists()
        return ip_of(email._get_address_key() if email else "")

    def send_earlier(self, email_id):
        """Move the time when an email was sent some minutes into the past: nobody opens
        an email within seconds.
        """
        emails = self.env["trackable.email"]
        emails.flush_model(["sent_date"])
        self.env.cr.execute(
            """
            UPDATE trackable_email SET sent_date = sent_date - interval '10 minutes'
             WHERE id = %s
               AND sent_date
                   > clock_timestamp() AT TIME ZONE 'UTC' - interval '20 seconds'
            """,
            [email_id],
        )
        emails.browse(email_id).invalidate_recordset(["sent_date"])

    def process(self):
        return self.env["trackable.hit"]._process()

    def entries(self, record):
        """Return the chatter entries of a record, oldest first."""
        return self.env["mail.message"].search(
            [
                ("model", "=", record._name),
                ("res_id", "=", record.id),
                ("subtype_id", "=", self.env.ref(SUBTYPE).id),
            ],
            order="id",
        )

    def entry_text(self, record):
        """Return the text of the only chatter entry of a record."""
        (entry,) = self.entries(record)
        return " ".join(lxml_html.fromstring(entry.body).text_content().split())

    # ------------------------------------------------------------
    # Asserts
    # ------------------------------------------------------------

    def assertTracked(self, delivered):
        self.assertEqual(len(delivered.image_urls), 1, "one image")

    def assertUntracked(self, delivered):
        self.assertEqual(delivered.tracked_urls, [], "no tracked URL")
        self.assertNotIn("/t/", delivered.text)

    def assertRefused(self, message, reason):
        """Assert that a message was sent untracked, with a reason."""
        self.assertFalse(message.is_tracked)
        # sudo: mail.message - no user may read the stored reason
        self.assertEqual(message.sudo().untracked_reason, reason)
        self.assertFalse(self.trackable_emails(message))
        self.assertTrue(self.inbox.emails, "the email was still sent")
        for delivered in self.inbox.emails:
            self.assertUntracked(delivered)

    def assertCounts(self, trackable_email, *, opens, clicks):
        self.assertEqual(
            (trackable_email.open_count, trackable_email.click_count), (opens, clicks)
        )


class TrackingCase(TrackingMixin, TransactionCase):
    """Send emails in one transaction, over real SMTP."""
