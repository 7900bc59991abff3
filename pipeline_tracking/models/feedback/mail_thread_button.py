"""Add the button that opens a record's tracked emails (extends mail.thread).

The button counts the emails that the user may read. A single query counts the emails
of all records. A view without the button costs no query. While the record is open, the
button follows new opens: see `chatter_channel.push_buttons`.
"""

from collections import namedtuple

from lxml import etree
from lxml.builder import E

from odoo import api, fields, models
from odoo.tools import SQL

USER_GROUP = "pipeline_tracking.group_user"
# Numbers of sent and of opened emails, and the time of the last action by a recipient.
Feedback = namedtuple("Feedback", "sent_count opened_count last_action_date")
NO_FEEDBACK = Feedback(0, 0, False)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    trackable_email_count = fields.Integer(
        "Number of Tracked Emails",
        compute="_compute_trackable_emails",
        groups=USER_GROUP,
        exportable=False,
    )
    trackable_email_summary = fields.Char(
        "Opened Tracked Emails",
        compute="_compute_trackable_emails",
        groups=USER_GROUP,
        exportable=False,
    )

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    def _get_trackable_emails_sql(self):
        """Return a query for the trackable emails of these records.

        An override returns a query with the same two columns. Also override
        `_get_trackable_emails_domain` and `_get_records_of_trackable_emails_sql`.

        :return: query of distinct pairs: id of the record, id of the trackable email
        :rtype: SQL
        """
        return SQL(
            "SELECT res_id, id FROM trackable_email"
            " WHERE res_model = %s AND res_id = ANY(%s)",
            self._name,
            self.ids,
        )

    def _get_trackable_emails_domain(self):
        """Return the domain of the trackable emails of these records.

        An override returns a domain on `trackable.email` that finds the emails which
        `_get_trackable_emails_sql` selects.

        :rtype: list
        """
        return [("res_model", "=", self._name), ("res_id", "in", self.ids)]

    @api.model
    def _get_records_of_trackable_emails_sql(self, emails):
        """Return a query for the records of this model that have certain trackable
        emails: the reverse of `_get_trackable_emails_sql`.

        :param SQL emails: query of ids of trackable emails
        :return: query of ids of records, without NULL
        :rtype: SQL
        """
        return SQL(
            "SELECT res_id FROM trackable_email"
            " WHERE res_model = %s AND res_id IS NOT NULL AND id IN (%s)",
            self._name,
            emails,
        )

    # ------------------------------------------------------------
    # Do not override: counts, and the list
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_trackable_emails(self):
        feedback_by_id = self._origin._read_email_feedback()
        for record in self:
            feedback = feedback_by_id.get(record._origin.id, NO_FEEDBACK)
            record.trackable_email_count = feedback.sent_count
            record.trackable_email_summary = (
                self.env._(
                    "%(opened_count)s of %(sent_count)s opened",
                    opened_count=feedback.opened_count,
                    sent_count=feedback.sent_count,
                )
                if feedback.sent_count
                else False
            )

    def _read_email_feedback(self):
        """Read what recipients did with the sent trackable emails of these records.

        :return: feedback by the id of the record; records without a sent email are left
            out
        :rtype: dict[int, Feedback]
        """
        if not self.ids:
            return {}
        Email = self.env["trackable.email"]
        # `_search` applies the record rules of the user.
        query = Email._search([("sent_date", "!=", False)])
        Email.flush_model()
        query.add_join(
            "JOIN",
            "pair",
            SQL(
                "(SELECT * FROM (%s) AS named (record_id, email_id))",
                self._get_trackable_emails_sql(),
            ),
            SQL("pair.email_id = trackable_email.id"),
        )
        query.groupby = SQL("pair.record_id")
        rows = self.env.execute_query(
            query.select(
                "pair.record_id",
                "count(*)",
                "count(*) FILTER (WHERE trackable_email.open_count > 0)",
                "max(trackable_email.last_action_date)",
            )
        )
        return {record_id: Feedback(*values) for record_id, *values in rows}

    def action_open_trackable_emails(self):
        """Open the list of these records' trackable emails.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pipeline_tracking.trackable_email_action_window"
        )
        domain = [("sent_date", "!=", False), *self._get_trackable_emails_domain()]
        # Without the default filters, which would hide emails of this record.
        return {**action, "domain": domain, "context": {}}

    # ------------------------------------------------------------
    # Do not override: the button in views
    # ------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and not self._transient:
            self._add_trackable_button(arch)
        return arch, view

    @api.model
    def _add_trackable_button(self, arch):
        """Add the button to a form that has a sheet and a chatter.

        No inherited view can do this: each model has other forms, and so have other
        modules.

        :param etree.Element arch: changed in place
        """
        # Skip forms inside a field: they show another record.
        sheets = arch.xpath(".//sheet[not(ancestor::field)]")
        if not sheets or not arch.xpath(".//chatter[not(ancestor::field)]"):
            return
        boxes = arch.xpath(".//div[@name='button_box'][not(ancestor::field)]")
        if not boxes:
            boxes = [E.div({"class": "oe_button_box", "name": "button_box"})]
            sheets[0].insert(0, boxes[0])
        boxes[0].append(self._prepare_trackable_button())

    @api.model
    def _prepare_trackable_button(self):
        """Return the button in the user's language: Odoo caches views by language.

        :rtype: etree.Element
        """
        button = etree.fromstring(
            """
            <button
                name="action_open_trackable_emails"
                type="object"
                class="oe_stat_button"
                icon="fa-envelope-open-o"
                invisible="not trackable_email_count"
            >
                <field name="trackable_email_count" invisible="1" />
                <!-- The label stays above the text, also in the menu of a phone. -->
                <field
                    name="trackable_email_summary"
                    widget="statinfo"
                    class="flex-column"
                />
            </button>
            """
        )
        button.set("groups", USER_GROUP)
        _count, summary = button.iter("field")
        summary.set("string", self.env._("Tracked Emails"))
        return button
