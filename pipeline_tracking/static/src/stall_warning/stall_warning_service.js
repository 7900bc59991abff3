import {Store} from "@mail/core/common/store_service";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {registry} from "@web/core/registry";

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** What an administrator is told where hits wait for too long. */
        this.trackingLateWarning = "";
    },
});

/** Tells an administrator, until he or she has seen it, that nothing is processed. */
export const lateWarningService = {
    dependencies: ["action", "mail.store", "notification"],
    start(env, {action, "mail.store": store, notification}) {
        if (!store.trackingLateWarning) {
            return;
        }
        const close = notification.add(store.trackingLateWarning, {
            title: _t("Tracked emails"),
            type: "warning",
            sticky: true,
            className: "o_pipeline_tracking_notice",
            buttons: [
                {
                    name: _t("Show"),
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

registry.category("services").add("pipeline_tracking.late_warning", lateWarningService);
