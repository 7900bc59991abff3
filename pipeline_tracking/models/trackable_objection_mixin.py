from odoo import models

from ..tools import rewrite


class TrackableObjectionMixin(models.AbstractModel):
    """Of outgoing emails: the link at the end of tracked copies by which the recipient
    objects to being tracked.
    """

    _name = "trackable.objection.mixin"
    _description = "Trackable Objection Mixin"

    def _get_placeholders(self):
        return [*super()._get_placeholders(), self._get_objection_placeholder()]

    def _get_trackable_links(self, document):
        # It is no link of the message's: nobody counts who follows it.
        placeholder = self._get_objection_placeholder()
        return [
            link
            for link in super()._get_trackable_links(document)
            if link.url != placeholder
        ]

    def _get_objection_placeholder(self):
        """Where the link leads as long as it is nobody's copy: as no author would write
        it.
        """
        return f"{self._get_own_url()}/t/stop#objection"

    def _add_objection_link(self, body):
        """The body with the link, where the company wants it.

        :param str body: HTML
        :rtype: str
        """
        if not self._get_trackable_company().tracking_objection_link:
            return body
        qweb = self.env["ir.qweb"].with_context(lang=self._get_recipient_lang())
        link = qweb._render(
            "pipeline_tracking.objection_link",
            {"url": self._get_objection_placeholder()},
        )
        # The line breaks of the template are none of the plain text's.
        return rewrite.Document(body).rewrite({}, addition=" ".join(link.split()))
