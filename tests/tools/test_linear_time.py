"""tools: reading a text takes linear time, even with repeated pieces."""

import pytest

from odoo.addons.pipeline_tracking.tools import (
    address,
    attached_email,
    file_kind,
    html_tags,
    line_folding,
    link_exemptions,
    link_labels,
    quoted_emails,
    returned_urls,
    rewrite,
    tracking_token,
)

from ..helpers.time_limit import within
from ..helpers.wrapped_urls import KEYS

LENGTH = 200_000
PARTS = (
    *"a-_./&<>'\" \n=%@:é0[]",
    *"&# &#9 %25 www. https:// x. a- a. a/ view unsub".split(),
    *"----- gmail_ <br> xn-- <!--".split(),
    "original ",
    "-----Original ",
    "border-top:solid ",
    "<div ",
    "<a href=",
    "<b a=",
    "<!--[if mso]>",
    "<blockquote>",
    '<p data-o-mail-quote="1">',
    " \n",
    " \n> ",
    "- \n",
)
NAMES = frozenset(("a", "div", html_tags.COMMENT, html_tags.VML))
FUNCTIONS = {
    "address.to_location_header": address.to_location_header,
    "address.to_location_header of a URL": lambda text: address.to_location_header(
        f"https://{text}"
    ),
    "address.is_public_url": lambda text: address.is_public_url(f"https://{text}"),
    "address.is_public_address": address.is_public_address,
    "address.is_host_name": address.is_host_name,
    "address.get_host": lambda text: address.get_host(f"https://{text}"),
    "address.parse_file_url": lambda text: address.parse_file_url(text, ("https://",)),
    "attached_email": lambda text: attached_email.AttachedEmail(
        f"Content-Type: text/html\n\n{text}".encode()
    ).replace([text]),
    "attached_email, headers": lambda text: attached_email.AttachedEmail(text.encode()),
    "link_exemptions.is_exempt_url": lambda text: link_exemptions.is_exempt_url(
        text, ("https://",)
    ),
    "link_exemptions.has_exempt_words": link_exemptions.has_exempt_words,
    "link_exemptions.is_exempt_label": link_exemptions.is_exempt_label,
    "link_exemptions.is_address_label": lambda text: link_exemptions.is_address_label(
        text, f"https://{text}"
    ),
    "file_kind": lambda text: (
        file_kind.badge(text, text),
        file_kind.is_invitation(text, text),
    ),
    "line_folding": lambda text: line_folding.UnfoldedText(text, line_folding.DELSP),
    "link_labels.readable_text": link_labels.readable_text,
    "link_labels.readable_address": link_labels.readable_address,
    "link_labels.readable_destination": lambda text: link_labels.readable_destination(
        f"https://{text}"
    ),
    "html_tags.find_tags": lambda text: [
        *html_tags.find_tags(text, NAMES, conditional=True)
    ],
    "html_tags.decode": html_tags.decode,
    "html_tags.unescape": html_tags.unescape,
    "returned_urls": lambda text: returned_urls.QuotedText(
        f"{text} https://x.com/t/{'a' * 30}", KEYS, folding=line_folding.FLOWED
    ).restore({}),
    "quoted_emails": lambda text: quoted_emails.Quotes(
        f"<blockquote></blockquote>{text}"
    ),
    "rewrite": lambda text: rewrite.Document(
        f'<a href="https://x.com">{text}</a><a href="https://x.com/{text}">{text}'
    ).rewrite({"https://x.com": "https://y.com"}),
    "tracking_token.read_database_name": tracking_token.read_database_name,
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_time_grows_with_length_only(function):
    for part in PARTS:
        with within(20):
            function(part * (LENGTH // len(part)))
