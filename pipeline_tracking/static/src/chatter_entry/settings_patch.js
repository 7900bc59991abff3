import {Settings} from "@mail/core/common/settings_model";
import {patch} from "@web/core/utils/patch";

patch(Settings.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether the user hides chatter entries of tracked emails. */
        this.hide_tracking_entries = false;
    },

    async toggleTrackingEntries() {
        const changed = await this.store.env.services.orm.call(
            "res.users.settings",
            "set_res_users_settings",
            [[this.id]],
            {new_settings: {hide_tracking_entries: !this.hide_tracking_entries}}
        );
        this.update(changed);
    },
});
