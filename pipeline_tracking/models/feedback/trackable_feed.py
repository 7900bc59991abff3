from collections import defaultdict, namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import actors, classify
from .record_access import filter_accessible
from .trackable_email_timeline import REPLY

PEOPLE_PER_PAGE = 40
DAYS_PER_PAGE = 30
MAX_PAGES = 12
LINES_PER_PERSON = 5

# Equal actions on one email: a line of the feed. `person`: key of the recipient.
# `email_name`: the email's subject or first words; "" if it has none.
# `colleague` and `link`: an empty recordset if there is none, or if the user may not
# read it. `date`: time of the last of these actions (naive UTC). `line_count`: number
# of lines of the person, including the lines that the feed does not show.
FeedLine = namedtuple(
    "FeedLine",
    "person email email_name kind actor colleague link count date line_count",
)

PERSON_KEY = SQL("COALESCE('res.partner,' || email.partner_id, lower(email.email_to))")


def _prepare_not_to_sender(_emails, alias, _query):
    """Return the condition of emails whose recipient is not their sender. SQL: domains
    cannot compare fields.
    """
    return SQL(
        """
        NOT EXISTS (
            SELECT FROM res_users AS sender
             WHERE sender.id = %(user)s AND sender.partner_id = %(partner)s
        )
        """,
        user=SQL.identifier(alias, "user_id"),
        partner=SQL.identifier(alias, "partner_id"),
    )


