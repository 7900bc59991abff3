"""Send requests to Odoo over HTTP, as its web client does."""

import lxml.html

from ..setup.console import Problem
from . import loopback

ENTRY_SUBTYPE = "pipeline_tracking.mt_trackable_email_action"


class Client:
    """The session of a logged-in user.

    :param str url: of Odoo
    :param str database:
    :raise Problem: when the login fails
    """

    def __init__(self, url, database, login, password):
        self._url = url
        self._session = loopback.http_session()
        user = self._ask(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.uid = user["uid"]
        self.time_zone = user["user_context"]["tz"]
        self.name = user["name"]
        self.partner_id = user["partner_id"]

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model; return its result.

        :raise Problem: when the method raises, with the server's traceback
        """
        return self._ask(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def search(self, model, domain, fields, **kwargs):
        """Search records; return a dictionary for each record."""
        return self.call(model, "search_read", domain, fields, **kwargs)

    def ref(self, xmlid):
        """Return the id of the record with an external id."""
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        return self.search("ir.model.data", domain, ["res_id"])[0]["res_id"]

    def _ask(self, path, params):
        response = self._session.post(
            self._url + path, json={"jsonrpc": "2.0", "params": params}, timeout=120
        )
        response.raise_for_status()
        answer = response.json()
        if "error" in answer:
            error = answer["error"]
            raise Problem(
                f"Odoo at {self._url} refused a request: {error['message']}: "
                f"{error['data']['message']}\n"
                f"{error['data'].get('debug', '')}"
            )
        return answer.get("result")  # missing when a method returns None


def read_tracking_entries(client, model, res_id):
    """Read the tracking entries in a record's chatter, oldest first.

    :param Client client:
    :return: the texts of the entries
    :rtype: list[str]
    """
    messages = client.search(
        "mail.message",
        [
            ("model", "=", model),
            ("res_id", "=", res_id),
            ("subtype_id", "=", client.ref(ENTRY_SUBTYPE)),
        ],
        ["id"],
        order="id",
    )
    ids = [message["id"] for message in messages]
    # the web client shows these texts; the text stored on a contact names no link
    shown = client.call("mail.message", "get_tracking_entries", ids)
    bodies = {
        message["id"]: message["body"][1]
        for message in shown.get("mail.message", ())
        if "body" in message  # not an email that an entry links to
    }
    return [_read_text(bodies[message_id]) for message_id in ids]


def _read_text(body):
    element = lxml.html.fragment_fromstring(body, "div")
    return " ".join(element.text_content().split())
