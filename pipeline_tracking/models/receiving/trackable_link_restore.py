import logging
from email.message import EmailMessage
from itertools import islice

from odoo import api, models
from odoo.tools import SQL

from ...tools import address, attached_email, quoted_links

_logger = logging.getLogger(__name__)


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
    """Restore texts that hold tracked URLs (extends trackable.link)."""

    _inherit = "trackable.link"

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
            if text.content and quoted_links.may_hold_ours(text.content, text.fold)
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
            quoted_links.Quotation(
                str(text.content), keys, is_html=text.is_html, fold=text.fold
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
            (link_id, nonce): address.file_url(own_url, file_id, access_token)
            if access_token
            else url
            for link_id, nonce, url, file_id, access_token in rows
        }
