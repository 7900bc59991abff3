"""tools/attached_email: only the texts of an attached email are replaced."""

import base64
import binascii
import email
import email.policy
import quopri
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools.attached_email import AttachedEmail

from ..helpers.time_limit import within

OURS = "https://odoo.acme.example.com/t/OURS"
THEIRS = "https://shop.example.net/p?a=1&b=%C3%A9"
HTML = f'<p>Prix: été, <a href="{OURS}">x</a></p>\n'
PLAIN = f"Prix: été, {OURS}\n"


def make(*, cte="quoted-printable", charset="utf-8", policy=email.policy.default):
    message = EmailMessage(policy=policy)
    message["Subject"] = "Prix: été"
    message["From"] = "Sally <sally@acme.example.com>"
    message["X-Long"] = "a " * 100
    message.set_content(PLAIN, cte=cte, charset=charset)
    message.add_alternative(HTML, subtype="html", cte=cte, charset=charset)
    message.add_attachment(b"\x00\xff%PDF", maintype="application", subtype="pdf")
    return message


def replaced(raw):
    attached = AttachedEmail(raw)
    return attached.replace(
        [text.content.replace(OURS, THEIRS) for text in attached.texts]
    )


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("linesep", ["\n", "\r\n"])
def test_texts_are_replaced(cte, charset, linesep):
    policy = email.policy.default.clone(linesep=linesep, cte_type="8bit")
    message = make(cte=cte, charset=charset, policy=policy)
    raw = message.as_bytes()
    new = read(replaced(raw))
    assert not new.defects
    for subtype, expected in (("html", HTML), ("plain", PLAIN)):
        content = new.get_body([subtype]).get_content()
        assert content.replace("\r\n", "\n") == expected.replace(OURS, THEIRS)
    assert new.get_body(["html"])["Content-Transfer-Encoding"] == cte
    assert [part.get_content() for part in new.iter_attachments()] == [b"\x00\xff%PDF"]
    assert new["Subject"] == "Prix: été"
    # The bytes of the headers are unchanged.
    assert replaced(raw).partition(b"--==")[0] == raw.partition(b"--==")[0]


def test_an_email_without_tracked_urls_is_unchanged():
    raw = make().as_bytes().replace(b"OURS", b"them")
    assert replaced(raw) is raw


def nest(inner):
    outer = EmailMessage()
    outer["Subject"] = "Fwd"
    outer.set_content("FYI")
    outer.add_attachment(inner)
    return outer


def test_nested_emails():
    new = read(replaced(nest(nest(make())).as_bytes()))
    (first,) = new.iter_attachments()
    (second,) = first.get_content().iter_attachments()
    original = second.get_content()
    assert original.get_body(["html"]).get_content() == HTML.replace(OURS, THEIRS)
    assert OURS.encode() not in bytes(new)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_nested_files(depth):
    raw = make().as_bytes()
    for _time in range(depth):
        outer = EmailMessage()
        outer.set_content("FYI")
        outer.add_attachment(
            raw, maintype="application", subtype="octet-stream", filename="Offer.EML"
        )
        raw = outer.as_bytes()
    new = replaced(raw)
    for _time in range(depth):
        (part,) = read(new).iter_attachments()
        new = part.get_content()
    assert read(new).get_body(["html"]).get_content() == HTML.replace(OURS, THEIRS)


@pytest.mark.parametrize(
    "encoding, encode",
    [("base64", base64.encodebytes), ("quoted-printable", quopri.encodestring)],
)
def test_an_encoded_nested_email(encoding, encode):
    message = make()
    del message["X-Long"]
    raw = (
        b'Content-Type: multipart/mixed; boundary="B"\n\n--B\n'
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: "
        + encoding.encode()
        + b"\n\n"
        + encode(message.as_bytes())
        + b"\n--B--\n"
    )
    new = replaced(raw)
    encoded = new.partition(encoding.encode() + b"\n\n")[2].partition(b"\n--B--")[0]
    decode = {"base64": base64.b64decode, "quoted-printable": quopri.decodestring}
    original = read(decode[encoding](encoded))
    assert original.get_body(["html"]).get_content() == HTML.replace(OURS, THEIRS)