class TrackableFeed(models.AbstractModel):
    """The feed: who did what on which email, grouped by person, newest first.

    The user's access rights and record rules apply to everything that the feed shows.
    """

    _name = "trackable.feed"
    _description = "Feed of Tracked Emails"

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _get_feed_domain(self, everyone):
        """Return the domain of the trackable emails in the feed.

        An override combines the domain of super with its own condition.

        :param bool everyone: include emails that other users sent
        :rtype: Domain
        """
        # A mailing would bury the personal emails. Anonymized emails have no recipient.
        domain = Domain("mailing_id", "=", False) & (
            Domain("partner_id", "!=", False) | Domain("email_to", "!=", False)
        )
        # A test email to oneself is no news.
        domain &= Domain.custom(to_sql=_prepare_not_to_sender)
        if not everyone:
            domain &= Domain("user_id", "=", self.env.uid)
        return domain

    @api.model
    def _get_feed_action_domain(self, automated):
        """Return the domain of the actions in the feed.

        An override combines the domain of super with its own condition.

        :param bool automated: include actions by machines and by colleagues
        :rtype: Domain
        """
        # The line of the click, the download or the reply implies the inferred open.
        domain = Domain("is_repeat", "=", False) & Domain(
            "reason", "!=", classify.INFERRED
        )
        if not automated:
            domain &= Domain("actor", "in", (actors.RECIPIENT, actors.UNKNOWN))
        return domain

    @api.model
    def _prepare_feed_line(self, line):
        """Return one line of a person.

        An override adds or changes keys of the dictionary of super. The web client's
        template `pipeline_tracking.FeedPerson` shows them.

        :param FeedLine line:
        :rtype: dict
        """
        return {
            "id": "-".join(
                str(part)
                for part in (
                    *(line.email.id, line.kind, line.actor),
                    *(line.link.id, line.colleague.id),
                )
            ),
            "actor": line.actor,
            "date": line.date,
            "email_id": line.email.id,
            "kind": line.kind,
            "text": self._get_line_text(line),
        }

    @api.model
    def _prepare_feed_person(self, partner, lines):
        """Return one person of the feed, without their lines.

        An override adds or changes keys of the dictionary of super. The web client's
        template `pipeline_tracking.FeedPerson` shows them. The method runs for each
        person, so it must not query for each person.

        :param res.partner partner: no record if the recipient is no contact, or if the
            user may not read the contact
        :param list[FeedLine] lines: latest first, at least one
        :rtype: dict
        """
        address = lines[0].email.email_to or partner.email or ""
        name = partner.name or address or self.env._("Deleted contact")
        company = partner.commercial_company_name
        return {
            "id": lines[0].person,
            "address": address if address != name else "",
            "company": company if company and company != name else "",
            "more_count": lines[0].line_count - len(lines),
            "name": name,
            "partner_id": partner.id,
            "phone": partner.phone or "",
        }

    # ------------------------------------------------------------
    # Do not override: read the feed
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_feed(self, page=1, everyone=False, automated=False):
        """Return the latest actions and replies, grouped by the recipient.

        :param int page: number of pages to show, from 1. A page adds
            ``PEOPLE_PER_PAGE`` people and ``DAYS_PER_PAGE`` days.
        :param bool everyone: include emails that other users sent, if the user may read
            them
        :param bool automated: include actions by machines and by colleagues
        :return:
            - ``people``: as `_prepare_feed_person` returns them, with ``lines``, the
              latest ``email_id``, and what the user can do: ``can_reply``,
              ``has_record``
            - ``days``: number of days that the feed covers
            - ``has_more``: whether a further page may have more people
            - ``is_manager``: whether the user sees emails that other users sent
        :rtype: dict
        :raise AccessError: the user is not an internal user
        """
        self.env["trackable.email"].check_access("read")
        page = min(max(page, 1), MAX_PAGES)
        limit, days = page * PEOPLE_PER_PAGE, page * DAYS_PER_PAGE
        since = fields.Datetime.now() - timedelta(days=days)
        email_domain = self._get_feed_domain(everyone)
        action_domain = (
            Domain("trackable_email_id", "any", email_domain)
        ) & self._get_feed_action_domain(automated)
        lines_by_person = defaultdict(list)
        for line in self._read_lines(email_domain, action_domain, since, limit + 1):
            lines_by_person[line.person].append(line)
        people = list(lines_by_person.values())
        has_more = page < MAX_PAGES and (
            len(people) > limit
            or self._has_older_lines(email_domain, action_domain, since)
        )
        return {
            "days": days,
            "has_more": has_more,
            "is_manager": self.env.user.has_group("pipeline_tracking.group_manager"),
            "people": self._prepare_people(people[:limit], everyone),
        }

    @api.model
    def _read_lines(self, email_domain, action_domain, since, limit):
        """Read the latest lines of the people with the latest lines.

        :param Domain email_domain: of trackable emails
        :param Domain action_domain: of their actions
        :param datetime since: UTC, naive
        :param int limit: number of people
        :return: the lines of one person follow one another
        :rtype: list[FeedLine]
        """
        Email, Action = self.env["trackable.email"], self.env["trackable.email.action"]
        # `_search` applies the record rules of the user.
        actions = Action._search(action_domain & Domain("occurred_at", ">=", since))
        answered = Email._search(email_domain & Domain("reply_date", ">=", since))
        Email.flush_model()
        Action.flush_model()
        # SQL: the ORM cannot limit the number of lines of each person.
        rows = self.env.execute_query(
            SQL(
                """
                WITH line AS (
                    SELECT %(person)s AS person, email.id AS email_id, action.kind,
                           action.actor, action.user_id, action.trackable_link_id,
                           count(*)::integer AS number, max(occurred_at) AS date
                      FROM trackable_email_action AS action
                      JOIN trackable_email AS email
                        ON email.id = action.trackable_email_id
                     WHERE action.id IN %(actions)s
                     GROUP BY email.id, action.kind, action.actor, action.user_id,
                              action.trackable_link_id
                     UNION ALL
                    SELECT %(person)s, email.id, %(reply)s, %(recipient)s, NULL, NULL,
                           1, email.reply_date
                      FROM trackable_email AS email
                     WHERE email.id IN %(answered)s
                ), positioned_line AS (
                    SELECT *,
                           row_number() OVER (
                               PARTITION BY person
                               ORDER BY date DESC, email_id DESC, kind
                           ) AS position,
                           count(*) OVER (PARTITION BY person)::integer AS line_count,
                           max(date) OVER (PARTITION BY person) AS person_date
                      FROM line
                ), ranked_line AS (
                    SELECT *,
                           dense_rank() OVER (
                               ORDER BY person_date DESC, person
                           ) AS person_rank
                      FROM positioned_line
                )
                SELECT person, email_id, kind, actor, user_id, trackable_link_id,
                       number, date, line_count
                  FROM ranked_line
                 WHERE person_rank <= %(limit)s AND position <= %(lines)s
                 ORDER BY person_rank, position
                """,
                person=PERSON_KEY,
                actions=actions.subselect(),
                answered=answered.subselect(),
                limit=limit,
                lines=LINES_PER_PERSON,
                recipient=actors.RECIPIENT,
                reply=REPLY,
            )
        )
        emails = Email.browse(row[1] for row in rows)
        names = Email.union(*emails)._get_names()
        users = self._filter_readable("res.users", {row[4] for row in rows})
        links = self._filter_readable("trackable.link", {row[5] for row in rows})
        no_user, no_link = self.env["res.users"], self.env["trackable.link"]
        return [
            FeedLine(
                person,
                email.with_prefetch(emails.ids),
                names[email],
                kind,
                actor,
                users.get(user_id, no_user),
                links.get(link_id, no_link),
                *rest,
            )
            for email, (person, _id, kind, actor, user_id, link_id, *rest) in zip(
                emails, rows, strict=True
            )
        ]

    @api.model
    def _filter_readable(self, model, ids):
        """Return the existing records that the user may read.

        :param str model: name of the model
        :param set ids: ids, and perhaps None
        :rtype: dict[int, BaseModel]
        """
        readable = filter_accessible(self.env, ((model, res_id) for res_id in ids))
        return {record.id: record for record in readable.values()}

    @api.model
    def _has_older_lines(self, email_domain, action_domain, since):
        Email, Action = self.env["trackable.email"], self.env["trackable.email.action"]
        older_actions = action_domain & Domain("occurred_at", "<", since)
        older_replies = email_domain & Domain("reply_date", "<", since)
        return bool(
            Action.search_count(older_actions, limit=1)
            or Email.search_count(older_replies, limit=1)
        )

    # ------------------------------------------------------------
    # Do not override: people and lines
    # ------------------------------------------------------------

    @api.model
    def _prepare_people(self, people, everyone):
        """Return the people of the feed, each with their lines.

        :param list[list[FeedLine]] people: the lines of each person
        :param bool everyone: name the senders of emails that other users sent
        :rtype: list[dict]
        """
        emails = self.env["trackable.email"].union(
            *(line.email for lines in people for line in lines)
        )
        latest_emails = emails.union(*(lines[0].email for lines in people))
        partners = self._filter_readable("res.partner", set(emails.partner_id.ids))
        no_partner, no_sender = self.env["res.partner"], self.env["res.users"]
        senders = {}
        if everyone:
            senders = self._filter_readable(
                "res.users", set(emails.user_id.ids) - {self.env.uid}
            )
        reply_records = latest_emails._find_reply_records()
        emails_with_record = latest_emails._filter_disclosable()
        return [
            {
                **self._prepare_feed_person(
                    partners.get(lines[0].email.partner_id.id, no_partner), lines
                ),
                "can_reply": lines[0].email in reply_records,
                "email_id": lines[0].email.id,
                "has_record": lines[0].email in emails_with_record,
                "lines": [
                    {
                        **self._prepare_feed_line(line),
                        "sender": senders.get(line.email.user_id.id, no_sender).name
                        or "",
                    }
                    for line in lines
                ],
            }
            for lines in people
        ]

    @api.model
    def _get_line_text(self, line):
        """Return the words of a line, with the actor unless this is the recipient.

        :param FeedLine line:
        :rtype: str
        """
        text = self._get_action_text(line)
        if line.count > 1:
            text = self.env._("%(what)s %(count)s×", what=text, count=line.count)
        if line.actor == actors.MACHINE:
            return self.env._("%(what)s (automated)", what=text)
        if line.actor == actors.INTERNAL:
            colleague = line.colleague.name or self.env._("a colleague")
            return self.env._(
                "%(what)s (by %(colleague)s)", what=text, colleague=colleague
            )
        if line.actor == actors.UNKNOWN and line.kind != actors.OPEN:
            return self.env._("%(what)s (possibly not by the recipient)", what=text)
        return text

    @api.model
    def _get_action_text(self, line):
        email = line.email_name or self.env._("(no subject)")
        if line.kind == REPLY:
            return self.env._("Replied to “%(email)s”", email=email)
        if line.kind == actors.OPEN and line.actor == actors.UNKNOWN:
            return self.env._("May have opened “%(email)s”", email=email)
        if line.kind == actors.OPEN:
            return self.env._("Opened “%(email)s”", email=email)
        if line.kind == actors.DOWNLOAD and line.link.label:
            return self.env._(
                "Downloaded “%(file)s” from “%(email)s”",
                file=line.link.label,
                email=email,
            )
        if line.kind == actors.DOWNLOAD:
            return self.env._("Downloaded a file from “%(email)s”", email=email)
        if line.link.label:
            return self.env._(
                "Clicked “%(link)s” in “%(email)s”", link=line.link.label, email=email
            )
        return self.env._("Clicked a link in “%(email)s”", email=email)
