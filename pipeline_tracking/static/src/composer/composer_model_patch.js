import {Composer} from "@mail/core/common/composer_model";
import {Store} from "@mail/core/common/store_service";
import {patch} from "@web/core/utils/patch";

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether what this user writes starts with Tracked on. */
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
         * What the user chose; until then, his preference holds.
         *
         * @type {boolean|undefined}
         */
        this.isTrackingAsked = undefined;
        /**
         * Why what is written here cannot be tracked.
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
