from odoo import SUPERUSER_ID
from odoo.http import Response, request

from ..tools import tracking_token

# A page can only submit its form. No other site can frame it to steal a click.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)


class PublicTokenController:
    """Verify tokens and render plain pages, for all public URLs in tracked emails.

    The token grants access: recipients have no account.
    """

    def _get_sudo_env(self):
        # Superuser: the request has no user, and its token grants access.
        return request.env(user=SUPERUSER_ID, su=True)

    def _verify(self, text, kind):
        """Return the token in a text, or None if no key of the database signed this
        kind of token.

        :param str text: any text
        :param str kind: the expected kind of the token
        :rtype: tracking_token.Token | None
        """
        try:
            return tracking_token.verify(text, kind, self._get_keys())
        except tracking_token.InvalidToken:
            return None

    def _get_keys(self):
        """Return the keys of the database. There are no keys without a database, or if
        this addon is not installed in the database: a server-wide module serves its
        URLs even then.

        :return: key id -> secret
        :rtype: dict[int, bytes]
        """
        if not request.db or "trackable.key" not in request.env:
            return {}
        return self._get_sudo_env()["trackable.key"]._get_keys()

    def _render_page(self, template, status=200, **values):
        """Render a page in the reader's language, if the database has the language.

        :param str template: the template's name in this module
        :param values: the values that the page shows
        :rtype: odoo.http.Response
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
        """Render a plain error page. A raised error would become a website page."""
        return Response.load(error.get_response(request.httprequest.environ))
