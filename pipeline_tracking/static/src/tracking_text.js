import {_t} from "@web/core/l10n/translation";

/**
 * The tracking of one message, as `_prepare_tracking_badge` returns it, or the reason why
 * the message is not tracked. Times are in UTC.
 *
 * @typedef {object} Tracking
 * @property {number} [opens] opens by recipients
 * @property {number} [clicks] clicks by recipients, without downloads
 * @property {number} [downloads] downloads by recipients
 * @property {number} [possible_opens] opens that may not be by recipients
 * @property {number} [recipients] recipients outside the company, tracked or not
 * @property {number} [opened] recipients who opened the email
 * @property {number} [clicked] recipients who clicked
 * @property {number} [downloaded] recipients who downloaded
 * @property {number} [replied] recipients who replied
 * @property {string|false} [last_action] time of the last open, click or download
 * @property {string|false} [last_reply] time of the last recipient's first reply
 * @property {boolean} [stopped] tracking is stopped for all recipients
 * @property {string} [untracked] text that says why the message is not tracked
 */

/** The icon of each kind of action. */
export const ICONS = {
    open: "fa-eye",
    click: "fa-mouse-pointer",
    download: "fa-download",
    reply: "fa-reply",
};

/** The state of a badge, for the strongest kind of action. */
const STATES = {
    open: "opened",
    click: "clicked",
    download: "downloaded",
    reply: "replied",
};

/**
 * The text of a badge, with its icon and the time to show after the text. Either text or
 * icon shows the state.
 *
 * @typedef {object} BadgeText
 * @property {string} text
 * @property {string} icon class of the icon
 * @property {string} state
 * @property {string|false} [time] in UTC
 */

/**
 * Return the strongest kind of action by recipients.
 *
 * @param {Tracking} tracking
 * @returns {"reply"|"download"|"click"|"open"|undefined}
 */
function getStrongestAction({opens, clicks, downloads, replied}) {
    if (replied) {
        return "reply";
    }
    if (downloads) {
        return "download";
    }
    if (clicks) {
        return "click";
    }
    return opens ? "open" : undefined;
}

/** Return what the only recipient did, and how often. */
function describeOne(kind, {opens, clicks, downloads}) {
    switch (kind) {
        case "reply":
            return _t("Replied");
        case "download":
            return downloads > 1 ? _t("Downloaded %s×", downloads) : _t("Downloaded");
        case "click":
            return clicks > 1 ? _t("Clicked %s×", clicks) : _t("Clicked");
        default:
            return opens > 1 ? _t("Opened %s×", opens) : _t("Opened");
    }
}

/** Return how many recipients did something. */
function describeSeveral(kind, {recipients, opened, clicked, downloaded, replied}) {
    const words = [
        _t("%(count)s of %(total)s opened", {count: opened, total: recipients}),
    ];
    if (kind === "reply") {
        words.push(_t("%s replied", replied));
    } else if (kind === "download") {
        words.push(_t("%s downloaded", downloaded));
    } else if (kind === "click") {
        words.push(_t("%s clicked", clicked));
    }
    return words.join(" · ");
}

/**
 * Return the text of a message's badge. The strongest action decides.
 *
 * @param {Tracking} tracking
 * @returns {BadgeText}
 */
export function describeTracking(tracking) {
    const {possible_opens: possibleOpens, untracked} = tracking;
    const {last_action: lastAction, last_reply: lastReply} = tracking;
    if (untracked) {
        return {text: untracked, icon: "fa-eye-slash", state: "untracked"};
    }
    const kind = getStrongestAction(tracking);
    if (kind) {
        const isForSeveral = tracking.recipients > 1;
        const times = [lastAction, lastReply].filter(Boolean).sort();
        return {
            text: isForSeveral
                ? describeSeveral(kind, tracking)
                : describeOne(kind, tracking),
            icon: ICONS[kind],
            state: STATES[kind],
            time:
                kind === "reply" && !isForSeveral ? lastReply : times[times.length - 1],
        };
    }
    if (possibleOpens) {
        return {
            text: _t("May have been opened"),
            icon: "fa-question-circle-o",
            state: "maybe",
        };
    }
    if (tracking.stopped) {
        return {text: _t("No longer tracked"), icon: "fa-ban", state: "stopped"};
    }
    return {
        text:
            tracking.recipients > 1
                ? describeSeveral(undefined, {...tracking, opened: 0})
                : _t("Not opened yet"),
        icon: "fa-circle-o",
        state: "unopened",
    };
}
