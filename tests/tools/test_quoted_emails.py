"""tools/quoted_emails: links in quotes of other emails are not tracked."""

from pathlib import Path

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.tools.mail import html_sanitize

from odoo.addons import mail
from odoo.addons.pipeline_tracking.tools.quoted_emails import Quotes
from odoo.addons.pipeline_tracking.tools.rewrite import DEFAULT_POLICY, Document

from ..helpers.random_html import pages
from ..helpers.time_limit import within

TARGET = "https://o.example.com/t/x"
AUTHOR = '<p>See <a href="https://own.example.net/p?a=1&amp;b">prices</a></p>'
AUTHOR_URL = "https://own.example.net/p?a=1&b"
QUOTED = '<p>See <a href="https://phish.example.org/login?brand=acme">this</a></p>'
QUOTED_URL = "https://phish.example.org/login?brand=acme"
LATER = '<p><a href="https://later.example.net">later</a></p>'
LATER_URL = "https://later.example.net"

# The quote is an element. The author wrote the HTML after it.
ELEMENTS = {
    "blockquote": f"<blockquote>{QUOTED}</blockquote>",
    "Odoo's sanitizer": f'<div data-o-mail-quote="1">{QUOTED}</div>',
    "Odoo's Reply All": (
        '<div class="o_mail_reply_container" data-o-mail-quote="1">'
        '<div class="o_mail_reply_content"><div><span>On Mon, Sven <a href="mailto:s@'
        'x.example.org" target="_blank">&lt;s@x.example.org&gt;</a>wrote</span></div>'
        f"<blockquote>{QUOTED}</blockquote>{QUOTED}</div></div>"
    ),
    "Odoo's Reply All, content only": (
        f'<div class="d-none o_mail_reply_content">{QUOTED}</div>'
    ),
    "Gmail": (
        '<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_at'
        f'tr">On Mon, Sven wrote:<br></div><blockquote class="gmail_quote">{QUOTED}'
        f"</blockquote></div>"
    ),
    "Gmail, forwarded": (
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forward'
        f"ed message ---------<br>From: Sven</div>{QUOTED}</div>"
    ),
    "Gmail, before": f"<div class=gmail_extra><br>{QUOTED}</div>",
    "Apple Mail": (
        f'<div><blockquote type="cite"><div>On 1 Jan, Sven wrote:</div>{QUOTED}'
        "</blockquote></div>"
    ),
    "Apple Mail, forwarded": f'<div class="AppleOriginalContents">{QUOTED}</div>',
    "Thunderbird": (
        '<div class="moz-cite-prefix">On 01/05/2026, <a href="https://phish.example.org'
        '/login?brand=acme">Sven</a> wrote:</div>'
        f'<blockquote type="cite" cite="mid:a@x">{QUOTED}</blockquote>'
    ),
    "Thunderbird, forwarded": (
        '<div class="moz-forward-container"><br>-------- Forwarded Message --------'
        f'<table class="moz-email-headers-table"><tr><td>{QUOTED}</td></tr></table>'
        f"{QUOTED}</div>"
    ),
    "Proton Mail": f'<div class="protonmail_quote">{QUOTED}</div>',
    "nested": (
        f"<blockquote>{QUOTED}<blockquote>{QUOTED}</blockquote>{QUOTED}</blockquote>"
    ),
    "uppercase": f"<BLOCKQUOTE>{QUOTED}</BLOCKQUOTE>",
}
# The quote continues to the end.
RESTS = {
    "Outlook on the web": (
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Sven</div>'
        f"<div>{QUOTED}</div>"
    ),
    "Outlook on the web, pasted": (
        f'<div id="x_divRplyFwdMsg"><b>From:</b> Sven</div><div>{QUOTED}</div>'
    ),
    "Outlook, new": (
        f'<div id="mail-editor-reference-message-container">{QUOTED}</div>'
    ),
    "Outlook, old": f'<div class="OutlookMessageHeader">From: Sven</div>{QUOTED}',
    "Outlook for Windows": (
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm'
        f' 0cm 0cm"><p><b>From:</b> Sven</p></div></div>{QUOTED}'
    ),
    "Outlook for Mac": (
        "<div style='border:none;border-top:solid #B5C4DF 1.0pt'><p>From: Sven</p>"
        f"</div>{QUOTED}"
    ),
    "Outlook for Windows, pasted": (
        '<div style="border-top: 1pt solid rgb(225, 225, 225);"><p><b>De&nbsp;:</b>'
        f" Sven</p></div>{QUOTED}"
    ),
    "Hotmail": f'<hr id="stopSpelling">{QUOTED}',
    "Yahoo": f'<div id="yahoo_quoted_8820" class="yahoo_quoted">From</div>{QUOTED}',
    "Odoo, forwarded": (
        "<div><span>---------- Forwarded message ----------</span><br/>"
        f"<span>From: Sven</span></div>{QUOTED}"
    ),
    **{
        words: f"<div>{words}</div><div>From: Sven</div>{QUOTED}"
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
    "text": f"<pre>Hello\n\n-----Original Message-----\nFrom: Sven</pre>{QUOTED}",
}
NO_QUOTES = {
    "prose": "<p>The original message, and the forwarded message -- see below.</p>",
    "prose, in a line of its own": "<p>Original Message</p>",
    "dashes": "<p>-----</p><p>Original message</p><p>-----</p>",
    "dashes in a sentence": "<p>It says -----Original Message----- there</p>",
    "other words": "<p>-------- Our offers --------</p>",
    "a comment": "<!-- <blockquote> -->",
    "a conditional comment": "<!--[if mso]><blockquote><![endif]-->",
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


def urls(html, policy=DEFAULT_POLICY):
    return [link.url for link in Document(html, policy).links]


@elements
def test_links_around_a_quote_are_tracked(quote):
    html = AUTHOR + quote + LATER
    assert urls(html) == [AUTHOR_URL, LATER_URL]
    rewritten = Document(html).rewrite({AUTHOR_URL: TARGET, QUOTED_URL: TARGET})
    assert rewritten.endswith(quote + LATER), "the quote is unchanged"
    assert TARGET in rewritten


@rests
def test_links_below_a_separator_are_not_tracked(quote):
    html = AUTHOR + quote + LATER
    assert urls(html) == [AUTHOR_URL]
    rewritten = Document(html).rewrite({AUTHOR_URL: TARGET, QUOTED_URL: TARGET})
    assert rewritten.endswith(quote + LATER)


@pytest.mark.parametrize("quote", {**ELEMENTS, **RESTS}.values())
def test_quotes_sanitized_by_odoo(quote):
    html = str(html_sanitize(f"<div>{AUTHOR}</div>{quote}", sanitize_style=True))
    assert QUOTED_URL in html.replace("&amp;", "&")
    assert urls(html) == [AUTHOR_URL]


@pytest.mark.parametrize("html", NO_QUOTES.values(), ids=NO_QUOTES)
def test_html_that_only_looks_like_a_quote(html):
    assert urls(AUTHOR + html + LATER) == [AUTHOR_URL, LATER_URL]


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
def test_links_in_signatures_are_tracked(signature):
    """Odoo marks signatures, and the text after them, in the same way as quotes."""
    html = signature.format(AUTHOR) + LATER + ELEMENTS["Odoo's Reply All"]
    assert urls(html) == [AUTHOR_URL, LATER_URL]
    assert urls(str(html_sanitize(html))) == [AUTHOR_URL, LATER_URL]


def test_every_translation_of_odoos_forward_button():
    """Only this line marks an email that Odoo 19 forwards."""
    term = "---------- Forwarded message ----------"
    lines = {term}
    for file in Path(mail.__file__).parent.glob("i18n/*.po"):
        entry = polib.pofile(file).find(term)
        lines.add(entry and entry.msgstr)
    lines -= {None, ""}
    assert len(lines) > 15
    for line in lines:
        quote = f"<div><span>{line}</span><br/><span>Date</span></div>{QUOTED}"
        assert urls(AUTHOR + quote) == [AUTHOR_URL], line
        assert urls(str(html_sanitize(AUTHOR + quote))) == [AUTHOR_URL], line


def test_a_destination_both_quoted_and_written_by_the_author():
    html = f"{AUTHOR}<blockquote>{AUTHOR}</blockquote>"
    assert Document(html).rewrite({AUTHOR_URL: TARGET}) == (
        f'<p>See <a href="{TARGET}">prices</a></p><blockquote>{AUTHOR}</blockquote>'
    )


def test_a_quote_that_never_ends():
    assert urls(f"{AUTHOR}<blockquote><div>{QUOTED}") == [AUTHOR_URL]


def test_a_quote_ends_with_the_authors_part():
    """Links that the layout adds after a quote are tracked."""
    author = AUTHOR + RESTS["Outlook for Mac"]
    button = "https://odoo.acme.com/mail/view?model=crm.lead"
    policy = DEFAULT_POLICY._replace(
        author_html=author, own_urls=("https://odoo.acme.com",)
    )
    html = f'<div>{author}</div><a href="{button}">View</a>'
    assert urls(html, policy) == [AUTHOR_URL, button]


def test_a_layout_that_changed_the_authors_part():
    author = f"{AUTHOR}<blockquote>{AUTHOR}{QUOTED}</blockquote>"
    html = f"<div>{author}</div>".replace("'", '"').replace("<p>", "<p >")
    policy = DEFAULT_POLICY._replace(author_html=author)
    document = Document(html, policy)
    assert [link.url for link in document.links] == [AUTHOR_URL]
    assert document.rewrite({AUTHOR_URL: TARGET}).count(TARGET) == 1


def test_placeholders_are_tracked_wherever_they_are():
    policy = DEFAULT_POLICY._replace(placeholders={LATER_URL})
    assert urls(AUTHOR + RESTS["Yahoo"] + LATER, policy) == [AUTHOR_URL, LATER_URL]


def test_quotes_are_tracked_without_leave_quotes():
    policy = DEFAULT_POLICY._replace(leave_quotes=False)
    assert urls(AUTHOR + ELEMENTS["blockquote"], policy) == [AUTHOR_URL, QUOTED_URL]


quotes = st.sampled_from([*ELEMENTS.values(), *RESTS.values()])


@given(pages, quotes, pages)
def test_quotes_in_any_html_are_unchanged(before, quote, after):
    """Quotes are not rewritten in any surroundings, and no other text changes."""
    html = before + quote + after
    quotes = Quotes(html)
    assert quotes.spans == sorted(quotes.spans)
    rewritten = Document(html).rewrite({QUOTED_URL: TARGET})
    assert rewritten.replace(TARGET, QUOTED_URL) == html
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
        Document(f"{html}{AUTHOR}{html}")