def test_a_signed_email():
    """Tracked URLs in a signed email are replaced, which breaks the signature."""
    raw = (
        b'Content-Type: multipart/signed; boundary="B"; micalg=sha-256\n\n--B\n'
        b"Content-Type: text/plain\n\n"
        + f"See {OURS}\n".encode()
        + b"--B\nContent-Type: application/pkcs7-signature\n"
        b"Content-Transfer-Encoding: base64\n\nAAAA\n--B--\n"
    )
    assert replaced(raw) == raw.replace(OURS.encode(), THEIRS.encode())


def test_an_encrypted_email_stays():
    raw = (
        b'Content-Type: application/pkcs7-mime; name="smime.p7m"\n'
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(PLAIN.encode())
    )
    assert AttachedEmail(raw).texts == []
    assert replaced(raw) is raw


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"Content-Type: text/html; charset=no-such\n\n<p>%s \xff</p>",
        b"Content-Type: text/html; charset=utf-8\n\n<p>%s \xff</p>\n",
        b"Content-Type: text/plain; charset=us-ascii\n\n%s \xc3\xa9\n",
        b"Content-Type: multipart/mixed\n\nno boundary %s\n",
        b'Content-Type: multipart/mixed; boundary="B"\n\n--B\n\n%s',
        b"Content-Transfer-Encoding: x-unknown\n\n%s\n",
        b"no header at all\n\n%s\n",
        b"Content-Type: message/rfc822\n\nSubject: x\n\n%s\n",
    ],
)
def test_malformed_emails(raw):
    raw = raw.replace(b"%s", OURS.encode())
    new = replaced(raw)
    assert OURS.encode() not in new
    assert raw.replace(OURS.encode(), THEIRS.encode()).strip() in new


def test_binary_parts_are_unchanged():
    """Python's generator would change the line ends of binary parts."""
    raw = (
        b'Content-Type: multipart/mixed; boundary="B"\n\n'
        b"--B\nContent-Type: text/plain\n\n" + OURS.encode() + b"\n"
        b"--B\nContent-Type: image/png\nContent-Transfer-Encoding: binary\n\n"
        b"\x00\x01\r\x02\r\n\xff\n--B--\n"
    )
    assert replaced(raw) == raw


def test_very_long_parameters_take_no_time():
    """Python's parser of parameters takes quadratic time."""
    raw = b"Content-Type: text/plain; " + b";" * 2_000_000 + b"\n\n" + OURS.encode()
    with within(10):
        assert replaced(raw) == raw
    addresses = b"To: " + b"a@x.example.org,\n " * 50_000 + b"b@x.example.org\n\n"
    with within(10):
        assert replaced(addresses + OURS.encode()).endswith(THEIRS.encode())


def test_an_invalid_charset_name():
    raw = b'Content-Type: text/plain; charset="a\0b"\n\n' + OURS.encode() + b"\n"
    assert OURS.encode() not in replaced(raw)


def test_uuencoded_parts_become_quoted_printable():
    lines = f"begin 666 -\n{binascii.b2a_uu(OURS.encode()[:45]).decode()}"
    lines += f"{binascii.b2a_uu(OURS.encode()[45:]).decode()}`\nend\n"
    raw = f"Content-Transfer-Encoding: x-uuencode\n\n{lines}".encode()
    new = read(replaced(raw))
    assert new["Content-Transfer-Encoding"] == "quoted-printable"
    assert new.get_payload(decode=True).strip() == THEIRS.encode()


def test_lines_are_not_too_long():
    raw = f"Content-Type: text/plain\n\nSee {OURS}\n".encode()
    attached = AttachedEmail(raw)
    (text,) = attached.texts
    content = text.content.replace(OURS, f"https://x.com/{'a' * 5000}é")
    new = attached.replace([content])
    assert max(map(len, new.splitlines())) < 998
    assert quopri.decodestring(read(new).get_payload()).decode("utf-8") == content


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_any_bytes(raw, more):
    header = b"Content-Type: text/plain\n\n"
    for key in (raw, header + raw + more, b"\n" + more + OURS.encode() + raw):
        attached = AttachedEmail(key)
        assert attached.replace([text.content for text in attached.texts]) is key
        read(replaced(key))


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: text/plain\n\n" + b"a" * 20_000_000,
        b"Content-Type: text/plain\n\n" + b"a\n" * 2_000_000,
        b'Content-Type: multipart/mixed; boundary="B"\n\n' + b"--B\n\nx\n" * 20_000,
        b"X: y\n" * 200_000 + b"\n",
    ],
)
def test_time_grows_with_length_only(raw):
    with within(20):
        replaced(raw + OURS.encode())
