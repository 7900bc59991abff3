"""Recognize automatic replies, such as out-of-office messages."""

# Header -> value in lower case, or None for any value; and the projects that check it.
_HEADERS = {
    "X-Autoreply": "yes",  # GitLab, osTicket
    "X-Autorespond": None,  # discourse
    "X-Autoresponder": None,  # discourse
    "X-Autoresponse": None,  # osTicket
    "X-Auto-Reply-From": None,  # osTicket
    "Precedence": "auto_reply",  # osTicket, discourse, sisimai
}


def is_automatic(message):
    """Return whether the headers of an incoming email show that a program sent it.

    RFC 3834, section 5: Auto-Submitted is "no" or absent in emails that people write.
    Programs that do not follow the RFC set other headers. X-Auto-Response-Suppress is
    not used: people's emails have this header, too (MS-OXCMAIL 2.1.3.2.20).

    :param email.message.Message message:
    :rtype: bool
    """
    submitted = (
        _read_header(message, "Auto-Submitted").partition(";")[0].partition("(")[0]
    )
    if submitted.strip() not in ("", "no"):
        return True
    return any(
        name in message and value in (None, _read_header(message, name).strip())
        for name, value in _HEADERS.items()
    )


def _read_header(message, name):
    return str(message.get(name) or "").lower()
