"""The statistics of mailings equal those of their actions.

Actions are random, from a fixed seed. The tests count each statistic again, action by
action.
"""

import random

from odoo.tests import new_test_user, tagged

from ..helpers.mailing_activity_case import MailingActivityCase

KINDS = ("open", "click", "download")


def is_counted(action):
    """Return whether an action counts, without reading its field `is_counted`."""
    return action.actor == "recipient" and not action.is_repeat


@tagged("post_install", "-at_install")
class TestMailingStatistics(MailingActivityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "marta",
            "base.group_user,mass_mailing.group_mass_mailing_user",
            tz="Asia/Kolkata",
        )

    def count(self, mailing):
        """Count the statistics of a mailing, action by action."""
        emails = self.env["trackable.email"].search([("mailing_id", "=", mailing.id)])
        actions = emails.action_ids
        sent = len(emails.filtered("sent_date"))
        statistics = {"tracked_sent_count": sent}
        for kind in KINDS:
            actions_of_kind = actions.filtered(
                lambda action, kind=kind: action.kind == kind
            )
            counting = actions_of_kind.filtered(is_counted)
            people = len(counting.trackable_email_id)
            statistics |= {
                f"tracked_{kind}_people": people,
                f"tracked_{kind}_rate": people / sent,
                f"tracked_{kind}_count": len(counting),
                f"tracked_raw_{kind}_count": len(
                    actions_of_kind.filtered(lambda action: action.reason != "inferred")
                ),
            }
        possible_opens = actions.filtered(
            lambda action: action.actor == "unknown" and not action.is_repeat
        )
        opened = actions.filtered(is_counted).filtered(
            lambda action: action.kind == "open"
        )
        return statistics | {
            "tracked_maybe_people": len(
                possible_opens.trackable_email_id - opened.trackable_email_id
            ),
            "tracked_maybe_count": len(possible_opens),
        }

    def read_statistics(self, mailing, names):
        [values] = mailing.read(list(names))
        return {name: values[name] for name in names}

    def assertStatistics(self, mailing):
        """Assert that statistics equal counts of actions and sums of counters.

        :return: the statistics
        """
        expected = self.count(mailing)
        self.assertEqual(self.read_statistics(mailing, expected), expected)
        emails = self.emails_of(mailing).values()

        def total(name):
            return sum(email[name] for email in emails)

        def people(*statuses):
            return len([email for email in emails if email.status in statuses])

        self.assertEqual(
            {
                "open_count": mailing.tracked_open_count,
                "click_count": mailing.tracked_click_count
                + mailing.tracked_download_count,
                "unknown_open_count": mailing.tracked_maybe_count,
                "raw_open_count": mailing.tracked_raw_open_count,
                "raw_click_count": mailing.tracked_raw_click_count
                + mailing.tracked_raw_download_count,
            },
            {
                name: total(name)
                for name in (
                    "open_count",
                    "click_count",
                    "unknown_open_count",
                    "raw_open_count",
                    "raw_click_count",
                )
            },
        )
        self.assertEqual(
            mailing.tracked_open_people,
            people("opened", "clicked", "downloaded", "replied"),
        )
        self.assertEqual(mailing.tracked_maybe_people, people("maybe"))
        return expected

    def assertLinks(self, mailing):
        """Assert the statistics of links, and their order."""
        links = mailing.most_used_link_ids
        self.assertEqual(
            set(links.ids),
            set(
                self.env["trackable.link"].search([("mailing_id", "=", mailing.id)]).ids
            ),
        )
        actions = self.env["trackable.email.action"].search(
            [("trackable_link_id", "in", links.ids)]
        )
        for link in links:
            actions_on_link = actions.filtered(
                lambda action, link=link: action.trackable_link_id == link
            )
            counting = actions_on_link.filtered(is_counted)
            self.assertEqual(
                (link.recipient_count, link.click_count, link.raw_click_count),
                (len(counting.trackable_email_id), len(counting), len(actions_on_link)),
            )
        people = links.mapped("recipient_count")
        self.assertEqual(people, sorted(people, reverse=True))
        self.assertEqual(
            sum(links.mapped("click_count")),
            mailing.tracked_click_count + mailing.tracked_download_count,
        )
        self.assertEqual(
            sum(links.mapped("raw_click_count")),
            mailing.tracked_raw_click_count + mailing.tracked_raw_download_count,
        )

    def test_statistics_equal_counts_of_actions(self):
        self.add_contacts(9)
        sent = [
            self.send_mailing_with_file(subject=f"News {number}") for number in range(3)
        ]
        totals = dict.fromkeys(self.count(sent[0][0]), 0)
        for seed, (_mailing, arrived) in enumerate(sent[:2]):
            self.act_at_random(random.Random(seed), arrived, 70)
        for user in (self.env.user, self.manager):
            mailings = self.env["mailing.mailing"].with_user(user)
            mailings = mailings.browse([mailing.id for mailing, _arrived in sent])
            self.env.invalidate_all()
            for mailing in mailings:
                for name, count in self.assertStatistics(mailing).items():
                    totals[name] += count
                self.assertLinks(mailing)
            self.assertFalse(mailings[2].tracked_raw_open_count, "no actions")
        missing = [name for name, total in totals.items() if not total]
        self.assertFalse(missing, "each statistic has something to count")
        self.assertTrue(
            mailings[:2].mapped(lambda mailing: mailing.tracked_open_count)
            != mailings[:2].mapped(lambda mailing: mailing.tracked_raw_open_count)
        )
        actions = self.env["trackable.email.action"].search(
            [("trackable_email_id.mailing_id", "in", mailings.ids)]
        )
        for reason in ("inferred", "burst", "head", "session", "apple-mpp"):
            self.assertIn(reason, actions.mapped("reason"))
        self.assertTrue(any(actions.mapped("is_repeat")))

    def test_query_count_does_not_grow(self):
        """More mailings or more recipients need no more queries."""
        counts = []
        for number in (0, 12):
            self.add_contacts(number)
            mailing, arrived = self.send_mailing_with_file(subject=f"News {number}")
            self.act_at_random(random.Random(number), arrived, 12)
            mailings = self.env["mailing.mailing"].search(
                [("id", "=", mailing.id)] if not number else [("subject", "ilike", "N")]
            )
            self.read_form(mailings)  # fills caches, such as record rules
            before = self.env.cr.sql_log_count
            self.read_form(mailings)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreater(len(mailings), 1)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0], 12)

    def read_form(self, mailings):
        self.env.invalidate_all()
        for mailing in mailings:
            self.read_statistics(mailing, ["tracked_sent_count", "tracked_open_rate"])
            mailing.most_used_link_ids.mapped("recipient_count")

    def test_only_the_most_used_links_are_listed(self):
        body = "".join(
            f'<a href="https://x.com/{number}">l{number}</a>' for number in range(30)
        )
        mailing, arrived = self.send_mailing(body=f"<div>{body}</div>")
        self.wait(120)
        anna, bert, _cleo = arrived.values()
        for delivered, text in ((anna, "l7"), (bert, "l7"), (anna, "l29")):
            self.hit(delivered.links[text])
            self.wait(5)
        self.hit(anna.links["l29"])
        self.wait(5)
        self.hit(anna.links["l12"], method="HEAD")
        self.process()
        links = mailing.most_used_link_ids
        self.assertEqual(len(links), 20)
        self.assertEqual(
            [
                (
                    link.label,
                    link.recipient_count,
                    link.click_count,
                    link.raw_click_count,
                )
                for link in links[:3]
            ],
            [("l7", 2, 2, 2), ("l29", 1, 2, 2), ("l12", 0, 0, 1)],
        )
