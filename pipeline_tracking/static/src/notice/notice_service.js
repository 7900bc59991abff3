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

/**
 * Notifies the user about opens and clicks of their emails. A notification is shown once,
 * in a visible tab or in the first tab that becomes visible.
 */
export class Notices {
    constructor({action, bus_service: bus, multi_tab: multiTab, notification}) {
        this.action = action;
        this.multiTab = multiTab;
        this.notification = notification;
        this.pending = new Map();
        this.shownElsewhere = new Set();
        this.isPlanned = false;
        this.channel = this._openChannel();
        bus.subscribe(BUS_TYPE, (payload, {id}) => this.receive(id, payload));
        bus.start();
        browser.addEventListener("visibilitychange", () => this.plan(), true);
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
        if (!this.shownElsewhere.delete(id)) {
            this.pending.set(id, payload);
            this.plan();
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
        const {title, message} = format(notice);
        const close = this.notification.add(message, {
            title,
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
    dependencies: ["action", "bus_service", "multi_tab", "notification"],
    start(env, services) {
        return new Notices(services);
    },
};

registry.category("services").add("pipeline_tracking.notice", noticeService);
