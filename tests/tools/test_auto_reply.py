"""tools/auto_reply: distinguish automatic replies from replies of people."""

from email.message import EmailMessage

import pytest

from odoo.addons.pipeline_tracking.tools.auto_reply import is_automatic


def email(**headers):
    message = EmailMessage()
    message["From"] = "carla@customer.example.org"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "Auto-Generated"},
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Auto_Submitted": "auto-replied; owner-email=x@example.org"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "yes"},
        {"X_Autoresponder": "vacation"},
        {"X_Auto_Reply_From": "x@example.org"},
        {"Precedence": "auto_reply"},
    ],
)
def test_automatic_replies(headers):
    assert is_automatic(email(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No (a person)"},
        {"Auto_Submitted": ""},
        {"X_Autoreply": "no"},
        # Mailing lists and Exchange add these headers to emails of people.
        {"Precedence": "list"},
        {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
    ],
)
def test_replies_of_people(headers):
    assert not is_automatic(email(**headers))
