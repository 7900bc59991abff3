from pathlib import Path

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import Response, request
from odoo.tools import file_path

from ..tools import documentation
from .common import PAGE_POLICY

# The order of the pages in the navigation. Other pages come last.
ORDER = (
    *("salesperson", "mailings", "opened", "administrator", "troubleshooting"),
    *("privacy", "security", "scaling", "uninstall", "developers", "field"),
)
DOCS_POLICY = f"{PAGE_POLICY}; img-src 'self'"


class DocumentationController(http.Controller):
    """Show the pages of the documentation that belong to the installed version."""

    @http.route(
        "/pipeline_tracking/docs/<string:name>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def show_page(self, name):
        """Show a page to an internal user.

        :param str name: of a file in `docs/`, without its suffix
        :raise NotFound: there is no such page, or the user is not internal
        """
        files = {file.stem: file for file in self._get_pages()}
        if name not in files or not request.env.user._is_internal():
            raise NotFound()
        texts = {page: file.read_text("utf-8") for page, file in files.items()}
        titles = {page: documentation.get_title(text) for page, text in texts.items()}
        html = request.env["ir.qweb"]._render(
            "pipeline_tracking.documentation_page",
            {
                "name": name,
                "titles": titles,
                "content": documentation.render_page(texts[name]),
            },
        )
        response = Response(html.strip(), mimetype="text/html")
        response.headers["Content-Security-Policy"] = DOCS_POLICY
        return response

    def _get_pages(self):
        """Return the Markdown files of the documentation, in the order of the
        navigation.

        :rtype: list[Path]
        """
        positions = {name: position for position, name in enumerate(ORDER)}
        return sorted(
            Path(file_path("pipeline_tracking/docs")).glob("*.md"),
            key=lambda file: (positions.get(file.stem, len(ORDER)), file.stem),
        )
