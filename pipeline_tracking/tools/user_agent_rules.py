"""Classify a request by its user agent alone.

A rule is a row: actor, reason, kinds of action, condition and source. The first
matching row decides. The order matters: image proxies, mail clients and browsers of
people come before the list of crawlers, which is made for websites and contains some
of them. The rows after the list of crawlers recognize programs by how they name
themselves, not by their names, so that they also recognize new programs.

RE2 searches the patterns in linear time, because clients choose the text.
"""

from collections import namedtuple
from functools import lru_cache

import re2

from . import crawlers, mail_clients
from .actors import (
    ANY,
    LINKS,
    MACHINE,
    OPENS,
    RECIPIENT,
    UNKNOWN,
    Classification,
)

# `fits`: a function of the user agent.
Rule = namedtuple("Rule", "actor reason kinds fits source")


def _compile(*patterns, case_sensitive=True):
    """Compile alternative patterns so that a search takes linear time.

    :param patterns: regular expressions in RE2's syntax
    :param bool case_sensitive: whether capital letters differ from small letters
    :return: a compiled pattern
    """
    options = re2.Options()
    options.case_sensitive = case_sensitive
    options.never_capture = True
    return re2.compile("|".join(patterns), options)


def _is(text):
    """Build a condition: the user agent is exactly this text."""
    return lambda user_agent: user_agent == text


def _matches(*patterns):
    """Build a condition: the user agent matches one of these patterns."""
    search = _compile(*patterns).search
    return lambda user_agent: bool(search(user_agent))


# ------------------------------------------------------------
# Parts of user agents
# ------------------------------------------------------------

# The model of an Android device, which manufacturers choose ("Spider 8", "VR BOT 552").
# It follows the version, and sometimes a language.
_MODEL = re2.compile(
    r"(Android[ /][^;()]*; *(?:[a-z][a-z][-_][A-Za-z][A-Za-z]; *)?)[^;()]*"
)


@lru_cache(maxsize=16)  # several rules ask for the same user agent
def _without_model(user_agent):
    """Remove the model of an Android device, so that it does not match a pattern."""
    if "Android" not in user_agent:
        return user_agent
    return _MODEL.sub(r"\1", user_agent, count=1)


_names_address = _compile(
    r"https?://",
    r"\bwww\.",
    r"\bmailto:",
    r"[a-z0-9]@[a-z0-9-]+\.[a-z]",
    r"[\[(]at[\])]",
    case_sensitive=False,
).search
# An address without "https://": after a plus sign, as the only text in brackets, or at
# the end. Browsers write their names with capital letters ("WEB.DE").
_names_bare_address = _compile(
    r"\+[a-z0-9-]+\.[a-z]",
    r"\((?:[a-z0-9-]+\.)+[a-z]+(?:/[^ ;()]*)?\)",
    r"[ ;](?:[A-Za-z0-9-]+\.)+(?:ai|app|com|dev|eu|info|io|net|org)(?:/[^ ;()]*)?\)?$",
).search
# Browsers with a toolbar or a component that contains its maker's address.
_names_component = _compile(
    r"\bEmbedded ?W(?:eb Browser|B)\b|\bavantbrowser\.com\b"
).search


def _names_its_operator(user_agent):
    return bool(
        _names_address(user_agent) or _names_bare_address(user_agent)
    ) and not _names_component(user_agent)


# "compatible; " comes before the name of the program. Old browsers and mail clients
# write it, too, with their name or their system in the same brackets.
_COMPATIBLE_BROWSERS = _compile(
    r"\bcompatible ?[;,][^()]*\b(?:amiga|ibrowse|linux|mac|macintosh|msi[de]|os/2"
    r"|palmos|risc os|series|symbian|syllable|win32|windows|winnt|x11)",
    r"\bcompatible ?[;,] *(?:antfresco|avantgo|blackberry|elaine|embedix|gecko|icab"
    r"|infinet|konqueror|lotus|maple|ms frontpage|ms-office|msn|netfront|netpositive"
    r"|netscape|nintendo|nokia|omniweb|opera|playstation|polaris|u;|webkit|webtv)",
    case_sensitive=False,
).search
_COMPATIBLE = _compile(
    r"\bcompatible ?[;,] *[A-Za-z]",
    # "(KHTML, like Gecko; compatible; Name/1.0)"
    r"KHTML, like Gecko[;,] *(?:[A-RT-Z]|[a-fh-z]|S[b-z])",
).search


def _names_a_program(user_agent):
    return bool(_COMPATIBLE(user_agent)) and not _COMPATIBLE_BROWSERS(user_agent)


