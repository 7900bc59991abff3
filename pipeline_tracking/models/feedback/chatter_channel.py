from collections import defaultdict

from odoo import api, fields, models

# With a record: the bus channel of who has it open, see `ir.websocket`.
SUBCHANNEL = "tracking"


class TrackableLiveMixin(models.AbstractModel):
    """What changes in chatters that are open is told to them over the bus."""

    _name = "trackable.live.mixin"
    _description = "Trackable Live Mixin"

    def _tell_badges(self):
        """Of trackable emails: bring the badges of their messages in step. Each is of
        all the message's recipients.
        """
        badges_by_record = defaultdict(list)
        # Of most mailings, none is kept.
        messages = self.mail_message_id.exists()
        badges = messages._count_tracking()
        for message, emails in self.grouped("mail_message_id").items():
            email = emails[0]
            if message.id in badges and email.res_model and email.res_id:
                badges_by_record[email.res_model, email.res_id].append(
                    {"id": message.id, "tracking": badges[message.id]}
                )
        for (model, res_id), badges in badges_by_record.items():
            self._tell(model, res_id, "mail.record/insert", {"mail.message": badges})

    @api.model
    def _tell_entries(self, created, updated, deleted):
        """Bring chatter entries in step.

        :param mail.message created:
        :param list[tuple] updated: model, record and message, by name and ids; what was
            written; and whether some of the readers see details
        :param list[tuple] deleted: likewise, without the last two
        """
        for model, res_id in {(message.model, message.res_id) for message in created}:
            # Who has the record open fetches them: a message is more than its text.
            record = {"model": model, "id": res_id}
            self._tell(model, res_id, "pipeline_tracking/new_entries", record)
        # Not everyone who has the record open may know the details: each web client
        # asks for the text that its user may see.
        detailed = defaultdict(list)
        for model, res_id, message_id, _values, has_details in updated:
            if has_details:
                detailed[model, res_id].append(message_id)
        for (model, res_id), message_ids in detailed.items():
            changed = {"model": model, "id": res_id, "message_ids": message_ids}
            self._tell(model, res_id, "pipeline_tracking/changed_entries", changed)
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
            self._tell(model, res_id, "mail.record/insert", {"mail.message": [change]})

    @api.model
    def _tell(self, model, res_id, notification_type, payload):
        if model in self.env:
            # Only who may read the record gets there: see `ir.websocket`.
            channel = (self.env[model].browse(res_id), SUBCHANNEL)
            self.env["bus.bus"]._sendone(channel, notification_type, payload)
