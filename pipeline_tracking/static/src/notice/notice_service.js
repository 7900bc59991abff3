import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {format, merge, openAction} from "./notice_toast";
import {registry} from "@web/core/registry";
import {session} from "@web/session";
import {user} from "@web/core/user";

const BUS_TYPE = "pipeline_tracking/notice";
const AUTOCLOSE_DELAY = 10000;
// Notifications that arrive together, for example after time offline, are merged.
const GATHER_DELAY = 300;
// Other visible tabs wait, so that the main tab shows the notification first.
const OTHER_TAB_DELAY = 700;

function wait(delay) {
    return new Promise((resolve) => browser.setTimeout(resolve, delay));
}

function targetKey(target) {
    // A push notification about several emails opens a list.
    return target && target.id ? `${target.model},${target.id}` : "list";
}

/**
 * Notifies the user about opens and clicks of their emails. A notification is shown once,
 * in a visible tab or in the first tab that becomes visible.
 */
export class Notices {
    constructor({
        action,
        bus_service: bus,
        "mail.store": store,
        multi_tab: multiTab,
        notification,
    }) {
        this.action = action;
        this.store = store;
        this.multiTab = multiTab;
        this.notification = notification;
        this.pending = new Map();
        this.shownElsewhere = new Set();
        this.poppedUpTargets = new Set();
        this.isPlanned = false;
        this.channel = this._openChannel();
        bus.subscribe(BUS_TYPE, (payload, {id}) => this.receive(id, payload));
        bus.start();
        browser.addEventListener("visibilitychange", () => this.plan(), true);
        browser.navigator.serviceWorker?.addEventListener("message", ({data}) =>
            this.answerServiceWorker(data)
        );
    }

    _openChannel() {
        try {
            const channel = new browser.BroadcastChannel(
                `${BUS_TYPE}/${session.db}/${user.userId}`
            );
            channel.onmessage = ({data: ids}) => this.forget(ids);
            return channel;
        } catch {
            return null; // BroadcastChannel is not supported (Safari before 15.4)
        }
    }

    receive(id, payload) {
        this.poppedUpTargets.add(targetKey(payload.target));
        if (!this.shownElsewhere.delete(id)) {
            this.pending.set(id, payload);
            this.plan();
        }
    }

    /**
     * Tell Odoo's service worker not to display a push notification about news that this
     * tab shows.
     *
     * The web client already displays a message in the messages menu as a notification
     * of the desktop. A hidden tab does not show a pop-up.
     */
    answerServiceWorker({type, payload} = {}) {
        // Odoo's own push notifications have a number as `res_id`.
        if (
            type !== "notification-display-request" ||
            typeof payload.res_id !== "string"
        ) {
            return;
        }
        const key = targetKey({model: payload.model, id: payload.res_id});
        if (
            this.store.trackingNotice === "inbox" ||
            (!document.hidden && this.poppedUpTargets.delete(key))
        ) {
            browser.navigator.serviceWorker.controller?.postMessage({
                type: "notification-display-response",
                payload: {correlationId: payload.correlationId},
            });
        }
    }

    /** Drop notifications that another tab has shown, also if they arrive here later. */
    forget(ids) {
        for (const id of ids) {
            if (!this.pending.delete(id)) {
                this.shownElsewhere.add(id);
            }
        }
    }

    async plan() {
        if (this.isPlanned || !this.pending.size || document.hidden) {
            return;
        }
        this.isPlanned = true;
        await wait(GATHER_DELAY);
        // `isOnMainTab` may never resolve: wait no longer than this.
        await Promise.race([this._isMainTab(), wait(OTHER_TAB_DELAY)]);
        this.isPlanned = false;
        this.show();
    }

    /** Resolve if this is the main tab. In other tabs, never resolve. */
    async _isMainTab() {
        if (!(await this.multiTab.isOnMainTab())) {
            await new Promise(() => {});
        }
    }

    show() {
        if (!this.pending.size || document.hidden) {
            return;
        }
        this.channel?.postMessage([...this.pending.keys()]);
        const notice = merge([...this.pending.values()]);
        this.pending.clear();
        const close = this.notification.add(format(notice), {
            type: "info",
            className: "o_pipeline_tracking_notice",
            autocloseDelay: AUTOCLOSE_DELAY,
            buttons: [
                {
                    name: _t("Show"),
                    primary: true,
                    onClick: () => {
                        close();
                        this.action.doAction(openAction(notice));
                    },
                },
            ],
        });
    }
}

export const noticeService = {
    dependencies: ["action", "bus_service", "mail.store", "multi_tab", "notification"],
    start(env, services) {
        return new Notices(services);
    },
};

registry.category("services").add("pipeline_tracking.notice", noticeService);
