# Copyright 2026 The pipeline_tracking authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Pipeline Tracking",
    "summary": "See in the chatter when a customer opens an email, a link or a file",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "The pipeline_tracking authors",
    "depends": ["mail", "mass_mailing"],
    "data": [
        "security/pipeline_tracking_groups.xml",
        "security/ir.model.access.csv",
        "security/pipeline_tracking_rules.xml",
        "data/mail_message_subtype_data.xml",
        "data/ir_cron_data.xml",
        "views/file_links_templates.xml",
        "views/plain_page_templates.xml",
        "views/trackable_link_views.xml",
        "views/trackable_email_views.xml",
        "views/trackable_email_action_views.xml",
        "views/mail_compose_message_views.xml",
        "views/res_users_views.xml",
        "views/res_config_settings_views.xml",
        "views/pipeline_tracking_menus.xml",
    ],
    "assets": {
        "web.assets_tests": ["pipeline_tracking/static/tests/tours/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "application": True,
    "installable": True,
}
