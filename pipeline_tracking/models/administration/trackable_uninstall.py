import logging
import os
import re
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config, str2bool

from ...tools import address, redirect_map, tracking_token

_logger = logging.getLogger(__name__)

# System parameter: uninstall without writing the list of links.
WITHOUT_LIST = "pipeline_tracking.uninstall_without_list"
LINK_BATCH_SIZE = 2000  # rows
# The links of each copy of a mailing are not stored, because copies can differ. The
# list therefore contains all links of the mailing for each email: at most
# MAX_MAILING_LINES pairs of email and link for a mailing, but at least the first
# MAX_LINKS links for each email. Usual newsletters have fewer links than MAX_LINKS.
MAX_MAILING_LINES = 2_000_000
MAX_LINKS = 100
HEADING = """\
# Links of tracked emails and their destinations, for nginx. See docs/uninstall.md.
# Keep this list secret: with its addresses, anyone can download the sent files.
"""


class TrackableUninstall(models.AbstractModel):
    """Prepare an uninstallation: keep links, files and chatters working after it."""

    _name = "trackable.uninstall"
    _description = "Email Tracking Uninstallation"

    @api.model
    def _prepare_uninstall(self):
        """Write the list of links, keep files and entries usable, and delete leftovers.
        Call this method while all data of the addon still exists.
        """
        self.env.flush_all()
        # sudo: ir.config_parameter - readable by administrators only
        parameters = self.env["ir.config_parameter"].sudo()
        if str2bool(parameters.get_param(WITHOUT_LIST), False):
            _logger.warning(
                "The links of tracked emails are not listed, because the system"
                " parameter %s is set",
                WITHOUT_LIST,
            )
        else:
            self._write_link_list_or_refuse()
        self._convert_entries_to_notes()
        self._describe_linked_files()
        self._remove_leftovers()
        parameters.search([("key", "=like", r"pipeline\_tracking.%")]).unlink()

    # ------------------------------------------------------------
    # The list of links
    # ------------------------------------------------------------

    @api.model
    def _get_link_list_folder(self):
        """Return where the list is written. It is not configurable in the database.

        :rtype: Path
        """
        return Path(config["data_dir"]) / "pipeline_tracking"

    @api.model
    def _count_sent_links(self):
        """Count the links in emails that were sent.

        :rtype: int
        """
        self.env["trackable.email"].flush_model()
        [(count,)] = self.env.execute_query(
            SQL(
                "SELECT coalesce(sum(link_count), 0) FROM trackable_email"
                " WHERE sent_date IS NOT NULL"
            )
        )
        return count

    @api.model
    def _write_link_list_or_refuse(self):
        """Write the list of links, or refuse to uninstall: the list cannot be restored
        later.

        :raise UserError: the list could not be written
        """
        try:
            self._write_link_list()
        except Exception as error:  # the message says how to go on
            _logger.exception("The links of tracked emails could not be listed")
            raise UserError(
                self.env._(
                    "Nothing was uninstalled, because the list of links in sent emails"
                    " could not be written to %(folder)s (%(error)s).\n"
                    "Make this folder writable for Odoo, then try again. To uninstall"
                    " without the list, and lose these links, first set the system"
                    " parameter %(parameter)s to True.",
                    folder=self._get_link_list_folder(),
                    error=error,
                    parameter=WITHOUT_LIST,
                )
            ) from error

    @api.model
    def _write_link_list(self):
        """Write the destinations of all sent links that still work, for nginx.

        The file is either complete or missing. Only Odoo's user can read it. It is
        deleted if the uninstallation fails.

        :return: the file
        :rtype: Path
        :raise OSError:
        """
        folder = self._get_link_list_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = self.env.cr.dbname
        now = datetime.now(timezone.utc)
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", database)
        file = folder / f"{name}-links-{now:%Y%m%d-%H%M%S}.map"
        # mkstemp: only the owner can read the file
        descriptor, unfinished = tempfile.mkstemp(prefix=f"{file.name}.", dir=folder)
        count = 0
        try:
            with open(descriptor, "w", encoding="ascii") as output:
                output.write(HEADING)
                # The key that signed an email is unknown, and links may contain the
                # name of the database or not: write all variants.
                for line in redirect_map.render_lines(
                    self._read_link_destinations(),
                    self.env["trackable.key"]._get_keys(),
                    ["", database],
                ):
                    output.write(line)
                    count += 1
                output.flush()
                os.fsync(descriptor)
            os.replace(unfinished, file)
        except BaseException:
            # A worker's time limit must not leave a partial list behind either: the
            # list contains secret addresses of files.
            Path(unfinished).unlink(missing_ok=True)
            raise
        self.env.cr.postrollback.add(lambda: file.unlink(missing_ok=True))
        self._warn_of_unlisted_links()
        _logger.warning(
            "Wrote the destinations of links in tracked emails (%s lines) to %s. To"
            " keep these links working, see docs/uninstall.md.",
            count,
            file,
        )
        return file

    @api.model
    def _read_link_destinations(self):
        """Read the links of each tracked email, without disabled links and withdrawn
        files.

        :return: iterator of (`tracking_token.Token` without a database, destination)
        """
        self._ensure_file_tokens()
        own_url = self.env["trackable.link"].get_base_url().rstrip("/")
        cr = self.env.cr
        cr.execute(
            SQL(
                "DECLARE pipeline_tracking_links NO SCROLL CURSOR FOR %s",
                self._get_link_destinations_query(),
            )
        )
        while True:
            cr.execute(SQL("FETCH %s FROM pipeline_tracking_links", LINK_BATCH_SIZE))
            rows = cr.fetchall()
            if not rows:
                break
            for *ids_and_nonces, url, file_id, access_token in rows:
                if file_id:
                    url = address.build_file_url(own_url, file_id, access_token)
                yield tracking_token.Token(tracking_token.LINK, *ids_and_nonces), url
        cr.execute("CLOSE pipeline_tracking_links")

    @api.model
    def _get_link_destinations_query(self):
        """Build the query of the links: ids and nonces of email and link, and the
        destination; for a file, also the id and access token of the file.

        Emails and links of deleted mailings have no mailing: together they count as one
        mailing.

        :rtype: SQL
        """
        return SQL(
            """
            WITH mailing AS (%(mailings)s),
            mailing_link AS (
                SELECT *, row_number() OVER (PARTITION BY mailing_id ORDER BY id) place
                  FROM trackable_link WHERE mail_message_id IS NULL
            ),
            pair AS (
                SELECT email.id email_id, email.nonce email_nonce, link.id link_id
                  FROM trackable_email email
                  JOIN trackable_link link USING (mail_message_id)
                 UNION ALL
                SELECT email.id, email.nonce, link.id
                  FROM trackable_email email
                  JOIN mailing ON mailing.id = coalesce(email.mailing_id, 0)
                  JOIN mailing_link link
                    ON coalesce(link.mailing_id, 0) = mailing.id
                   AND link.place <= mailing.max_links
                 WHERE email.mailing_id IS NOT NULL OR mailing_trace_id IS NOT NULL
            )
            SELECT email_id, email_nonce, link.id, link.nonce,
                   link.url, file.id, file.access_token
              FROM pair
              JOIN trackable_link link ON link.id = link_id
              LEFT JOIN ir_attachment file ON file.id = link.attachment_id
             WHERE (link.is_file IS NOT TRUE OR file.id IS NOT NULL)
               AND link.disabled_date IS NULL
            """,
            mailings=self._get_mailing_limits_query(),
        )

    @api.model
    def _get_mailing_limits_query(self):
        """Build the query of the maximum number of links that are listed for each email
        of a mailing.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT coalesce(mailing_id, 0) id,
                   greatest(%s, %s / count(*)) max_links
              FROM trackable_email
             WHERE mailing_id IS NOT NULL OR mailing_trace_id IS NOT NULL
             GROUP BY 1
            """,
            MAX_LINKS,
            MAX_MAILING_LINES,
        )

    @api.model
    def _warn_of_unlisted_links(self):
        """Log the mailings whose links are not all listed."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH mailing AS (%s)
                SELECT mailing.id, max_links, count(*)
                  FROM mailing
                  JOIN trackable_link link
                    ON coalesce(link.mailing_id, 0) = mailing.id
                   AND link.mail_message_id IS NULL
                 GROUP BY mailing.id, max_links
                HAVING count(*) > max_links
                """,
                self._get_mailing_limits_query(),
            )
        )
        for mailing_id, max_links, count in rows:
            _logger.warning(
                "Mailing %s has %s links, more than the list can hold for each"
                " recipient. Only the first %s are listed.",
                mailing_id or "(deleted)",
                count,
                max_links,
            )

    # ------------------------------------------------------------
    # Records that stay in Odoo
    # ------------------------------------------------------------

    @api.model
    def _ensure_file_tokens(self):
        """Generate access tokens of files. Without a token, only administrators can
        read a file.
        """
        links = self.env["trackable.link"].search(
            [
                ("attachment_id", "!=", False),
                ("attachment_id.access_token", "=", False),
            ]
        )
        links.attachment_id.generate_access_token()
        links.flush_recordset()
        self.env["ir.attachment"].flush_model()

    @api.model
    def _convert_entries_to_notes(self):
        """Convert chatter entries to notes: without their subtype, entries would look
        like messages to the customer.
        """
        subtype = self.env.ref(
            "pipeline_tracking.mt_trackable_email_action", raise_if_not_found=False
        )
        if not subtype:  # deleted: entries have no subtype, and stay internal
            return
        # SQL: there can be a hundred thousand entries.
        self.env.cr.execute(
            SQL(
                "UPDATE mail_message SET subtype_id = %s WHERE subtype_id = %s",
                self.env.ref("mail.mt_note").id,
                subtype.id,
            )
        )

    @api.model
    def _describe_linked_files(self):
        """Describe in each linked file why it exists: it belongs to no record."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE ir_attachment file SET description = %s
                  FROM trackable_link link WHERE link.attachment_id = file.id
                """,
                self.env._("Sent as a link in a tracked email (Email Tracking)"),
            )
        )
        self.env.invalidate_all()
