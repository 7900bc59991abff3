import {Store} from "@mail/core/common/store_service";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {registry} from "@web/core/registry";

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** Text of the warning that opens and clicks are not processed, or "". */
        this.trackingStallWarning = "";
    },
});

/** Warns administrators that opens and clicks are not processed. */
export const stallWarningService = {
    dependencies: ["action", "mail.store", "notification"],
    start(env, {action, "mail.store": store, notification}) {
        if (!store.trackingStallWarning) {
            return;
        }
        const close = notification.add(store.trackingStallWarning, {
            title: _t("Email Tracking"),
            type: "warning",
            sticky: true,
            className: "o_pipeline_tracking_notice",
            buttons: [
                {
                    name: _t("Open Queue"),
                    primary: true,
                    onClick: () => {
                        close();
                        action.doAction(
                            "pipeline_tracking.trackable_hit_action_window"
                        );
                    },
                },
            ],
        });
    },
};

registry
    .category("services")
    .add("pipeline_tracking.stall_warning", stallWarningService);
