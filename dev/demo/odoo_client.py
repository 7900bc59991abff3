"""Odoo over HTTP, as its web client talks to it."""

from ..console import Problem
from . import local_http


class Client:
    """A session of a user who has logged in.

    :param str url: of Odoo
    :param str database:
    :raise Problem: when the login fails
    """

    def __init__(self, url, database, login, password):
        self._url = url
        self._session = local_http.session()
        user = self._ask(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.uid = user["uid"]
        self.time_zone = user["user_context"]["tz"]
        self.name = user["name"]
        self.partner_id = user["partner_id"]

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model; gives what it gives.

        :raise Problem: when it raises, with the server's traceback
        """
        return self._ask(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def search(self, model, domain, fields, **kwargs):
        """Search and read records; gives dictionaries."""
        return self.call(model, "search_read", domain, fields, **kwargs)

    def ref(self, xmlid):
        """The id of the record with an external id."""
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
                f"Odoo at {self._url}: {error['message']}: {error['data']['message']}\n"
                f"{error['data'].get('debug', '')}"
            )
        return answer["result"]
