"""Clean tracked URLs from texts: restore the original links, and remove the images
(extends trackable.link).

`receiving/mail_thread` cleans incoming emails, and `sending` cleans pasted texts.
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

    :param str name: the attachment's name
    :param content: as `mail.thread` parses it: text, bytes, an email or nothing
    :return: the email or text, or None for any other attachment
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
            # Odoo attaches an attached email's text parts as separate attachments too.
            return attached_email.AttachedText(content)
    except Exception:  # an attachment that cannot be read stays unchanged
        _logger.exception("The attached email %s is left as it is", name)
    return None


def _replace_texts(attachment, attached, contents):
    """Replace the texts of an attachment. Return the same attachment if no text
    changes.

    :param attachment: a named tuple, as `mail.thread` parses it
    :param attached: the attachment's texts, from `_read_texts`
    :param list[str] contents: the new content of each text
    """
    if contents == [text.content for text in attached.texts]:
        return attachment
    try:
        content = attached.replace(contents)
        if isinstance(attachment.content, str) and isinstance(content, bytes):
            content = content.decode("utf-8", "surrogateescape")
        return attachment._replace(content=content)
    except Exception:  # our error: keep the attachment as it came
        _logger.exception("The attached email %s is left as it is", attachment[0])
        return attachment


class TrackableLink(models.Model):
    _inherit = "trackable.link"

    @api.model
    def _restore_html(self, html):
        """Restore HTML to its state before tracking: remove our images and decoy links,
        and restore the original links, even if mail clients have wrapped them.

        Errors are logged, not raised: no email may be lost because of tracking.

        :param str html: `Markup`, a plain string or nothing
        :return: HTML of the same type; the same object if it contains no tracked URL
        """
        [restored] = self._restore_texts([attached_email.Text(html, True, None)])
        return restored

    @api.model
    def _restore_texts(self, texts):
        """Restore several texts: see `_restore_html`. One query looks up the
        destinations of all their links.

        :param list[attached_email.Text] texts:
        :return: the content of each text; the same object if a text contains no tracked
            URL
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
            # A savepoint, so that our error does not end the transaction.
            with self.env.cr.savepoint(flush=False):
                restored_contents = self._restore_suspected_texts(
                    [texts[position] for position in suspected_positions]
                )
        except Exception:  # our error: keep the texts as they came
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
        :return: the content of each text
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
        :return: the attachments; an attachment with tracked URLs gets new content
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
        """Find the destinations of verified tokens. Access is not checked: anybody who
        has a token can follow the link.

        The destination of a file is its URL in Odoo, with an access token. If the file
        was withdrawn or its link is disabled, the destination is the stored URL of the
        link, without an access token. A decoy link has no destination to restore.

        :param list[tracking_token.Token] link_tokens:
        :return: id and nonce of a trackable link -> URL; None for a decoy link
        :rtype: dict[tuple[int, int], str | None]
        """
        ids = {link_token.link_id for link_token in link_tokens}
        if not ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT link.id, link.nonce,
                       CASE WHEN link.is_decoy THEN NULL ELSE link.url END,
                       file.id, file.access_token
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
