"""tools/quoted_emails: links in quotes of other emails are left alone."""

from pathlib import Path

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.tools.mail import html_sanitize

from odoo.addons import mail
from odoo.addons.pipeline_tracking.tools.quoted_emails import Quotes
from odoo.addons.pipeline_tracking.tools.rewrite import EVERYTHING, Document

from ..helpers.random_html import pages
from ..helpers.time_limit import within

TARGET = "https://o.example.com/t/x"
OWN = '<p>See <a href="https://own.example.net/p?a=1&amp;b">prices</a></p>'
OWN_URL = "https://own.example.net/p?a=1&b"
THEIRS = '<p>See <a href="https://phish.example.org/login?brand=acme">this</a></p>'
THEIRS_URL = "https://phish.example.org/login?brand=acme"
LATER = '<p><a href="https://later.example.net">later</a></p>'
LATER_URL = "https://later.example.net"

# The quote is an element: what follows it is the author's.
ELEMENTS = {
    "blockquote": f"<blockquote>{THEIRS}</blockquote>",
    "Odoo's sanitizer": f'<div data-o-mail-quote="1">{THEIRS}</div>',
    "Odoo's Reply All": (
        '<div class="o_mail_reply_container" data-o-mail-quote="1">'
        '<div class="o_mail_reply_content"><div><span>On Mon, Sven <a href="mailto:s@'
        'x.example.org" target="_blank">&lt;s@x.example.org&gt;</a>wrote</span></div>'
        f"<blockquote>{THEIRS}</blockquote>{THEIRS}</div></div>"
    ),
    "Odoo's Reply All, content only": (
        f'<div class="d-none o_mail_reply_content">{THEIRS}</div>'
    ),
    "Gmail": (
        '<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_at'
        f'tr">On Mon, Sven wrote:<br></div><blockquote class="gmail_quote">{THEIRS}'
        f"</blockquote></div>"
    ),
    "Gmail, forwarded": (
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forward'
        f"ed message ---------<br>From: Sven</div>{THEIRS}</div>"
    ),
    "Gmail, before": f"<div class=gmail_extra><br>{THEIRS}</div>",
    "Apple Mail": (
        f'<div><blockquote type="cite"><div>On 1 Jan, Sven wrote:</div>{THEIRS}'
        "</blockquote></div>"
    ),
    "Apple Mail, forwarded": f'<div class="AppleOriginalContents">{THEIRS}</div>',
    "Thunderbird": (
        '<div class="moz-cite-prefix">On 01/05/2026, <a href="https://phish.example.org'
        '/login?brand=acme">Sven</a> wrote:</div>'
        f'<blockquote type="cite" cite="mid:a@x">{THEIRS}</blockquote>'
    ),
    "Thunderbird, forwarded": (
        '<div class="moz-forward-container"><br>-------- Forwarded Message --------'
        f'<table class="moz-email-headers-table"><tr><td>{THEIRS}</td></tr></table>'
        f"{THEIRS}</div>"
    ),
    "Proton Mail": f'<div class="protonmail_quote">{THEIRS}</div>',
    "nested": (
        f"<blockquote>{THEIRS}<blockquote>{THEIRS}</blockquote>{THEIRS}</blockquote>"
    ),
    "uppercase": f"<BLOCKQUOTE>{THEIRS}</BLOCKQUOTE>",
}
# The quote goes on to the end.
RESTS = {
    "Outlook on the web": (
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Sven</div>'
        f"<div>{THEIRS}</div>"
    ),
    "Outlook on the web, pasted": (
        f'<div id="x_divRplyFwdMsg"><b>From:</b> Sven</div><div>{THEIRS}</div>'
    ),
    "Outlook, new": (
        f'<div id="mail-editor-reference-message-container">{THEIRS}</div>'
    ),
    "Outlook, old": f'<div class="OutlookMessageHeader">From: Sven</div>{THEIRS}',
    "Outlook for Windows": (
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm'
        f' 0cm 0cm"><p><b>From:</b> Sven</p></div></div>{THEIRS}'
    ),
    "Outlook for Mac": (
        "<div style='border:none;border-top:solid #B5C4DF 1.0pt'><p>From: Sven</p>"
        f"</div>{THEIRS}"
    ),
    "Outlook for Windows, pasted": (
        '<div style="border-top: 1pt solid rgb(225, 225, 225);"><p><b>De&nbsp;:</b>'
        f" Sven</p></div>{THEIRS}"
    ),
    "Hotmail": f'<hr id="stopSpelling">{THEIRS}',
    "Yahoo": f'<div id="yahoo_quoted_8820" class="yahoo_quoted">From</div>{THEIRS}',
    "Odoo, forwarded": (
        "<div><span>---------- Forwarded message ----------</span><br/>"
        f"<span>From: Sven</span></div>{THEIRS}"
    ),
    **{
        words: f"<div>{words}</div><div>From: Sven</div>{THEIRS}"
        for words in (
            "-----Original Message-----",
            "----- Original message -----",
            "-------- Forwarded Message --------",
            "-----Ursprüngliche Nachricht-----",
            "-----Urspr&uuml;ngliche Nachricht-----",
            "---------- Weitergeleitete Nachricht ----------",
            "-----Message d'origine-----",
            "-----Message d’origine-----",
            "-----Message d&#39;origine-----",
            "---------- Message transféré ----------",
            "-----Mensaje original-----",
            "---------- Mensaje reenviado ----------",
            "-----Messaggio originale-----",
            "-----Oorspronkelijk bericht-----",
            "---------- Doorgestuurd bericht ----------",
            "-----Mensagem original-----",
            "&nbsp;-----Original&nbsp;Message-----",
        )
    },
    "text": f"<pre>Hello\n\n-----Original Message-----\nFrom: Sven</pre>{THEIRS}",
}
NO_QUOTES = {
    "prose": "<p>The original message, and the forwarded message -- see below.</p>",
    "prose, in a line of its own": "<p>Original Message</p>",
    "dashes": "<p>-----</p><p>Original message</p><p>-----</p>",
    "dashes in a sentence": "<p>It says -----Original Message----- there</p>",
    "other words": "<p>-------- Our offers --------</p>",
    "a comment": "<!-- <blockquote> -->",
    "what Outlook reads": "<!--[if mso]><blockquote><![endif]-->",
    "an attribute": '<p title="<blockquote>gmail_quote">x</p>',
    "a line": '<div style="border-top:1px solid #e1e1e1">x</div>',
    "an author's line of Outlook's color": (
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>Our prices are as'
        " they were last year, and they will stay so: you can rely on it</p></div>"
    ),
    "another class": '<div class="my_gmail_quotes">x</div><p class="moz-cite">x</p>',
    "no quote": '<div data-o-mail-quote="">x</div>',
    "end tags": "</blockquote></div>",
    "a signature": '<div data-o-mail-quote="1"><br>-- <br><p>Sally</p></div>',
    "Gmail's signature": '<div class="gmail_signature" data-o-mail-quote="1">S</div>',
}
elements = pytest.mark.parametrize("quote", ELEMENTS.values(), ids=ELEMENTS)
rests = pytest.mark.parametrize("quote", RESTS.values(), ids=RESTS)


