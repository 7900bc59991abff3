"""The settings that also apply to emails already sent."""

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestCompanySettings(TransactionCase):
    def setUp(self):
        super().setUp()
        self.company = self.env["res.company"].create({"name": "Second company"})

    def get_seconds(self, company=None):
        company = self.company if company is None else company
        return company._get_tracking_settings().tracking_repeat_seconds

    def test_change_applies_at_once(self):
        other = self.env.company
        before = self.get_seconds(other)
        self.assertEqual(self.get_seconds(), 10)
        self.company.tracking_repeat_seconds = 60
        self.assertEqual(self.get_seconds(), 60)
        self.assertEqual(self.get_seconds(other), before)
        self.assertEqual(self.get_seconds(self.company.sudo(False)), 60)

    def test_change_is_taken_back(self):
        self.assertEqual(self.get_seconds(), 10)
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.company.tracking_repeat_seconds = 60
            self.assertEqual(self.get_seconds(), 60)
            self.env.flush_all()
            raise ZeroDivisionError
        self.assertEqual(self.get_seconds(), 10)

    def test_email_without_a_company(self):
        no_company = self.env["res.company"]
        self.assertEqual(self.get_seconds(no_company), 10)
        self.company.tracking_repeat_seconds = 60
        self.assertEqual(self.get_seconds(no_company), 10)
        self.assertEqual(self.get_seconds(), 60)
