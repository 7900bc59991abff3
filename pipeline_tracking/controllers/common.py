from odoo import SUPERUSER_ID
from odoo.http import Response, request

from ..tools import tracking_token

# A form, and nothing else; in no frame of another site, where a click can be had by
# fraud.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)


class PublicTokenController:
    """What the addresses in tracked emails have in common: the token gives the rights,
    and who comes has no account here.
    """

    def _get_sudo_env(self):
        # Superuser: the request has no user, and the token is what gives it rights.
        return request.env(user=SUPERUSER_ID, su=True)

    def _verify(self, text, kind):
        """The token in a text, or None.

        :param str text: anything
        :param str kind: of the token
        :rtype: tracking_token.Token | None
        """
        try:
            return tracking_token.verify(text, kind, self._get_keys())
        except tracking_token.InvalidToken:
            return None

    def _get_keys(self):
        """Those of the database. Without one, or without this addon in it, no keys:
        where the module is server-wide, this address is there all the same.

        :rtype: dict[int, bytes]
        """
        if not request.db or "trackable.key" not in request.env:
            return {}
        return self._get_sudo_env()["trackable.key"]._get_keys()

    def _render_page(self, template, status=200, **values):
        """A page in the reader's language, where Odoo has it.

        :param str template: its name in this module
        :param values: that it shows
        """
        env = self._get_sudo_env()
        lang = env["res.lang"]._lang_get(request.best_lang or "").code
        page = env(context={"lang": lang})["ir.qweb"]._render(
            f"pipeline_tracking.{template}",
            {"html_lang": (lang or "en").partition("_")[0], **values},
        )
        response = Response(page.strip(), status=status, mimetype="text/html")
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    def _render_error(self, error):
        """A plain page. Raised, the error would be a page of the website."""
        return Response.load(error.get_response(request.httprequest.environ))