# Words of which one is in the user agent of every browser, phone, television and mail
# program: a system, an engine, a browser, a device, or mail.
_PEOPLES_WORDS = _compile(
    # systems
    r"windows|win(?:16|32|64|9[58]|nt)|mac ?os|mac_p|macintosh|os x\b|darwin|linux|x11",
    r"android|iphone|ipad|ipod|ios\b|watch ?os|watch\d|tvos|\bcros\b|bsd\b|sunos",
    r"solaris|os/2|beos|haiku|amiga|risc os|openvms|symb|series ?[3-9]0|\bs60|\bbada",
    r"tizen|web0s|webos|\bpalm|kaios|harmony|meego|maemo|\bbrew\b|inferno|cfnetwork|qnx",
    # engines and browsers
    r"webkit|gecko/|khtml|presto|trident|msie|opera|firefox|chrome|safari|lynx|links\b",
    r"w3m|dillo|netsurf|ucweb|ucbrowser|netfront|obigo|teleca|polaris|openwave",
    r"up\.(?:browser|link)|browser|mosaic|amaya|explorer|fresco|hotjava|avantgo",
    r"netscape|emacs|retawq|edbrowse|\bicab|omniweb|netpositive|oregano|ibrowse|voyager",
    r"\baweb|arachne|contiki|\bsurf/|uzbl|galeon|epiphany|konqueror|meleon|camino|icecat",
    r"iceweasel|seamonkey|sylera|cyberdog|chimera|charon|webtv|maxthon|falkon|vivaldi",
    r"\bbrave|\bedge?/|duckduckgo|sleipnir|lunascape|\bfban/|dalvik|cronet",
    # devices
    r"midp|cldc|\bwap|mmp/|j2me|maui|nokia|samsung|ericsson|motorola|\bmot-|\blg[-/e]",
    r"\bsie-|alcatel|\bzte|huawei|\bsec-|sharp|sagem|philips|panasonic|kddi|docomo",
    r"softbank|vodafone|portalmmm|\blava|micromax|karbonn|\bspice|\bintex|phone|mobile",
    r"blackberry|bb10|nintendo|playstation|xbox|dreamcast|hbbtv|\btv\b|smart-?tv|\bdtv",
    r"roku|viera|vizio|bravia|netcast|amazon;aft|amazon aft|gfhd",
    # mail and Office
    r"mail|outlook|office|thunderbird|postbox|\binbox|notes\b|groupware|calendar",
    r"exchange|eudora|\bbarca|\bmutt\b|\bclaws|sylpheed|kontact|evolution/|geary|balsa",
    r"zimbra|roundcube|superhuman|shortwave|mimestream|\bspark[/ ]|\bcanary|missive",
    r"\bnine[/ -]|\bmissive|proton|tutanota|\btuta|\bnewton[/ ]|the bat!",
    r"microsoft (?:word|excel|powerpoint|onenote|teams)|\bword/|\bexcel/|powerpoint",
    r"libreoffice|acrobat|adobe ?reader",
    case_sensitive=False,
).search
# Browsers that hide their name and system, and those behind a firewall that does it.
_ANONYMOUS_BROWSER = _compile(r"^Mozilla(?:/[\d.]+)?\s*(?:\([^()]*\))?[.;]*$").search


def _is_a_tool(user_agent):
    return not (
        not user_agent or _PEOPLES_WORDS(user_agent) or _ANONYMOUS_BROWSER(user_agent)
    )


# Words that programs have in their names, as parts of words ("LinkPreviewer").
_TASKS = _compile(
    r"archiv|assess|audit|automat|check|collect|crawl|detect|domain|expand|extract",
    r"external(?:hit|agent|fetch|ads)|fetch|harvest|import|index(?:er|ing)|inspect",
    r"lookup|metadata|monitor|open ?graph|parser|preview|prob(?:e|ing)\b|processor",
    r"reader/|research|rss|sampl(?:er|ing)\b|scan|scrap|screenshot|survey|synthetic|unfurl|uptime|url",
    r"validat|verif|web ?hook|[a-z]agent(?:/[\d.]+)?\)?$",
    case_sensitive=False,
).search
_AUTOMATION = _compile(
    r"headless|playwright|puppeteer|selenium|web ?driver|phantomjs|slimerjs|cypress/",
    r"testcafe|nightwatch|htmlunit|jsdom|\bsplash\b|browserless|browserbase|browser-use",
    r"agentcore|lighthouse|ghost inspector|browserstack|saucelabs|testing ?bot",
    case_sensitive=False,
).search
_SECURITY = _compile(
    r"abuse|antivirus scan|barracuda|censys|exploit|forcepoint|malware|mimecast",
    r"netcraft|paloalto|pentest|phish|proofpoint|recon\b|safe ?browsing|sandbox|shodan",
    r"(?:cyber|security) ?-?(?:audit|check|research|scan|test)|sucuri|threat",
    r"trendmicro|urlscan|virustotal|vulnerab|zgrab|\$\{jndi:",
    case_sensitive=False,
).search
_ASSISTANTS = _compile(
    # The convention of AI assistants that load a page when a person asks for it:
    # ChatGPT-User, Claude-User, Perplexity-User, MistralAI-User.
    r"[a-z](?:-user|user|-web|_user)/\d",
    r"\b[a-z]+-user\b",
    r"\b(?:devin|manus|novaact|nova-act)\b",
    r"gemini-|notebooklm|openai|anthropic|langchain|llama-?index|firecrawl|tavily",
    case_sensitive=False,
).search
_GOOGLE_FETCHER = _compile(r"\bGoogle-[A-Z]").search


