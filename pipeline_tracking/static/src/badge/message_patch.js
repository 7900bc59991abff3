import {Message} from "@mail/core/common/message";
import {Message as MessageModel} from "@mail/core/common/message_model";
import {TrackingBadge} from "./tracking_badge";
import {patch} from "@web/core/utils/patch";

Object.assign(Message.components, {TrackingBadge});

patch(MessageModel.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {import("../tracking_text").Tracking|undefined} */
        this.tracking = undefined;
        /** True if the message is a chatter entry of a tracked email. */
        this.is_tracking_entry = false;
    },
});
