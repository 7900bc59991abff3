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
        /**
         * The reason why this email cannot be tracked, or false.
         *
         * @type {string|false}
         */
        this.untrackedText = false;
    },

    get wantsTracking() {
        return this.isTrackingAsked ?? this.store.tracksEmails;
    },

    clear() {
        super.clear(...arguments);
        this.isTrackingAsked = undefined;
    },
});
