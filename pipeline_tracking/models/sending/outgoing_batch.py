"""What is known of emails while they are sent, handed on in the context."""

from ...tools import rewrite


class TrackableCopy:
    """What one copy needs to be tracked, as plain values: the rows behind them were
    committed on another cursor, and this transaction may not see them.

    :param int email_id: of the trackable email
    :param bool is_first: it was not handed over before
    :param str image_url: of its image
    :param dict[str, str] targets: destination -> tracked URL
    :param bool has_additions: something is in it that only a tracked copy has
    :param rewrite.Document document: its HTML, as far as it is known
    """

    def __init__(self, email_id, is_first, image_url, targets, has_additions, document):
        self.email_id = email_id
        self.is_first = is_first
        self._image_url = image_url
        self._targets = targets
        self.has_additions = has_additions
        self._document = document
        self._tail = ""  # what comes after the image

    def rewrite_links(self, html):
        """
        :raise ValueError: where a recipient would have a link that he cannot follow
        """
        if html != self._document.html:
            self._document = rewrite.Document(html, self._document.policy)
        head, self._tail = self._document.split(self._targets)
        rewritten = head + self._tail
        if any(url in rewritten for url in self._document.policy.placeholders):
            raise ValueError("a link to a file leads nowhere")
        return rewritten

    def add_image(self, html):
        """
        :param str html: what `rewrite_links` returned, whatever became of it since
        """
        image = rewrite.render_image(self._image_url)
        if not html.endswith(self._tail):
            return rewrite.Document(html).rewrite({}, addition=image)
        # Reading it again takes as long as all the rest.
        end = len(html) - len(self._tail)
        return f"{html[:end]}{image}{html[end:]}"


class TrackableBodies:
    """The bodies of a batch's tracked copies, with files as links, each prepared once.

    An object, as `TrackableBatch`.

    :ivar dict[int, str] prepared: by the mail's id
    """

    def __init__(self):
        self.prepared = {}


class TrackableBatch:
    """What `_send` knows of its batch's copies; a copy's key is (mail id, partner id or
    False).

    An object, because identity tells it from another batch's: Odoo reuses an
    environment with an equal context.

    :param dict[tuple, TrackableCopy] copies: tracked ones, by key
    :param TrackableBodies bodies: of these
    :ivar dict[int, str | None] anonymous_images: by the mail's id, for copies of
        mailings that identify no recipient: the URL of their image, if they have one
    :ivar dict[str, str | None] destinations: of short links in these, each looked up
        once
    :ivar set[tuple] handed_over: keys of copies that the mail server took
    """

    def __init__(self, copies, bodies):
        self._copies = copies
        self._mail_ids = {mail_id for mail_id, _partner_id in copies}
        self.bodies = bodies
        self.anonymous_images = {}
        self.destinations = {}
        self.handed_over = set()

    def get(self, mail, partner):
        key = (mail.id, partner.id if partner else False)
        return self._copies.get(key) if self._is_tracked(key) else None

    def has_copy_of(self, mail):
        return mail.id in self._mail_ids

    def send_untracked(self, mail):
        """Send the copies of this mail untracked."""
        self._mail_ids.discard(mail.id)

    def get_not_sent(self):
        """Ids of trackable emails whose copies were not handed over, now or before.

        :rtype: list[int]
        """
        return [
            copy.email_id
            for key, copy in self._copies.items()
            if copy.is_first
            and (key not in self.handed_over or not self._is_tracked(key))
        ]

    def _is_tracked(self, key):
        mail_id, _partner_id = key
        return mail_id in self._mail_ids
