"""Recognize links that must never be tracked, by their URL and text.

If in doubt, a link is exempt. Exempting a link by mistake loses a click; tracking an
unsubscribe link by mistake can keep recipients from using their rights.

`rewrite` leaves further links untracked because of their position: links in quoted
emails, in the layout, and in tags marked as untracked.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

# Paths of pages of mass_mailing, mail, marketing_card and this addon.
_OWN_PATHS = re.compile(
    r"/(?:view|unsubscribe_from_list|mail/unfollow|mailing/(?:.+/)?"
    r"(?:view|my|unsubscribe|confirm_unsubscribe|unsubscribe_oneclick)"
    r"|cards/[^/]+/(?:card\.jpg|preview|redirect)"
    r"|t/(?:stop/)?[A-Za-z0-9_-]+(?:\.gif)?)/?"
)

# Words anywhere in a lowercase URL, with no letter before or after.
_URL_WORDS = re.compile(
    r"unsub(?:scribed?|scription|s)?|opt[-_]?out"
    # French, German, Spanish, Italian, Dutch, Portuguese
    r"|desabon[a-z]*|desinscri[a-z]*|abmeld[a-z]*|abbestell[a-z]*|darse-?de-?baja"
    r"|disiscri[a-z]*|afmeld[a-z]*|descadastr[a-z]*"
    r"|(?:view|read|open|see)[-_]?(?:(?:this|e-?mail|it)[-_]?)*(?:in|on)[-_]?"
    r"(?:(?:the|a|your|web)[-_]?)*browser|web[-_]?version"
)

# Words anywhere in a lowercase label.
_UNSUBSCRIBE_LABEL = re.compile(
    r"\b(?:un-?subscri(?:be|bing|ption)\b|opt(?:ing)?[- ]?out\b"
    # French
    r"|dés(?:abonn|inscri)\w"
    # German
    r"|abmeld(?:en|ung)\b|abbestell\w|austragen\b"
    # Spanish, Italian, Dutch, Portuguese
    r"|dar[sm]e de baja\b|cancelar (?:la |mi )?suscripción\b"
    r"|disiscri\w|annulla(?:re)? (?:l['’])?iscrizione\b"
    r"|(?:afmelden|uitschrijven)\b"
    r"|descadastr\w|cancelar (?:a |minha )?(?:subscrição|inscrição|assinatura)\b)"
)
# A whole lowercase label. The label must be about the email: "View your invoice
# online" is tracked.
_VIEW_LABEL = re.compile(
    r"\W*(?:(?:click )?(?:here )?(?:to )?(?:view|read|open|see)(?: it| this| the)?"
    r"(?: e-?mail| message| newsletter| version)?"
    r"(?: (?:in|on|with)(?: a| the| your)?(?: web)? ?(?:browser|web)| online)"
    r"|(?:online|web|browser)[- ]?version|in (?:your |the |a )?(?:web ?)?browser"
    # French
    r"|(?:voir|lire|afficher|ouvrir|consulter)"
    r"(?: (?:ce|cet|cette|le|la|l['’])?[ ]?(?:e-?mail|courriel|message|newsletter"
    r"|lettre|version))?"
    r"(?: (?:dans|sur) (?:le|un|votre|mon) navigateur(?: web)?| en ligne)"
    r"|version (?:en ligne|web)"
    # German
    r"|(?:(?:diese |die |den |als )?(?:e-?mail|nachricht|newsletter) )?"
    r"im (?:web)?browser (?:ansehen|anzeigen|öffnen|lesen|anschauen|betrachten)"
    r"|online-?(?:version|ansicht)|web-?ansicht"
    # Spanish
    r"|ver(?: (?:este|el|esta|la)?[ ]?(?:e-?mail|correo|mensaje|boletín|versión))?"
    r"(?: en (?:el|su|tu) navegador| en línea)|versión (?:en línea|web)"
    # Italian
    r"|(?:visualizza|vedi|leggi|apri)"
    r"(?: (?:questa|la|il|questo)?[ ]?(?:e-?mail|messaggio|newsletter|versione))?"
    r"(?: nel (?:tuo )?browser| online)|versione (?:web|online)"
    # Dutch
    r"|(?:bekijk|lees|open)"
    r"(?: (?:deze|de|dit)?[ ]?(?:e-?mail|bericht|nieuwsbrief|versie))?"
    r"(?: in (?:je|uw|de) browser| online)|(?:web|online)-?versie"
    # Portuguese
    r"|(?:ver|abrir)(?: (?:este|o|esta|a)?[ ]?(?:e-?mail|mensagem|newsletter|versão))?"
    r"(?: no (?:seu )?navegador| online)|versão (?:online|web))\W*"
)
# A URL with a scheme, "www.…", or a host with an optional path.
_address = re.compile(
    r"(?:https?://|www\.)\S+|(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?::[0-9]+)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)


MAX_URL_LENGTH = 8192  # bytes; some browsers and servers refuse longer URLs


def is_exempt_url(url, own_urls):
    """Return whether a destination is never tracked. Exempt URLs unsubscribe, show the
    email in a browser, are already tracked URLs, or are longer than 8 kB.

    :param str url:
    :param tuple[str] own_urls: base URLs of this Odoo, without a slash at the end
    :rtype: bool
    """
    return _is_too_long(url) or _is_exempt_url(url, own_urls)


def _is_too_long(url):
    return (
        len(url) > MAX_URL_LENGTH
        or len(url.encode(errors="surrogatepass")) > MAX_URL_LENGTH
    )


@lru_cache(maxsize=1024)  # the copies of a mailing share links
def _is_exempt_url(url, own_urls):
    for own_url in own_urls:
        if url.startswith(own_url):
            path = re.split(r"[?#]", url[len(own_url) :], maxsplit=1)[0]
            if _OWN_PATHS.fullmatch(path):
                return True
    return has_exempt_words(url)


def has_exempt_words(url):
    """Return whether words in a URL show that it unsubscribes, or opens the email in a
    browser.

    :param str url: a URL of any length
    :rtype: bool
    """
    url = url.lower()
    return any(
        not (
            url[match.start() - 1].isalpha()
            or url[match.end() : match.end() + 1].isalpha()
        )
        for match in _URL_WORDS.finditer(url)
    )


def is_exempt_label(label):
    """Return whether the label of a link says that the link unsubscribes, or opens the
    email in a browser.

    :param str label: the visible text of the link, or ""
    :rtype: bool
    """
    label = label.lower()
    return bool(_UNSUBSCRIBE_LABEL.search(label) or _VIEW_LABEL.fullmatch(label))


def is_address_label(label, url):
    """Return whether the label of a link is a web address. Some email clients warn if
    such a link has another destination.

    :param str label: the visible text of the link
    :param str url: the destination of the link
    :rtype: bool
    """
    address = _address.fullmatch(label)
    if not address or not address["host"]:
        return bool(address)
    # "report.pdf" looks like a host, too: require that the link leads to this host.
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host.lower().removeprefix("www.") == address["host"].lower()