def urls(html, policy=EVERYTHING):
    return [link.url for link in Document(html, policy).links]


@elements
def test_what_is_around_a_quote_is_tracked(quote):
    html = OWN + quote + LATER
    assert urls(html) == [OWN_URL, LATER_URL]
    rewritten = Document(html).rewrite({OWN_URL: TARGET, THEIRS_URL: TARGET})
    assert rewritten.endswith(quote + LATER), "byte for byte"
    assert TARGET in rewritten


@rests
def test_nothing_after_the_line_is_tracked(quote):
    html = OWN + quote + LATER
    assert urls(html) == [OWN_URL]
    rewritten = Document(html).rewrite({OWN_URL: TARGET, THEIRS_URL: TARGET})
    assert rewritten.endswith(quote + LATER)


@pytest.mark.parametrize("quote", {**ELEMENTS, **RESTS}.values())
def test_quotes_that_odoo_has_sanitized(quote):
    html = str(html_sanitize(f"<div>{OWN}</div>{quote}", sanitize_style=True))
    assert THEIRS_URL in html.replace("&amp;", "&")
    assert urls(html) == [OWN_URL]


@pytest.mark.parametrize("html", NO_QUOTES.values(), ids=NO_QUOTES)
def test_what_only_looks_like_a_quote(html):
    assert urls(OWN + html + LATER) == [OWN_URL, LATER_URL]


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="o-signature-container"><div data-o-mail-quote="1"><br>-- <br>{}'
        "</div></div>",
        '<div class="o-signature-container" data-o-mail-quote="1">{}</div>',
        "<div>-- <br>{}</div>",
        '<span data-o-mail-quote="1">\n-- \nSally</span>{}',
        '<div class="gmail_signature">{}</div>',
        "<p>Kind regards\n--\n{}</p>",
    ],
)
def test_signatures_are_their_authors(signature):
    """Odoo marks them, and what follows them, as it marks quotes."""
    html = signature.format(OWN) + LATER + ELEMENTS["Odoo's Reply All"]
    assert urls(html) == [OWN_URL, LATER_URL]
    assert urls(str(html_sanitize(html))) == [OWN_URL, LATER_URL]


