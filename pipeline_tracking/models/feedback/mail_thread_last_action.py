"""Show in lists and on cards when a recipient last opened an email or used its links
(extends mail.thread).

Views of opportunities and contacts have the field and filters. All other models have
the field, and their views cost nothing.
"""

from lxml.builder import E

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .mail_thread_button import NO_FEEDBACK, USER_GROUP

LAST_ACTION_FIELD = "trackable_last_action_date"
WIDGET = "tracking_last_action"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    trackable_last_action_date = fields.Datetime(
        "Last Opened or Clicked",
        compute="_compute_trackable_last_action_date",
        search="_search_trackable_last_action_date",
        groups=USER_GROUP,
        exportable=False,
        help="Time at which a recipient last opened a tracked email of this record, or"
        " used one of its links or files.",
    )

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _shows_last_action(self):
        """Return whether lists and cards of this model show the last action, and
        whether its search has the filters.

        An override returns True.

        :rtype: bool
        """
        return self._name == "crm.lead"  # The addon does not depend on crm.

    @api.model
    def _prepare_last_action_column(self):
        """Return the column of lists.

        An override changes the element that super returns.

        :rtype: etree.Element
        """
        return E.field(
            name=LAST_ACTION_FIELD, widget=WIDGET, optional="show", groups=USER_GROUP
        )

    # ------------------------------------------------------------
    # Do not override: the field
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_trackable_last_action_date(self):
        feedback_by_id = self._origin._read_email_feedback()
        for record in self:
            feedback = feedback_by_id.get(record._origin.id, NO_FEEDBACK)
            record.trackable_last_action_date = feedback.last_action_date

    @api.model
    def _search_trackable_last_action_date(self, operator, value):
        """Search the trackable emails that the user may read.

        Odoo replaces the other operators on times, and inverts negative ones.
        """
        has_action = Domain("last_action_date", "!=", False)
        if operator == "in" and set(value) == {False}:
            return ~self._get_records_of_emails_domain(has_action)
        if operator not in (">=", "<"):
            return NotImplemented
        # `last_activity_date` is never earlier, and it has an index.
        is_recent = Domain("last_action_date", ">=", value) & Domain(
            "last_activity_date", ">=", value
        )
        recent = self._get_records_of_emails_domain(is_recent)
        if operator == ">=":
            return recent
        return self._get_records_of_emails_domain(has_action) & ~recent

    @api.model
    def _get_records_of_emails_domain(self, email_domain):
        """Return the domain of the records with a sent trackable email in a domain.

        :param Domain email_domain: domain on `trackable.email`
        :rtype: Domain
        """
        Email = self.env["trackable.email"]
        emails = Email._search(email_domain & Domain("sent_date", "!=", False))
        Email.flush_model()
        records = self._get_records_of_trackable_emails_sql(emails.subselect())
        return Domain("id", "in", SQL("(%s)", records))

    # ------------------------------------------------------------
    # Do not override: the field in views
    # ------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        # No inherited view can do this: the addon does not depend on crm, and other
        # modules have views of their own.
        if self._shows_last_action():
            if view_type == "list":
                self._add_last_action_column(arch)
            elif view_type == "kanban":
                self._add_last_action_to_card(arch)
            elif view_type == "search":
                self._add_last_action_filters(arch)
        return arch, view

    @api.model
    def _add_last_action_column(self, arch):
        """Add the column to a list, after its last field.

        :param etree.Element arch: changed in place
        """
        columns = arch.xpath("./field")
        if columns:
            columns[-1].addnext(self._prepare_last_action_column())

    @api.model
    def _add_last_action_to_card(self, arch):
        """Add the field to the footer of a card, or below a card without a footer.

        :param etree.Element arch: changed in place
        """
        places = (
            ".//t[@t-name='card']//footer/div[1]",
            ".//t[@t-name='card']//footer",
            ".//t[@t-name='card']/main",
            ".//t[@t-name='card']",
        )
        elements = next(filter(None, map(arch.xpath, places)), None)
        if not elements:
            return
        place = elements[0]
        # The last elements of a footer are at its right edge.
        index = 1 if place.tag == "footer" else len(place)
        place.insert(index, self._prepare_last_action_of_card())

    @api.model
    def _prepare_last_action_of_card(self):
        return E.field(
            {"class": "me-2 small align-self-center"},
            name=LAST_ACTION_FIELD,
            widget=WIDGET,
            invisible=f"not {LAST_ACTION_FIELD}",
            groups=USER_GROUP,
        )

    @api.model
    def _add_last_action_filters(self, arch):
        """Add filters to a search view, before the groups.

        :param etree.Element arch: changed in place
        """
        # Odoo cuts longer labels in its menu. A click implies an open.
        filters = [
            E.separator(),
            *(
                E.filter(
                    name=f"trackable_last_{days}_days",
                    string=self.env._("Opened in Last %s Days", days),
                    domain=str([(LAST_ACTION_FIELD, ">=", f"today -{days}d")]),
                    groups=USER_GROUP,
                )
                for days in (7, 30)
            ),
            E.separator(),
        ]
        groups = arch.xpath("./group[filter]")
        index = arch.index(groups[0]) if groups else len(arch)
        arch[index:index] = filters
