"""Emails that no person has written: an absent person's mailbox answers by itself."""

# Header -> what it says, in lower case; None: whatever it says.
_SIGNS = {
    "X-Autoreply": "yes",  # GitLab, osTicket
    "X-Autorespond": None,  # discourse
    "X-Autoresponder": None,  # discourse
    "X-Autoresponse": None,  # osTicket
    "X-Auto-Reply-From": None,  # osTicket
    "Precedence": "auto_reply",  # osTicket, discourse, sisimai
}


def is_automatic(message):
    """Whether an incoming email says that a program has sent it.

    RFC 3834, section 5: Auto-Submitted is "no" or absent in what people write. Other
    headers are of programs that do not follow it, as the projects named above know
    them. X-Auto-Response-Suppress is none of them: people's mail has it too
    (MS-OXCMAIL 2.1.3.2.20).

    :param email.message.Message message:
    :rtype: bool
    """
    submitted = _read(message, "Auto-Submitted").partition(";")[0].partition("(")[0]
    if submitted.strip() not in ("", "no"):
        return True
    return any(
        name in message and said in (None, _read(message, name).strip())
        for name, said in _SIGNS.items()
    )


def _read(message, name):
    return str(message.get(name) or "").lower()
