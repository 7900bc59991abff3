"""Compare rewriting an email's HTML to parsing and serializing it with lxml.

The addon does all its work for a copy: it reads the HTML, replaces the links and adds
the image. lxml drops all but about 2,000 of the nested elements.
"""

import statistics
import time

from lxml import etree
from lxml import html as lxml_html

from odoo.tools import file_path

from odoo.addons.pipeline_tracking.tools import rewrite

from . import say

ROUNDS = 9
TARGET = "https://odoo.acme.example.com/t/EgEB7AcMgQFC9Y6UN5ZfBznsWh36e-PV"
THEMES = "mass_mailing_themes/views/mass_mailing_themes_templates.xml"


def main(_folder):
    """Measure all cases.

    :return: ``rewrite``: the MB/s of a newsletter, and of all ``cases``
    :rtype: dict
    """
    say(f"{'rewriting':<24}{'MB':>8}{'ours ms':>12}{'lxml ms':>12}{'ratio':>8}")
    results = {}
    for name, html in _cases().items():
        ours, lxml = _measure(html)
        size = len(html.encode()) / 1e6
        say(
            f"{name:<24}{size:>8.3f}{ours * 1e3:>12.2f}{lxml * 1e3:>12.2f}"
            f"{ours / lxml:>8.2f}"
        )
        results[name] = {"ours": size / ours, "lxml_roundtrip": size / lxml}
    return {"rewrite": {**results["newsletter"], "cases": results}}


def _cases():
    newsletter = _newsletter()
    return {
        "newsletter": newsletter,
        "5 MB of newsletters": newsletter * (5_000_000 // len(newsletter)),
        "10,000 links": "".join(
            f'<p><a href="https://x.com/{n}?a=1&amp;b=2">link {n}</a></p>\n'
            for n in range(10_000)
        ),
        "10,000 nested elements": "<div>" * 10_000 + "x" + "</div>" * 10_000,
        "an attribute of 1 MB": f'<p title="{"a <b> " * 170_000}">x</p>',
    }


def _newsletter():
    """Return the newsletter of Odoo's editor, with addresses in its links."""
    tree = etree.parse(file_path(THEMES))
    template = tree.find(".//template[@id='theme_newsletter_template']")
    html = "".join(
        etree.tostring(element, encoding="unicode", method="html")
        for element in template
    )
    return f"<html><body>{html}</body></html>".replace(
        'href="#"', 'href="https://shop.example.net/p?a=1&amp;b=2"'
    )


def _ours(html):
    document = rewrite.Document(html)
    return document.rewrite(
        {link.url: TARGET for link in document.links},
        addition=rewrite.render_image(TARGET + ".gif"),
    )


def _lxml(html):
    parser = lxml_html.HTMLParser(huge_tree=True)
    tree = lxml_html.document_fromstring(html, parser=parser)
    return lxml_html.tostring(tree, encoding="unicode")


def _measure(html):
    """Run both in turns; repeat short texts many times in a round.

    :return: the median seconds of the addon and of lxml
    :rtype: tuple[float, float]
    """
    seconds = {_ours: [], _lxml: []}
    times = max(1, 1_000_000 // len(html))
    for _round in range(ROUNDS):
        for function, measured in seconds.items():
            start = time.perf_counter()
            for _time in range(times):
                function(html)
            measured.append((time.perf_counter() - start) / times)
    return tuple(statistics.median(measured) for measured in seconds.values())
