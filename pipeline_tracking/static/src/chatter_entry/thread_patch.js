import {Thread} from "@mail/core/common/thread";
import {patch} from "@web/core/utils/patch";
import {toRaw, useEffect} from "@odoo/owl";

const AT_TOP_PX = 30; // as in Odoo's `isAtBottom`

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        // Odoo loads older messages when "Load More" comes into view. If all of them
        // are hidden, "Load More" stays in view.
        useEffect(
            (_count, isVisible, areHidden) => {
                if (isVisible && areHidden) {
                    toRaw(this.props.thread).fetchMoreMessages();
                }
            },
            () => [
                this.props.thread.messages.length,
                this.loadOlderState.isVisible,
                this.hidesTrackingEntries,
            ]
        );
    },

    /** Whether the chatter hides entries of tracked emails. */
    get hidesTrackingEntries() {
        return Boolean(this.env.inChatter && this.store.settings.hide_tracking_entries);
    },

    get orderedMessages() {
        const messages = super.orderedMessages;
        return this.hidesTrackingEntries
            ? messages.filter((message) => !message.is_tracking_entry)
            : messages;
    },

    /**
     * Show a new entry to users who are at the top of a chatter. Odoo keeps the messages
     * below in place, so that the new message would disappear above.
     */
    applyScrollContextually(thread) {
        const newest = thread.newestPersistentMessage;
        const isNewEntry =
            newest?.is_tracking_entry && newest.id > this.newestPersistentMessage?.id;
        if (
            isNewEntry &&
            this.env.inChatter &&
            this.props.order === "desc" &&
            this.snapshot?.scrollTop < AT_TOP_PX
        ) {
            this.setScroll(0);
        } else {
            super.applyScrollContextually(...arguments);
        }
    },
});
