"""Recognise automatic replies: an absent person's mailbox answers by itself."""

# Header -> its value in lower case; None: any value.
_HEADERS = {
    "X-Autoreply": "yes",  # GitLab, osTicket
    "X-Autorespond": None,  # discourse
    "X-Autoresponder": None,  # discourse
    "X-Autoresponse": None,  # osTicket
    "X-Auto-Reply-From": None,  # osTicket
    "Precedence": "auto_reply",  # osTicket, discourse, sisimai
}


def is_automatic(message):
    """Return whether the headers of an incoming email say that a program has sent it.

    RFC 3834, section 5: Auto-Submitted is "no" or absent in emails that people write.
    Programs that do not follow it set other headers, which the projects above know.
    X-Auto-Response-Suppress is not among them: people's emails have it too (MS-OXCMAIL
    2.1.3.2.20).

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
