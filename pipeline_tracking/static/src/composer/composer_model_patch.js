import {Composer} from "@mail/core/common/composer_model";
import {Store} from "@mail/core/common/store_service";
import {patch} from "@web/core/utils/patch";

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether new emails of this user start with Tracked on. */
        this.tracksEmails = false;
    },

    async getMessagePostParams({postData}) {
        const params = await super.getMessagePostParams(...arguments);
        if (postData.isTracked) {
            params.post_data.is_tracked = true;
            if (postData.attachFiles) {
                params.post_data.attach_files = true;
            }
        }
        return params;
    },
});

patch(Composer.prototype, {
    setup() {
        super.setup(...arguments);
        /**
         * The user's choice for this email. Undefined applies the user's preference.
         *
         * @type {boolean|undefined}
         */
        this.isTrackingAsked = undefined;
        /** Whether the user attaches the files of this tracked email. */
        this.attachFiles = false;
        /**
         * The server's prediction for this email, or false if it is not known.
         *
         * @type {import("./tracking_choice_text").TrackingPreview|false}
         */
        this.trackingPreview = false;
    },

    get wantsTracking() {
        return this.isTrackingAsked ?? this.store.tracksEmails;
    },

    clear() {
        super.clear(...arguments);
        this.isTrackingAsked = undefined;
        this.attachFiles = false;
        this.trackingPreview = false;
    },
});
