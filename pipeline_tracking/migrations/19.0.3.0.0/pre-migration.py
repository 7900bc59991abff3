"""The scheduled action has a new name. Its record is not updated with the module."""

from odoo.tools import SQL

OLD_NAME = "Trackable Emails: process hits"
NEW_NAME = "Email Tracking: process opens and clicks"


def migrate(cr, _version):
    """Rename the scheduled action unless an administrator has renamed it. Translations
    of the old name are removed, so that the upgrade loads those of the new name.
    """
    cr.execute(
        SQL(
            """
            WITH job AS (
                SELECT ir_cron.id, ir_cron.ir_actions_server_id
                  FROM ir_cron
                  JOIN ir_model_data
                    ON ir_model_data.model = 'ir.cron'
                   AND ir_model_data.res_id = ir_cron.id
                   AND ir_model_data.module = 'pipeline_tracking'
                   AND ir_model_data.name = 'ir_cron_process_hits'
                 WHERE ir_cron.cron_name = %(old_name)s
            ), renamed AS (
                UPDATE ir_act_server
                   SET name = jsonb_build_object('en_US', %(new_name)s::text)
                  FROM job
                 WHERE ir_act_server.id = job.ir_actions_server_id
            )
            UPDATE ir_cron
               SET cron_name = %(new_name)s
              FROM job
             WHERE ir_cron.id = job.id
            """,
            old_name=OLD_NAME,
            new_name=NEW_NAME,
        )
    )
