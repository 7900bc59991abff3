"""Warn about links that stop working (extends base.module.uninstall)."""

from odoo import api, fields, models
from odoo.tools import formatLang

from ...lane.databases import MODULE, is_server_wide


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    tracked_links_warning = fields.Text(compute="_compute_tracked_links_warning")

    @api.depends("module_ids")
    def _compute_tracked_links_warning(self):
        for wizard in self:
            # Odoo also uninstalls the modules that depend on an uninstalled module.
            is_uninstalled = MODULE in wizard._get_modules().mapped("name")
            wizard.tracked_links_warning = (
                is_uninstalled and wizard._get_tracked_links_warning()
            )

    def _get_tracked_links_warning(self):
        """Describe which links stop working, and the steps before uninstalling.

        :return: "" if there is nothing to warn about
        :rtype: str
        """
        paragraphs = []
        uninstall = self.env["trackable.uninstall"]
        count = uninstall._count_sent_links()
        if count:
            paragraphs.append(
                self.env._(
                    "%(count)s links in sent emails will stop working. Before that,"
                    " Odoo writes their destinations to %(folder)s on the server, so"
                    " that your web server can keep redirecting these links. See"
                    " /pipeline_tracking/docs/uninstall in this Odoo.",
                    count=formatLang(self.env, count, digits=0),
                    folder=uninstall._get_link_list_folder(),
                )
            )
        if is_server_wide() and MODULE in self.module_ids.mapped("name"):
            paragraphs.append(
                self.env._(
                    "Before uninstalling, remove pipeline_tracking from"
                    " server_wide_modules in Odoo's configuration file and restart"
                    " Odoo. Otherwise Odoo refuses to uninstall this module."
                )
            )
        return "\n\n".join(paragraphs)
