import {ScheduledMessage} from "@mail/chatter/web/scheduled_message_model";
import {patch} from "@web/core/utils/patch";

patch(ScheduledMessage.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether the user who scheduled this email turned tracking on. */
        this.is_tracked = false;
    },
});
