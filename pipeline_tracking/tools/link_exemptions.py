"""Links that are never tracked: what they are told by.

A link that is left alone by mistake is a click less; one that is tracked by mistake
can stand in the way of someone's right. In doubt they are left alone.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

# Paths of Odoo's own pages: mass_mailing's, mail's and marketing_card's, and ours.
_OWN_PATHS = re.compile(
    r"/(?:view|unsubscribe_from_list|mail/unfollow|mailing/(?:.+/)?"
    r"(?:view|my|unsubscribe|confirm_unsubscribe|unsubscribe_oneclick)"
    r"|cards/[^/]+/(?:card\.jpg|preview|redirect)"
    r"|t/(?:stop/)?[A-Za-z0-9_-]+(?:\.gif)?)/?"
)

# In an address, in lowercase; no letter stands before or after.
_ADDRESS = re.compile(
    r"unsub(?:scribed?|scription|s)?|opt[-_]?out"
    # French, German, Spanish, Italian, Dutch, Portuguese
    r"|desabon[a-z]*|desinscri[a-z]*|abmeld[a-z]*|abbestell[a-z]*|darse-?de-?baja"
    r"|disiscri[a-z]*|afmeld[a-z]*|descadastr[a-z]*"
    r"|(?:view|read|open|see)[-_]?(?:(?:this|e-?mail|it)[-_]?)*(?:in|on)[-_]?"
    r"(?:(?:the|a|your|web)[-_]?)*browser|web[-_]?version"
)

# Anywhere in a label, in lowercase.
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
# The whole of a label, in lowercase. Only of the email itself: "View your invoice
# online" is a click to be seen.
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
# With a scheme or as www.…, or a host and a path.
_address = re.compile(
    r"(?:https?://|www\.)\S+|(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?::[0-9]+)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)


# In bytes. No browser or server of today takes a longer URL for granted.
MAX_URL_LENGTH = 8192


def is_exempt_url(url, own_urls):
    """Whether a destination is to be left alone: to unsubscribe, to view the email in
    a browser, or tracked already; also where it is longer than 8 kB.

    :param str url:
    :param tuple[str] own_urls: of this Odoo, without a slash at the end
    :rtype: bool
    """
    return _is_too_long(url) or _is_exempt_url(url, own_urls)


def _is_too_long(url):
    return (
        len(url) > MAX_URL_LENGTH
        or len(url.encode(errors="surrogatepass")) > MAX_URL_LENGTH
    )


@lru_cache(maxsize=1024)  # the copies of a mailing have their links in common
def _is_exempt_url(url, own_urls):
    for own in own_urls:
        if url.startswith(own):
            path = re.split(r"[?#]", url[len(own) :], maxsplit=1)[0]
            if _OWN_PATHS.fullmatch(path):
                return True
    return has_exempt_words(url)


def has_exempt_words(url):
    """Whether a URL reads as one to unsubscribe, or to view the email in a browser.

    :param str url: of any length
    :rtype: bool
    """
    url = url.lower()
    return any(
        not (
            url[found.start() - 1].isalpha()
            or url[found.end() : found.end() + 1].isalpha()
        )
        for found in _ADDRESS.finditer(url)
    )


def is_exempt_label(label):
    """Whether a link is to be left alone for what people see of it.

    :param str label: its text, or ""
    :rtype: bool
    """
    label = label.lower()
    return bool(_UNSUBSCRIBE_LABEL.search(label) or _VIEW_LABEL.fullmatch(label))


def is_address_label(label, url):
    """Whether what people see of a link is an address itself: some mail clients warn
    when it leads elsewhere.

    :param str label: what people see of it
    :param str url: its destination
    :rtype: bool
    """
    found = _address.fullmatch(label)
    if not found or not found["host"]:
        return bool(found)
    # "report.pdf" is no host; "acme.com" is where the link leads.
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host.lower().removeprefix("www.") == found["host"].lower()
