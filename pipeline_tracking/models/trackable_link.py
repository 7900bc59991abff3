from collections import namedtuple

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..fields import UnenforcedMany2one
from ..tools import link_labels

# `url`: as the author wrote it, or the address of the file in Odoo. `attachment_id`:
# only for a file that was not withdrawn. `is_disabled`: whether the link is disabled
# now.
Destination = namedtuple("Destination", "url label is_file attachment_id is_disabled")


def _build_unique_key(
    *,
    url,
    mail_message_id=False,
    mailing_id=False,
    link_tracker_id=False,
    is_decoy=False,
    **_others,
):
    """Return the values that are unique for each link, as in the unique indexes.

    :rtype: tuple
    """
    destination = None if is_decoy else link_tracker_id or url
    return (mail_message_id, mailing_id, destination)


def _sql_host_and_path(url):
    """Build an SQL expression for the host and path of a URL.

    :param SQL url: a column
    :rtype: SQL
    """
    return SQL(
        """
        regexp_replace(split_part(split_part(%s, '#', 1), '?', 1),
                       '^([^/]*//)?([^/]*@)?', '')
        """,
        url,
    )


class TrackableLink(models.Model):
    """Store a destination that all copies of a tracked message or mailing share.

    Fields that hold the state of a link, and the methods that change them:

    ============== ======================== ====================================
    field          set by                   cleared by
    ============== ======================== ====================================
    url            `_ensure`                never; changes with the URL of its
                                            `link.tracker`
    attachment_id  `_attach_files`          `action_withdraw_file`
    withdrawn_date `action_withdraw_file`   never
    disabled_date  `action_disable`         `action_enable`
    ============== ======================== ====================================
    """

    _name = "trackable.link"
    _inherit = "trackable.mixin"
    _description = "Tracked Link"
    _rec_name = "label"
    # No foreign keys to users either: see UnenforcedMany2one.
    _log_access = False

    # Only the redirect reads the whole URL: its query can hold access tokens.
    url = fields.Char(
        "Destination", required=True, readonly=True, groups=fields.NO_ACCESS
    )
    label = fields.Char(readonly=True)
    address = fields.Char(
        "Web Address",
        compute="_compute_address",
        compute_sudo=True,
        search="_search_address",
    )
    is_file = fields.Boolean("Is a File", readonly=True)
    # A link of a mailing that no person can see: programs follow it. The author did not
    # write the link, so the record rule `trackable_link_rule_decoy` hides it.
    is_decoy = fields.Boolean("Is a Decoy", readonly=True)
    # The link tracker of Odoo with the same destination. It counts the clicks as well.
    link_tracker_id = UnenforcedMany2one(
        "link.tracker", "Link Tracker", readonly=True, index="btree_not_null"
    )
    # An attachment that only this link uses. It outlives the attachment of the message;
    # only withdrawing the file deletes it.
    attachment_id = fields.Many2one(
        "ir.attachment",
        "File",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    withdrawn_date = fields.Datetime("Withdrawn on", readonly=True)
    disabled_date = fields.Datetime(
        "Disabled on",
        readonly=True,
        index="btree_not_null",
        help="From this date, recipients who follow the link see that it is no longer"
        " available. Nothing is recorded.",
    )
    kind = fields.Selection(
        [("link", "Link"), ("file", "File")], string="Type", compute="_compute_kind"
    )
    recipient_count = fields.Integer(
        "Recipients",
        compute="_compute_statistics",
        help="Recipients who used the link or file. Automated requests and requests by"
        " colleagues are not counted.",
    )
    click_count = fields.Integer(
        "Clicks",
        compute="_compute_statistics",
        help="Clicks and downloads by recipients.",
    )
    raw_click_count = fields.Integer(
        "All Requests",
        compute="_compute_statistics",
        help="All requests, including automated requests and requests by colleagues.",
    )

    last_use_date = fields.Datetime(
        "Last Used on",
        compute="_compute_statistics",
        help="Time of the last click or download by a recipient.",
    )
    # For the email in the context (`trackable_email_id`).
    email_click_count = fields.Integer(
        "Clicks in the Email",
        compute="_compute_usage_in_email",
        help="Clicks and downloads by the recipient of the email.",
    )
    email_last_use_date = fields.Datetime(
        "Last Use in the Email", compute="_compute_usage_in_email"
    )
    # The emails that contain the link.
    email_subject = fields.Char("Email", compute="_compute_emails")
    recipient_names = fields.Char(compute="_compute_emails")
    sent_date = fields.Datetime("Sent on", compute="_compute_emails")

    # Index the hash, because an index row holds about 2,700 bytes and a URL can be
    # longer.
    _message_url_uniq = models.UniqueIndex("(mail_message_id, md5(url))")
    _mailing_url_uniq = models.UniqueIndex(
        "(mailing_id, md5(url)) WHERE mailing_id IS NOT NULL"
        " AND link_tracker_id IS NULL AND is_decoy IS NOT TRUE"
    )
    _mailing_decoy_uniq = models.UniqueIndex("(mailing_id) WHERE is_decoy")
    # Two link trackers of a mailing can have the same destination.
    _mailing_tracker_uniq = models.UniqueIndex(
        "(mailing_id, link_tracker_id) WHERE link_tracker_id IS NOT NULL"
    )

    @api.depends("url", "is_file")
    def _compute_address(self):
        for link in self:
            link.address = not link.is_file and link_labels.readable_destination(
                link.url or ""
            )

    def _search_address(self, operator, value):
        """Search in host and path, but not in the query: it can hold access tokens."""
        if operator != "ilike":
            return NotImplemented
        pattern = f"%{escape_psql(value)}%"

        def to_sql(_model, alias, _query):
            url = SQL.identifier(alias, "url")
            is_file = SQL.identifier(alias, "is_file")
            return SQL(
                "(%s IS NOT TRUE AND %s ILIKE %s)",
                is_file,
                _sql_host_and_path(url),
                pattern,
            )

        return fields.Domain.custom(to_sql=to_sql)

    @api.model
    def _ensure(self, vals_list):
        """Find the trackable links with these values, and create missing links.

        :param list[dict] vals_list: each with ``mail_message_id`` or ``mailing_id``,
            and ``url``; for a file also with its ``content``, from
            `ir.attachment._get_stored_content`
        :return: in the order of ``vals_list``
        :rtype: TrackableLink
        """
        links_by_key = {
            link._get_unique_key(): link for link in self._find_candidates(vals_list)
        }
        keys = [_build_unique_key(**vals) for vals in vals_list]
        vals_by_key = dict(zip(keys, vals_list, strict=True))
        missing_keys = [key for key in vals_by_key if key not in links_by_key]
        contents = [vals_by_key[key].pop("content", None) for key in missing_keys]
        created_links = self.create([vals_by_key[key] for key in missing_keys])
        created_links._attach_files(contents)
        links_by_key |= zip(missing_keys, created_links, strict=True)
        return self.browse(links_by_key[key].id for key in keys)

    def _find_candidates(self, vals_list):
        """Find links of the same messages and mailings that may have these values. The
        caller compares their keys. Do not read all links of a mailing: if its content
        depends on the recipient, it has too many.

        :param list[dict] vals_list: as for `_ensure`
        :rtype: TrackableLink
        """
        names = ("mail_message_id", "mailing_id", "link_tracker_id", "url")
        query = SQL(
            """
            SELECT id FROM trackable_link
             WHERE mail_message_id = ANY(%(mail_message_id)s)
             UNION ALL
            SELECT id FROM trackable_link
             WHERE mailing_id = ANY(%(mailing_id)s)
               AND link_tracker_id = ANY(%(link_tracker_id)s)
             UNION ALL
            SELECT id FROM trackable_link
             WHERE mailing_id = ANY(%(mailing_id)s) AND is_decoy
             UNION ALL
            SELECT id FROM trackable_link
             WHERE mailing_id = ANY(%(mailing_id)s) AND link_tracker_id IS NULL
               AND is_decoy IS NOT TRUE
               AND md5(url) IN (SELECT md5(searched_url)
                                  FROM unnest(%(url)s::varchar[]) searched_url)
            """,
            **{
                name: list({vals[name] for vals in vals_list if vals.get(name)})
                for name in names
            },
        )
        return self.browse(link_id for [link_id] in self.env.execute_query(query))

    def _get_unique_key(self):
        """Return the values that are unique for this link, as in the unique indexes.

        :rtype: tuple
        """
        self.ensure_one()
        return _build_unique_key(
            url=self.url,
            mail_message_id=self.mail_message_id.id,
            mailing_id=self.mailing_id.id,
            link_tracker_id=self.link_tracker_id.id,
            is_decoy=self.is_decoy,
        )

    def _attach_files(self, contents):
        """Create an attachment for each link that leads to a file.

        :param list[dict | None] contents: for each link, from
            `ir.attachment._get_stored_content`; None if the link leads to no file
        """
        content_by_link = {
            link: content
            for link, content in zip(self, contents, strict=True)
            if content
        }
        # Attachments without a record can only be read through the link. Users who may
        # see the tracking cannot always read the record of the email.
        attachments = self.env["ir.attachment"]._create_with_stored_content(
            list(content_by_link.values())
        )
        for link, attachment in zip(content_by_link, attachments, strict=True):
            link.attachment_id = attachment

    @api.model
    def _find_destination_by_token(self, link_token):
        """Find the destination of a verified token.

        :param tracking_token.Token link_token:
        :return: the destination, or None if no link has the token's id and nonce.
            After a database was restored from a backup, another link can have the id.
        :rtype: Destination | None
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT url, label, is_file, attachment_id, disabled_date IS NOT NULL"
                " FROM trackable_link WHERE id = %s AND nonce = %s",
                link_token.link_id,
                link_token.link_nonce,
            )
        )
        return Destination(*rows[0]) if rows else None

    def unlink(self):
        """Delete links along with their files."""
        # sudo: ir.attachment - files of links have no record to check access on
        attachments = self.sudo().attachment_id
        result = super().unlink()
        attachments.unlink()
        return result

    def action_withdraw_file(self):
        """Delete the file. Recipients who follow the link see that it was withdrawn."""
        self.check_access("read")  # users who see the tracking may withdraw the file
        # sudo: trackable.link, ir.attachment - no group may change them
        links = self.sudo().filtered("attachment_id")
        attachments = links.attachment_id
        links.write({"attachment_id": False, "withdrawn_date": fields.Datetime.now()})
        attachments.unlink()
