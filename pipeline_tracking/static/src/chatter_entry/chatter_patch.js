import {Chatter} from "@mail/chatter/web_portal/chatter";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

patch(Chatter.prototype, {
    /** The button that hides or shows entries; only chatters with entries have it. */
    get trackingEntryToggle() {
        const isPressed = !this.store.settings.hide_tracking_entries;
        const count = this.state.thread.messages.filter(
            (message) => message.is_tracking_entry
        ).length;
        return {
            count, // of loaded entries, hidden or not
            isPressed,
            label: _t("Trackable email actions (%s)", count),
            title: isPressed
                ? _t("Hide trackable email actions")
                : _t("Show trackable email actions"),
        };
    },
});
