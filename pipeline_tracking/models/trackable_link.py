import logging
from collections import namedtuple
from email.message import EmailMessage
from itertools import islice

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..fields import UnenforcedMany2one
from ..tools import address, attached_email, link_labels, quoted_links

_logger = logging.getLogger(__name__)

# `url`: as it was written; of a file, its address in Odoo. `attachment_id`: of a file
# that was not withdrawn. `is_disabled`: whether it leads there at present.
Destination = namedtuple("Destination", "url label is_file attachment_id is_disabled")


def _get_link_key(
    *, url, mail_message_id=False, mailing_id=False, link_tracker_id=False, **_others
):
    """What makes a link the same: see the unique indexes."""
    return (mail_message_id, mailing_id, link_tracker_id or url)


def _get_shown(url):
    """The host and path of a URL, in SQL.

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


def _read_attachment(name, content):
    """An attachment's texts, where it is an email or a text; else None.

    :param content: as `mail.thread` parses it: text, bytes, an email or nothing
    :rtype: attached_email.AttachedEmail | attached_email.AttachedText | None
    """
    try:
        if isinstance(content, EmailMessage):
            return attached_email.AttachedEmail(content.as_bytes())
        if content and attached_email.is_email_name(name):
            if isinstance(content, str):
                content = content.encode("utf-8", "surrogateescape")
            return attached_email.AttachedEmail(content)
        if content and isinstance(content, str):
            # Odoo attaches texts of an attached email also by themselves.
            return attached_email.AttachedText(content)
    except Exception:  # whatever cannot be read is kept, as it came
        _logger.exception("The attached email %s is left as it is", name)
    return None


def _replace_texts(attachment, found, contents):
    """An attachment with other texts, the same where nothing differs.

    :param attachment: a named tuple, as `mail.thread` makes it
    :param found: what `_read_attachment` returned
    :param list[str] contents: of its texts
    """
    if contents == [text.content for text in found.texts]:
        return attachment
    try:
        content = found.replace(contents)
        if isinstance(attachment.content, str) and isinstance(content, bytes):
            content = content.decode("utf-8", "surrogateescape")
        return attachment._replace(content=content)
    except Exception:  # a mistake of ours: it is kept, as it came
        _logger.exception("The attached email %s is left as it is", attachment[0])
        return attachment


class TrackableLink(models.Model):
    """A destination in a tracked message, shared by all its copies.

    Fields that hold its state, and the methods that change them:

    ============== ======================== ==============================
    field          set by                   cleared by
    ============== ======================== ==============================
    attachment_id  `_attach_files`          `action_withdraw_file`
    withdrawn_date `action_withdraw_file`   never
    disabled_date  `action_disable`         `action_enable`
    ============== ======================== ==============================
    """

    _name = "trackable.link"
    _inherit = "trackable.mixin"
    _description = "Trackable Link"
    _rec_name = "label"
    # No foreign keys to users either: see UnenforcedMany2one.
    _log_access = False

    # The whole address is for the redirect alone: its query can hold access tokens.
    url = fields.Char(
        "Destination", required=True, readonly=True, groups=fields.NO_ACCESS
    )
    label = fields.Char(readonly=True)
    address = fields.Char(
        compute="_compute_address", compute_sudo=True, search="_search_address"
    )
    is_file = fields.Boolean("Is a File", readonly=True)
    # Whose statistics Odoo keeps of it, and whose destination it has.
    link_tracker_id = UnenforcedMany2one(
        "link.tracker", "Link Tracker", readonly=True, index="btree_not_null"
    )
    # A row of the link's own, whatever becomes of the message's. Withdrawing deletes
    # it, and nothing else may.
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
        help="People who follow the link see that it is no longer available. Nothing is"
        " recorded.",
    )
    kind = fields.Selection(
        [("link", "Link"), ("file", "File")], string="Type", compute="_compute_kind"
    )
    recipient_count = fields.Integer(
        "People",
        compute="_compute_statistics",
        help="Recipients who followed it, as far as that can be told.",
    )
    click_count = fields.Integer(
        "Times",
        compute="_compute_statistics",
        help="Clicks and downloads by recipients.",
    )
    raw_click_count = fields.Integer(
        "All Requests",
        compute="_compute_statistics",
        help="Whoever made them: machines and colleagues included.",
    )

    # An index row holds about 2,700 bytes, an address any number.
    _message_url_uniq = models.UniqueIndex("(mail_message_id, md5(url))")
    _mailing_url_uniq = models.UniqueIndex(
        "(mailing_id, md5(url))"
        " WHERE mailing_id IS NOT NULL AND link_tracker_id IS NULL"
    )
    # Two link trackers of a mailing can lead to the same address.
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
        """Search host and path, and never the query: it can hold access tokens."""
        if operator != "ilike":
            return NotImplemented
        pattern = f"%{escape_psql(value)}%"

        def to_sql(_model, alias, _query):
            url = SQL.identifier(alias, "url")
            is_file = SQL.identifier(alias, "is_file")
            return SQL(
                "(%s IS NOT TRUE AND %s ILIKE %s)", is_file, _get_shown(url), pattern
            )

        return fields.Domain.custom(to_sql=to_sql)

    @api.model
    def _ensure(self, vals_list):
        """The trackable links with these values: found, or made.

        :param list[dict] vals_list: each with ``mail_message_id`` or ``mailing_id``,
            and ``url``; that of a file also with its ``content``, from
            `ir.attachment._get_stored_content`
        :return: in the order of ``vals_list``
        :rtype: TrackableLink
        """
        found = {link._get_key(): link for link in self._find_like(vals_list)}
        keys = [_get_link_key(**vals) for vals in vals_list]
        values = dict(zip(keys, vals_list, strict=True))
        missing = [key for key in values if key not in found]
        contents = [values[key].pop("content", None) for key in missing]
        created = self.create([values[key] for key in missing])
        created._attach_files(contents)
        found |= zip(missing, created, strict=True)
        return self.browse(found[key].id for key in keys)

    def _find_like(self, vals_list):
        """Those of the same messages and mailings that could be the ones with these
        values. A mailing whose content differs with the recipient has very many.

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
             WHERE mailing_id = ANY(%(mailing_id)s) AND link_tracker_id IS NULL
               AND md5(url) IN (SELECT md5(wanted)
                                  FROM unnest(%(url)s::varchar[]) wanted)
            """,
            **{
                name: list({vals[name] for vals in vals_list if vals.get(name)})
                for name in names
            },
        )
        return self.browse(link_id for [link_id] in self.env.execute_query(query))

    def _get_key(self):
        self.ensure_one()
        return _get_link_key(
            url=self.url,
            mail_message_id=self.mail_message_id.id,
            mailing_id=self.mailing_id.id,
            link_tracker_id=self.link_tracker_id.id,
        )

    def _attach_files(self, contents):
        """Have a file of their own for those that lead to one.

        :param list[dict | None] contents: for each, as above, or None
        """
        files = {
            link: content
            for link, content in zip(self, contents, strict=True)
            if content
        }
        # Of no record: nobody reads them but through the link. Who may see what became
        # of an email may not read the record it was sent from.
        attachments = self.env["ir.attachment"]._create_with_stored_content(
            list(files.values())
        )
        for link, attachment in zip(files, attachments, strict=True):
            link.attachment_id = attachment

    @api.model
    def _find_destination(self, link_token):
        """Where a verified token leads.

        :param tracking_token.Token link_token:
        :return: None where the token's id is another link's now (a restored database),
            or nobody's
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
        """Their files go with them."""
        # sudo: ir.attachment - they are of no record
        attachments = self.sudo().attachment_id
        result = super().unlink()
        attachments.unlink()
        return result

    def action_withdraw_file(self):
        """End the file: whoever follows the link is told that it was withdrawn."""
        self.check_access("read")  # who may see what became of it may end it
        # sudo: trackable.link, ir.attachment - nobody has the right to change them
        links = self.sudo().filtered("attachment_id")
        attachments = links.attachment_id
        links.write({"attachment_id": False, "withdrawn_date": fields.Datetime.now()})
        attachments.unlink()

    @api.model
    def _restore_html(self, html):
        """HTML as it was before we tracked it: without our images, and with the
        original links, however mail clients wrapped them.

        Nothing of ours is no reason to lose an email: what goes wrong is logged.

        :param str html: `Markup` or not, or nothing; the result is the same
        :return: as it was where nothing in it is ours
        """
        [restored] = self._restore_texts([attached_email.Text(html, True, None)])
        return restored

    @api.model
    def _restore_texts(self, texts):
        """Several texts as they were before we tracked them: see `_restore_html`. Where
        their links lead is looked up once.

        :param list[attached_email.Text] texts:
        :return: the content of each, the same where nothing in it is ours
        :rtype: list[str]
        """
        contents = [text.content for text in texts]
        suspects = [
            number
            for number, text in enumerate(texts)
            if text.content
            and quoted_links.may_hold_tracked_url(text.content, text.folding)
        ]
        if not suspects:
            return contents
        try:
            # A savepoint, so that the transaction outlives an error of ours.
            with self.env.cr.savepoint(flush=False):
                restored = self._restore_suspects([texts[i] for i in suspects])
        except Exception:  # a mistake of ours: the text is kept, as it came
            _logger.exception("Tracked links in a text are left as they are")
            return contents
        for number, content in zip(suspects, restored, strict=True):
            contents[number] = content
        return contents

    @api.model
    def _restore_suspects(self, texts):
        keys = self.env["trackable.key"]._get_keys()
        quotations = [
            quoted_links.QuotedText(
                str(text.content), keys, is_html=text.is_html, folding=text.folding
            )
            for text in texts
        ]
        urls = self._find_urls(
            [found for quotation in quotations for found in quotation.link_tokens]
        )
        return [
            type(text.content)(quotation.restore(urls)) if quotation else text.content
            for text, quotation in zip(texts, quotations, strict=True)
        ]

    @api.model
    def _restore_attachments(self, attachments):
        """Attachments of an email that arrives. Emails and texts among them are
        restored as the email itself is.

        :param list attachments: named tuples of name, content and more, as
            `mail.thread` parses them
        :return: the same, but for the content of those in which something was ours
        :rtype: list
        """
        found_texts = [_read_attachment(*attachment[:2]) for attachment in attachments]
        contents = iter(
            self._restore_texts(
                [text for found in found_texts if found for text in found.texts]
            )
        )
        return [
            _replace_texts(attachment, found, list(islice(contents, len(found.texts))))
            if found
            else attachment
            for attachment, found in zip(attachments, found_texts, strict=True)
        ]

    @api.model
    def _find_urls(self, link_tokens):
        """Return the destinations of verified tokens, without checking access: whoever
        has a token can follow the link. The destination of a file is its address in
        Odoo, open to who has the URL, as long as the file is neither withdrawn nor
        disabled.

        :param list[tracking_token.Token] link_tokens:
        :return: id and nonce of a trackable link -> its URL
        :rtype: dict[tuple[int, int], str]
        """
        ids = {link_token.link_id for link_token in link_tokens}
        if not ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT link.id, link.nonce, link.url, file.id, file.access_token
                  FROM trackable_link link
                  LEFT JOIN ir_attachment file
                         ON file.id = link.attachment_id AND link.disabled_date IS NULL
                 WHERE link.id = ANY(%s)
                """,
                list(ids),
            )
        )
        own_url = self.get_base_url().rstrip("/")
        return {
            (link_id, nonce): address.build_file_url(own_url, file_id, access_token)
            if access_token
            else url
            for link_id, nonce, url, file_id, access_token in rows
        }
