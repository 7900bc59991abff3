import {Thread} from "@mail/core/common/thread_model";
import {fields} from "@mail/core/common/record";
import {patch} from "@web/core/utils/patch";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** True if recipients can change a badge or an entry in this thread. */
        this.hasTrackedMessages = fields.Attr(false, {
            compute() {
                return this.messages.some(
                    ({tracking, is_tracking_entry: isEntry}) =>
                        isEntry || (tracking && !tracking.untracked)
                );
            },
        });
    },
});