def _on_named(search):
    """Build a condition on the user agent without the model of the device."""
    return lambda user_agent: bool(search(_without_model(user_agent)))


# A complete browser: its system, then its engine.
_COMPLETE_BROWSER = (
    r"^Mozilla/5\.0 \([^()]*(?:Windows NT|Macintosh|X11|Linux|Android|iPhone|iPad|CrOS)"
    r"[^()]*\) (?:AppleWebKit/[\d.+]+ \(KHTML, like Gecko\)|Gecko/[\d.]+ Firefox/)"
)
_COMPLETE = _compile(_COMPLETE_BROWSER).search
# Apps with a browser that lists of crawlers contain by their name.
_APPS = _compile(
    r"\b(?:Electron|AtomShell)/\d",
    r"\b(?:1Password|AcrobatReader|AdobeReader|ReaderiOS|Slack|Slack_SSB|WhatsApp)[/ ]",
    r"\b(?:baiduboxapp|baidubrowser|BIDUBrowser|coc_coc_browser|Mattermost|Notion)/",
    r"\b(?:PinterestWeb|Pinterest for|Telegram|Viber|Discord|discord|Signal|Teams)[/ ]",
    r"\b(?:SeznamBrowser|SznProhlizec|Seznam\.cz|Sbrowser)[/ ]",
    r"\b(?:YaApp_[A-Za-z]+|YaBrowser|YaSearchBrowser|YaSearchApp|Yowser)/",
    r"\b(?:FBAN|FBAV|FBIOS|FB_IAB|Instagram|LinkedInApp|Snapchat|Line)\b",
    r"\bru\.yandex\.|\bcom\.yandex\.",
).search
_ROBOT = _compile(
    r"bot\b|bot/|crawl|spider|pingdom|\bcompatible;|^whatsapp|extract|reeder|feed",
    case_sensitive=False,
).search
# An app on a device of Apple or Android that loads a page with the system's library.
_APP = _compile(
    r"^[^ ]+ CFNetwork/[\d.]+ Darwin/", r"\(?Linux; U; Android [^()]*Cronet/"
).search
_TEXT_BROWSER = _compile(
    r"^(?:Lynx|E?Links|w3m|AmigaVoyager|Dillo|NetSurf|amaya)(?:/| \()|^[A-Z]+_Mosaic/"
).search


def _is_browser_in_lists(user_agent):
    if _TEXT_BROWSER(user_agent):
        return True
    return bool(
        (_APP(user_agent) or (_COMPLETE(user_agent) and _APPS(user_agent)))
        and not _ROBOT(_without_model(user_agent))
        and not _AUTOMATION(user_agent)
        and not _names_address(user_agent)
        and crawlers.is_crawler(_without_model(user_agent))
    )


# A mail program that `mail_clients` does not know: its name ends in "mail" and has a
# version, or it is a form of Outlook.
_MAIL_PROGRAM = _compile(
    r"^(?:[\w.%-]+ )?[\w.%-]*mail[ /]v?\d",
    r"\boutlook(?:-ios|-android|-ios-android)?[ /]v?\d",
    case_sensitive=False,
).search


def _is_mail_program(user_agent):
    named = _without_model(user_agent)
    return bool(_MAIL_PROGRAM(user_agent)) and not (
        _ROBOT(named) or _TASKS(named) or _names_its_operator(user_agent)
    )


# ------------------------------------------------------------
# The rows
# ------------------------------------------------------------

