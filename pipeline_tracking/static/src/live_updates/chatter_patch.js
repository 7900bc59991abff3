import {Chatter} from "@mail/chatter/web_portal/chatter";
import {patch} from "@web/core/utils/patch";
import {useEffect} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";
import {useTrackingButton} from "./tracking_button";

/**
 * Subscribe to updates of a record's tracked emails while its chatter is open. Records
 * without tracked emails need no channel.
 */
patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        const bus = useService("bus_service");
        this.updateTrackingButton = useTrackingButton(() => this.props.record);
        useEffect(
            (model, id, isLive) => {
                if (!id || !isLive) {
                    return undefined;
                }
                const channel = `pipeline_tracking/${model}/${id}`;
                const onChange = (changed) => {
                    if (changed.model === model && changed.id === id) {
                        this.updateTrackingButton();
                    }
                };
                bus.addChannel(channel);
                bus.subscribe("pipeline_tracking/changed_button", onChange);
                return () => {
                    bus.unsubscribe("pipeline_tracking/changed_button", onChange);
                    bus.deleteChannel(channel);
                };
            },
            () => [this.props.threadModel, this.props.threadId, this.hasTrackedEmails]
        );
    },

    onPostCallback() {
        super.onPostCallback(...arguments);
        const {tracking} = this.state.thread.newestPersistentMessage ?? {};
        if (tracking && !tracking.untracked) {
            this.updateTrackingButton();
        }
    },

    /**
     * Return whether the record has tracked emails. Messages in the chatter show this,
     * except on a contact: emails to the contact can be sent from other records, and
     * the contact's chatter shows no such email before the first action. The form field
     * `trackable_email_count` includes these emails.
     */
    get hasTrackedEmails() {
        return Boolean(
            this.props.record?.data.trackable_email_count ||
                this.state.thread?.hasTrackedMessages
        );
    },
});
