"""Push changes to the web clients that have a record's chatter open."""

from collections import defaultdict

from odoo import fields
from odoo.tools import SQL

# A record and this name are the bus channel of the users who have the record's chatter
# open: see `ir.websocket`.
SUBCHANNEL = "tracking"


def push_badges(emails):
    """Push the badges of the messages that these trackable emails belong to.

    A badge counts the actions of all recipients of its message.

    :param trackable.email emails:
    """
    badges_by_record = defaultdict(list)
    # Odoo deletes the messages of most mailings.
    messages = emails.mail_message_id.exists()
    badges = messages._get_counter_badges()
    for message, emails_of_message in emails.grouped("mail_message_id").items():
        email = emails_of_message[0]
        if message.id in badges and email.res_model and email.res_id:
            badges_by_record[email.res_model, email.res_id].append(
                {"id": message.id, "tracking": badges[message.id]}
            )
    for (model, res_id), messages_data in badges_by_record.items():
        data = {"mail.message": messages_data}
        _push(emails.env, model, res_id, "mail.record/insert", data)


def push_entries(env, created, updated, deleted):
    """Push chatter entries that were created, updated or deleted.

    :param odoo.api.Environment env:
    :param mail.message created:
    :param list[tuple] updated: name of the model, id of the record, id of the message,
        written values, and whether some readers see details
    :param list[tuple] deleted: name of the model, id of the record, id of the message
    """
    for model, res_id in {(message.model, message.res_id) for message in created}:
        # Without the message: the web client fetches new messages with all their data.
        record = {"model": model, "id": res_id}
        _push(env, model, res_id, "pipeline_tracking/new_entries", record)
    # Users who have the record open may lack access to the details. Each web client
    # fetches the text that its user may see.
    detailed_ids_by_record = defaultdict(list)
    for model, res_id, message_id, _values, has_details in updated:
        if has_details:
            detailed_ids_by_record[model, res_id].append(message_id)
    for (model, res_id), message_ids in detailed_ids_by_record.items():
        changed = {"model": model, "id": res_id, "message_ids": message_ids}
        _push(env, model, res_id, "pipeline_tracking/changed_entries", changed)
    changes = [
        (
            model,
            res_id,
            {
                "id": message_id,
                "body": ["markup", str(values["body"])],
                "date": fields.Datetime.to_string(values["date"]),
            },
        )
        for model, res_id, message_id, values, has_details in updated
        if not has_details
    ]
    changes += [
        (model, res_id, {"id": message_id, "_DELETE": True})
        for model, res_id, message_id in deleted
    ]
    for model, res_id, change in changes:
        _push(env, model, res_id, "mail.record/insert", {"mail.message": [change]})


def push_buttons(emails):
    """Push that these trackable emails have changed the buttons of their records.

    The web client fetches the text that its user may see.

    :param trackable.email emails:
    """
    if not emails:
        return
    env = emails.env
    emails.flush_model(["partner_id", "res_model", "res_id"])
    for model in {"res.partner", *emails.mapped("res_model")}:
        if model in env and isinstance(env[model], env.registry["mail.thread"]):
            query = env[model]._get_records_of_trackable_emails_sql(
                SQL("SELECT unnest(%s)", emails.ids)
            )
            for (res_id,) in env.execute_query(query):
                record = {"model": model, "id": res_id}
                _push(env, model, res_id, "pipeline_tracking/changed_button", record)


def _push(env, model, res_id, notification_type, payload):
    if model in env:
        # Only users who may read the record receive this: see `ir.websocket`.
        channel = (env[model].browse(res_id), SUBCHANNEL)
        env["bus.bus"]._sendone(channel, notification_type, payload)
