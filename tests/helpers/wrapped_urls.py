"""Tracked URLs, as sent and as email clients and gateways rewrite them."""

import html as html_lib
import re
from urllib.parse import quote

from odoo.addons.pipeline_tracking.tools import returned_urls, tracking_token
from odoo.addons.pipeline_tracking.tools.tracking_token import LINK, OPEN, Token

KEYS = {1: b"k" * 64}
HOST = "https://odoo.acme.example.com"
URL = "https://shop.example.net/p?a=1&b=%C3%A9'#top"
WRITTEN = html_lib.escape(URL)


def sign(value, secret=KEYS[1]):
    return tracking_token.sign(value, 1, secret)


def link_token(link_id=7, email_id=3, database=""):
    return Token(LINK, email_id, -5, link_id, 9, database)


IMAGE = f"{HOST}/t/{sign(Token(OPEN, 3, -5))}.gif"
LINK_TEXT = sign(link_token())
TRACKED = f"{HOST}/t/{LINK_TEXT}"
GONE = f"{HOST}/t/{sign(link_token(link_id=8))}"
FOREIGN = f"{HOST}/t/{sign(link_token(), b'another')}"
FOREIGN_IMAGE = f"{HOST}/t/{sign(Token(OPEN, 3, -5), b'another')}.gif"

GOOGLE_PROXY = (
    "https://ci3.googleusercontent.com/meips/ADKq_NZmx8-aB3dE_f=s0-d-e1-ft#{plain}"
)
SAFE_LINKS = (
    "https://eur01.safelinks.protection.outlook.com/?url={encoded}"
    "&data=05%7C02%7Csally%40acme.example.com%7C1b2c%7C0%7C0%7C638%7CUnknown%7CTWFp"
    "bGZsb3d8%3D%3D%7C0%7C%7C%7C&sdata=Zm9v%2FYmFy%3D&reserved=0"
)
WRAPPERS = {
    "safe links": SAFE_LINKS,
    "safe links, newer": SAFE_LINKS.replace("/?url", "/ap/t-59584e83/?url"),
    "safe links, older": "https://na01.safelinks.protection.outlook.com/?url={encoded}"
    "&data=01|01|a%40b.example.com|08d4|1&sdata=Zm9v%3D&reserved=0",
    "google": "https://www.google.com/url?q={plain}&source=gmail&ust=17&usg=AOvV-a_1",
    "google, encoded": "https://www.google.com/url?q={encoded}&sa=D&usg=AOvV",
    "proofpoint 3": "https://urldefense.com/v3/__{plain}__;!!AbC-d_e!xYz-_0$",
    "proofpoint 2": "https://urldefense.proofpoint.com/v2/url?u={proofpoint}"
    "&d=DwMFaQ&c=euGZ&r=kl-_3&m=Qt8&s=a1&e=",
    "proofpoint 1": "https://urldefense.proofpoint.com/v1/url?u={encoded}&k=a%3D%0A",
    "barracuda": "https://linkprotect.cudasvc.com/url?a={lower}&c=E,1,5bEVi-m2_7z&typo=1",
    "barracuda, plain": "https://linkprotect.cudasvc.com/url?a={plain}&c=E,1,5b&typo=1",
    "cisco": "https://secure-web.cisco.com/1AbC-d_/{encoded}",
    "amazon": "https://x.r.us-east-1.awstrack.me/L0/{slashes}/1/0100018f-00/aB1_=375",
    "python": "https://x.example.com/?u={colon}&v=1",
    "trend micro": "https://ca-1234.example.com/wis/clicktime/v1/query?url={encoded}"
    "&umid=A1&auth=b2",
    "twice encoded": "https://l.facebook.com/l.php?u={twice}&h=AT0",
    "two wrappers": SAFE_LINKS.replace("{encoded}", "{twice_wrapped}"),
    "without its scheme": "https://x.example.com/?u={host}&v=1",
}


def wrap(shape, url):
    encoded = quote(url, safe="")
    return shape.format(
        plain=url,
        encoded=encoded,
        lower=re.sub("%..", lambda match: match[0].lower(), encoded),
        twice=quote(encoded, safe=""),
        twice_wrapped=quote(
            f"https://www.google.com/url?q={encoded}&source=gmail", safe=""
        ),
        slashes=url.replace("/", "%2F"),
        colon=quote(url),
        host=url.removeprefix("https://"),
        proofpoint=url.replace("-", "-2D")
        .replace("_", "-5F")
        .replace("/", "_")
        .replace(":", "-3A"),
    )


def restore(html):
    if not returned_urls.may_hold_tracked_url(html):
        return html
    quotation = returned_urls.QuotedText(html, KEYS)
    return quotation.restore(
        {
            (quoted_token.link_id, quoted_token.link_nonce): URL
            for quoted_token in quotation.link_tokens
            if quoted_token.link_id == 7
        }
    )
