"""Clean texts of tracked URLs: restore the original links, and remove the images
(extends trackable.link).

Called for incoming emails by `receiving/mail_thread`, and for pasted texts by
`sending`.
"""

import logging
from email.message import EmailMessage
from itertools import islice

from odoo import api, models
from odoo.tools import SQL

from ...tools import address, attached_email, returned_urls

_logger = logging.getLogger(__name__)


def _read_texts(name, content):
    """Read the texts of an attachment that is an email or a text.

    :param str name: of the attachment
    :param content: as `mail.thread` parses it: text, bytes, an email or nothing
    :return: None for any other attachment
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
    except Exception:  # an attachment that cannot be read stays as it came
        _logger.exception("The attached email %s is left as it is", name)
    return None


def _replace_texts(attachment, attached, contents):
    """Return an attachment with other texts, or itself where the texts are the same.

    :param attachment: a named tuple, as `mail.thread` parses it
    :param attached: its texts, from `_read_texts`
    :param list[str] contents: what each text becomes
    """
    if contents == [text.content for text in attached.texts]:
        return attachment
    try:
        content = attached.replace(contents)
        if isinstance(attachment.content, str) and isinstance(content, bytes):
            content = content.decode("utf-8", "surrogateescape")
        return attachment._replace(content=content)
    except Exception:  # our error: the attachment stays as it came
        _logger.exception("The attached email %s is left as it is", attachment[0])
        return attachment


class TrackableLink(models.Model):
    _inherit = "trackable.link"

    @api.model
    def _restore_html(self, html):
        """Restore HTML as it was before we tracked it: without our images, and with the
        original links, however mail clients wrapped them.

        Errors are logged, not raised: no email may be lost because of tracking.

        :param str html: `Markup` or not, or nothing
        :return: of the same type; the same object where nothing in it is ours
        """
        [restored] = self._restore_texts([attached_email.Text(html, True, None)])
        return restored

    @api.model
    def _restore_texts(self, texts):
        """Restore several texts: see `_restore_html`. The destinations of all their
        links are looked up with one query.

        :param list[attached_email.Text] texts:
        :return: the content of each, the same object where nothing in it is ours
        :rtype: list[str]
        """
        contents = [text.content for text in texts]
        suspected_positions = [
            position
            for position, text in enumerate(texts)
            if text.content
            and returned_urls.may_hold_tracked_url(text.content, text.folding)
        ]
        if not suspected_positions:
            return contents
        try:
            # A savepoint, so that the transaction outlives an error of ours.
            with self.env.cr.savepoint(flush=False):
                restored_contents = self._restore_suspected_texts(
                    [texts[position] for position in suspected_positions]
                )
        except Exception:  # our error: the texts stay as they came
            _logger.exception("Tracked links in a text are left as they are")
            return contents
        for position, content in zip(
            suspected_positions, restored_contents, strict=True
        ):
            contents[position] = content
        return contents

    @api.model
    def _restore_suspected_texts(self, texts):
        """Restore texts that may hold tracked URLs.

        :param list[attached_email.Text] texts:
        :return: the content of each
        :rtype: list[str]
        """
        keys = self.env["trackable.key"]._get_keys()
        quoted_texts = [
            returned_urls.QuotedText(
                str(text.content), keys, is_html=text.is_html, folding=text.folding
            )
            for text in texts
        ]
        urls = self._find_urls_by_tokens(
            [
                link_token
                for quoted_text in quoted_texts
                for link_token in quoted_text.link_tokens
            ]
        )
        return [
            type(text.content)(quoted_text.restore(urls))
            if quoted_text
            else text.content
            for text, quoted_text in zip(texts, quoted_texts, strict=True)
        ]

    @api.model
    def _restore_attachments(self, attachments):
        """Restore the emails and texts among the attachments of an incoming email.

        :param list attachments: named tuples of name, content and more, as
            `mail.thread` parses them
        :return: the attachments; where something in one was ours, with other content
        :rtype: list
        """
        attached_texts = [_read_texts(*attachment[:2]) for attachment in attachments]
        contents = iter(
            self._restore_texts(
                [
                    text
                    for attached in attached_texts
                    if attached
                    for text in attached.texts
                ]
            )
        )
        return [
            _replace_texts(
                attachment, attached, list(islice(contents, len(attached.texts)))
            )
            if attached
            else attachment
            for attachment, attached in zip(attachments, attached_texts, strict=True)
        ]

    @api.model
    def _find_urls_by_tokens(self, link_tokens):
        """Find the destinations of verified tokens, without checking access: anybody
        who has a token can follow the link. A file that is neither withdrawn nor
        disabled has its address in Odoo, with an access token, as destination.

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
        base_url = self.get_base_url().rstrip("/")
        return {
            (link_id, nonce): address.build_file_url(base_url, file_id, access_token)
            if access_token
            else url
            for link_id, nonce, url, file_id, access_token in rows
        }