RULES = (
    Rule(
        MACHINE,
        "no-user-agent",
        OPENS,
        lambda user_agent: not user_agent,
        "docs/field.md#opens: every mail client, proxy and browser names itself",
    ),
    # Image proxies and relays.
    Rule(
        MACHINE,
        "gmail-prefetch",
        OPENS,
        _is(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
            " (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36"
            " Edge/12.246 Mozilla/5.0"
        ),
        "docs/field.md#opens: bird.com, Gmail prefetching images",
    ),
    Rule(
        UNKNOWN,
        "apple-mpp",
        OPENS,
        _is("Mozilla/5.0"),
        "docs/field.md#opens: Apple loads every image, read or not",
    ),
    Rule(
        RECIPIENT,
        "gmail-proxy",
        OPENS,
        _matches(r"\bGoogleImageProxy\b"),
        "docs/field.md#opens: fetches when a person opens the email; mautic#16069",
    ),
    Rule(
        RECIPIENT,
        "yahoo-proxy",
        OPENS,
        _matches(r"\bYahooMailProxy\b"),
        "docs/field.md#opens: fetches when a person opens the email",
    ),
    Rule(
        RECIPIENT,
        "image-proxy",
        OPENS,
        _matches(r"\bSeznamEmailProxy/|^RamblerMail/|\bsecureurl\.fwdcdn\.com\b"),
        "matomo device-detector, bots.yml: Seznam, Rambler, UkrNet",
    ),
    Rule(
        RECIPIENT,
        "image-proxy",
        OPENS,
        _matches(r"^hey\.com/imageproxy\b|\bFastmailUA/"),
        "hey.com/image-proxy; fastmail.com/policies/bots",
    ),
    Rule(
        RECIPIENT,
        "image-proxy",
        OPENS,
        _matches(r"^Shortwave Image Fetcher\b"),
        "crawler-user-agents 1.67",
    ),
    # The user agent contains a mail address, as those of crawlers do.
    Rule(
        RECIPIENT,
        "image-proxy",
        OPENS,
        _matches(r"\bSuperhumanProxy\b"),
        "docs/field.md#opens",
    ),
    # Link scanners that name themselves.
    Rule(
        MACHINE,
        "bing-preview",
        LINKS,
        _matches(r"\bBingPreview/"),
        "docs/field.md#clicks: visits links of Outlook.com; phplist3#415",
    ),
    Rule(
        MACHINE,
        "barracuda",
        LINKS,
        _matches(r"\bBarracuda Sentinel\b"),
        "docs/field.md#clicks: matomo device-detector, bots.yml",
    ),
    Rule(
        RECIPIENT,
        "mail-client",
        ANY,
        lambda user_agent: bool(mail_clients.find(user_agent)),
        "see mail_clients",
    ),
    Rule(
        RECIPIENT,
        "mail-client",
        ANY,
        _is_mail_program,
        "docs/field.md#mail-clients: lists of crawlers contain Polymail and others",
    ),
    Rule(
        RECIPIENT,
        "known-app",
        ANY,
        _is_browser_in_lists,
        "docs/field.md#clicks: complete browsers inside apps",
    ),
    Rule(
        MACHINE,
        "crawler",
        ANY,
        lambda user_agent: crawlers.is_crawler(_without_model(user_agent)),
        "the package crawlerdetect",
    ),
    # Programs that the list of crawlers does not contain.
    Rule(
        MACHINE,
        "ai-assistant",
        ANY,
        lambda user_agent: bool(
            _ASSISTANTS(user_agent) or _GOOGLE_FETCHER(_without_model(user_agent))
        ),
        "crawler-user-agents 1.67, tag ai-crawler: names end in -User",
    ),
    Rule(
        MACHINE,
        "security-scanner",
        ANY,
        _on_named(_SECURITY),
        "matomo device-detector, bots.yml: category Security Checker",
    ),
    Rule(
        MACHINE,
        "automation-tool",
        ANY,
        _on_named(_AUTOMATION),
        "crawler-user-agents 1.67, tag browser-automation",
    ),
    Rule(
        MACHINE,
        "self-named",
        ANY,
        _names_its_operator,
        "RFC 9309 section 2.2.1: crawlers name an address of their operator",
    ),
    Rule(
        MACHINE,
        "self-named",
        ANY,
        _names_a_program,
        "docs/field.md#clicks: 'compatible; Name' where Name is no browser",
    ),
    Rule(
        MACHINE,
        "self-named",
        ANY,
        _on_named(_TASKS),
        "crawler-user-agents 1.67: names of programs say what the programs do",
    ),
    Rule(
        MACHINE,
        "http-tool",
        ANY,
        _is_a_tool,
        "MDN, User-Agent header: browsers name their engine and the system",
    ),
)

# The reasons of the rules, in their order.
REASONS = tuple(dict.fromkeys(rule.reason for rule in RULES))


@lru_cache(maxsize=1024)
def find(kind, user_agent):
    """Classify a request by its user agent.

    :param str kind: ``OPEN``, ``CLICK`` or ``DOWNLOAD``
    :param str user_agent: the header without surrounding white space, or ""
    :return: the actor and the reason; None if no rule decides
    :rtype: Classification | None
    """
    for rule in RULES:
        if kind in rule.kinds and rule.fits(user_agent):
            return Classification(rule.actor, rule.reason)
    return None