def test_every_translation_of_odoos_forward_button():
    """Nothing but this line marks what Odoo 19's Forward quotes."""
    term = "---------- Forwarded message ----------"
    lines = {term}
    for file in Path(mail.__file__).parent.glob("i18n/*.po"):
        entry = polib.pofile(file).find(term)
        lines.add(entry and entry.msgstr)
    lines -= {None, ""}
    assert len(lines) > 15
    for line in lines:
        quote = f"<div><span>{line}</span><br/><span>Date</span></div>{THEIRS}"
        assert urls(OWN + quote) == [OWN_URL], line
        assert urls(str(html_sanitize(OWN + quote))) == [OWN_URL], line


def test_the_same_destination_quoted_and_not():
    html = f"{OWN}<blockquote>{OWN}</blockquote>"
    assert Document(html).rewrite({OWN_URL: TARGET}) == (
        f'<p>See <a href="{TARGET}">prices</a></p><blockquote>{OWN}</blockquote>'
    )


def test_a_quote_that_never_ends():
    assert urls(f"{OWN}<blockquote><div>{THEIRS}") == [OWN_URL]


def test_a_quote_ends_with_what_the_author_wrote():
    """The layout adds links after it, which are tracked as ever."""
    author = OWN + RESTS["Outlook for Mac"]
    button = "https://odoo.acme.com/mail/view?model=crm.lead"
    policy = EVERYTHING._replace(
        author_html=author, own_urls=("https://odoo.acme.com",)
    )
    html = f'<div>{author}</div><a href="{button}">View</a>'
    assert urls(html, policy) == [OWN_URL, button]


def test_a_layout_that_changed_what_the_author_wrote():
    author = f"{OWN}<blockquote>{OWN}{THEIRS}</blockquote>"
    html = f"<div>{author}</div>".replace("'", '"').replace("<p>", "<p >")
    policy = EVERYTHING._replace(author_html=author)
    document = Document(html, policy)
    assert [link.url for link in document.links] == [OWN_URL]
    assert document.rewrite({OWN_URL: TARGET}).count(TARGET) == 1


def test_placeholders_are_tracked_wherever_they_are():
    policy = EVERYTHING._replace(placeholders={LATER_URL})
    assert urls(OWN + RESTS["Yahoo"] + LATER, policy) == [OWN_URL, LATER_URL]


def test_quotes_can_be_the_authors():
    policy = EVERYTHING._replace(leave_quotes=False)
    assert urls(OWN + ELEMENTS["blockquote"], policy) == [OWN_URL, THEIRS_URL]


quotes = st.sampled_from([*ELEMENTS.values(), *RESTS.values()])


@given(pages, quotes, pages)
def test_returned_urls_stay(before, quote, after):
    """Whatever surrounds a quote: what is known to be quoted is not rewritten, and
    nothing else changes.
    """
    html = before + quote + after
    quotes = Quotes(html)
    assert quotes.spans == sorted(quotes.spans)
    rewritten = Document(html).rewrite({THEIRS_URL: TARGET})
    assert rewritten.replace(TARGET, THEIRS_URL) == html
    for start, end in quotes.spans:
        assert html[start:end] in rewritten


@pytest.mark.parametrize(
    "part",
    [
        "<blockquote>",
        "</blockquote>",
        "<blockquote><div></blockquote>",
        "<div data-o-mail-quote=1>",
        "<div data-o-mail-quote=1>-- <br></div>",
        "<p style='border-top:solid #x'>",
        "-----Original Message-----x",
        "----- ",
        "-",
        "_",
        "original" + " " * 1000,
        "&nbsp;" * 100 + "-----Original Message-----x",
        "<br>" * 40 + "<div data-o-mail-quote=1>",
        "<div class=gmail_signature>",
        "gmail_",
    ],
)
def test_time_grows_with_length_only(part):
    html = part * (1_000_000 // len(part))
    with within(seconds=20):
        Document(f"{html}{OWN}{html}")
