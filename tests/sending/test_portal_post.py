"""Portal users cannot request tracking; their messages are posted without it."""

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import TrackingMixin


@tagged("post_install", "-at_install")
class TestPortalPost(TrackingMixin, HttpCase):
    def setUp(self):
        super().setUp()
        self.portal = new_test_user(
            self.env, "peter", "base.group_portal", email="p@p.example.org"
        )
        self.channel = self.env["discuss.channel"].create(
            {"name": "x", "channel_type": "group"}
        )
        self.channel.add_members((self.portal + self.salesperson).partner_id.ids)

    def post_by_rpc(self, user, **values):
        self.authenticate(user.login, user.login)
        self.make_jsonrpc_request(
            "/web/dataset/call_kw/discuss.channel/message_post",
            {
                "model": "discuss.channel",
                "method": "message_post",
                "args": [self.channel.ids],
                "kwargs": {"body": "x", "message_type": "comment", **values},
            },
        )
        return self.channel.message_ids.sorted("id")[-1]

    def test_by_rpc(self):
        for flags in (
            {"is_tracked": True},
            {"is_tracked": True, "attach_files": True, "tracked_template_id": 1},
        ):
            with self.subTest(flags=flags):
                message = self.post_by_rpc(
                    self.portal, subtype_xmlid="mail.mt_comment", **flags
                )
                self.assertEqual(message.author_id, self.portal.partner_id)
                self.assertFalse(message.is_tracked)
                self.assertFalse(message.untracked_reason)
                self.assertFalse(message.attach_files)
                self.assertFalse(message.tracked_template_id)

    def test_a_portal_users_note_gets_odoos_error(self):
        """Odoo refuses a note of a portal user. The error does not mention tracking."""
        channel = self.channel.with_user(self.portal)
        for flags in ({}, {"is_tracked": True}):
            with self.assertRaises(AccessError) as raised:
                channel.message_post(
                    body="x",
                    message_type="comment",
                    subtype_xmlid="mail.mt_note",
                    **flags,
                )
            error = str(raised.exception)
            self.assertIn("Document type: Message, Operation: create", error)
            self.assertNotIn("untracked", error)

    def test_by_the_chatters_route(self):
        self.authenticate(self.portal.login, self.portal.login)
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": self.channel.id,
                "post_data": {
                    "body": "x",
                    "is_tracked": True,
                    "attach_files": True,
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_note",
                },
            },
        )
        message = self.channel.message_ids.sorted("id")[-1]
        self.assertEqual(message.author_id, self.portal.partner_id)
        self.assertFalse(message.is_tracked or message.untracked_reason)
        self.assertFalse(message.attach_files)

    def test_a_colleagues_note_keeps_the_reason(self):
        message = self.post_by_rpc(
            self.salesperson, subtype_xmlid="mail.mt_note", is_tracked=True
        )
        self.assertFalse(message.is_tracked)
        self.assertEqual(message.untracked_reason, "note")
