"""Hold the tracked copies and bodies of a batch of mails.

- A *mail* is a `mail.mail`, an email in Odoo's outgoing queue.
- A *copy* is what Odoo sends for a mail to one partner, or to the plain addresses.
- A *plain address* is an address in To or Cc of a recipient without a partner.
- A *placeholder* is a URL that this addon puts into the body, for a file or for the
  objection link. Each tracked copy replaces placeholders by its tracked URLs.
- A *document* is a parsed body (`rewrite.Document`).

These objects travel in the context, because Odoo's methods have no parameter for them.
"""

from ...tools import rewrite


class TrackableCopy:
    """Rewrite the HTML of one tracked copy.

    The object holds plain values instead of records: the records were committed on
    another cursor, and this transaction may not see them.

    :param int email_id: id of the trackable email
    :param bool is_first: whether no earlier attempt sent the copy
    :param str image_url: URL of the image
    :param dict[str, str] targets: URL in the HTML -> tracked URL. The URLs in the HTML
        are destinations and placeholders.
    :param bool has_added_links: whether this addon has added file links or an objection
        link. Untracked copies have neither.
    :param rewrite.Document document: the HTML before Odoo personalizes it
    :param str | None decoy_url: tracked URL of the decoy link, if the copy has one
    """

    def __init__(
        self,
        email_id,
        is_first,
        image_url,
        targets,
        has_added_links,
        document,
        decoy_url=None,
    ):
        self.email_id = email_id
        self.is_first = is_first
        self._image_url = image_url
        self._decoy_url = decoy_url
        self._targets = targets
        self.has_added_links = has_added_links
        self._document = document
        self._tail = ""  # the HTML after the image

    def rewrite_links(self, html):
        """Replace destinations and placeholders in the HTML by tracked URLs.

        :param str html:
        :rtype: str
        :raise ValueError: a placeholder was not replaced: it would be a dead link
        """
        if html != self._document.html:
            self._document = rewrite.Document(html, self._document.policy)
        head, self._tail = self._document.split(self._targets)
        rewritten = head + self._tail
        if any(url in rewritten for url in self._document.policy.placeholders):
            raise ValueError("a placeholder was not replaced by a tracked URL")
        return rewritten

    def add_image(self, html):
        """Add the image, and the decoy link if the copy has one, to the HTML.

        :param str html: from `rewrite_links`; Odoo or other modules may have changed it
        :rtype: str
        """
        addition = rewrite.render_image(self._image_url)
        if self._decoy_url:
            addition += rewrite.render_decoy(self._decoy_url)
        if not html.endswith(self._tail):
            return rewrite.Document(html).rewrite({}, addition=addition)
        # Parsing again would double the time that a copy takes.
        end = len(html) - len(self._tail)
        return f"{html[:end]}{addition}{html[end:]}"


class TrackableBodies:
    """Cache the prepared bodies of a batch, with files as links.

    This is a class, and not a dict, because Odoo reuses an environment with an equal
    context: two batches must never share prepared bodies.

    :ivar dict[int, str] prepared: mail id -> body
    """

    def __init__(self):
        self.prepared = {}


class TrackableBatch:
    """Hold the tracked copies of the batch that `_send` sends. The key of a copy is
    (mail id, partner id or False).

    This is a class, and not a dict, because Odoo reuses an environment with an equal
    context: two batches must never compare equal.

    :param dict[tuple, TrackableCopy] copies: tracked copies, by key
    :param TrackableBodies bodies: bodies of these copies
    :ivar dict[int, str | None] anonymous_images: mail id -> URL of the image or None,
        for copies of mailings that identify no recipient
    :ivar dict[str, str | None] destinations: short link in these copies -> destination;
        looked up once for the batch
    :ivar set[tuple] handed_over: keys of copies that the mail server accepted
    """

    def __init__(self, copies, bodies):
        self._copies = copies
        self._mail_ids = {mail_id for mail_id, _partner_id in copies}
        self.bodies = bodies
        self.anonymous_images = {}
        self.destinations = {}
        self.handed_over = set()

    def get(self, mail, partner):
        """Return the tracked copy of this mail for this partner, or None.

        :rtype: TrackableCopy | None
        """
        key = (mail.id, partner.id if partner else False)
        return self._copies.get(key) if self._is_tracked(key) else None

    def has_copy_of(self, mail):
        return mail.id in self._mail_ids

    def mark_untracked(self, mail):
        """Stop treating the copies of this mail as tracked. The caller sends them
        untracked.
        """
        self._mail_ids.discard(mail.id)

    def get_not_sent_as_tracked(self):
        """Return the ids of trackable emails whose copies never left tracked: the mail
        server has not accepted the copy, or the copy was sent untracked.

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
