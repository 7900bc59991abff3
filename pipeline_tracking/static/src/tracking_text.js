import {_t} from "@web/core/l10n/translation";

/**
 * What the web client knows of one message's tracking: its counters, or why it is not
 * tracked.
 *
 * @typedef {object} Tracking
 * @property {number} [opens] by the recipient
 * @property {number} [clicks] by the recipient, downloads included
 * @property {number} [possible_opens] by nobody knows whom
 * @property {boolean} [stopped] nothing more is recorded
 * @property {string} [untracked] why it could not be tracked, in words
 */

/**
 * What a message's badge says, and its icon: neither says it alone.
 *
 * @param {Tracking} tracking
 * @returns {{text: string, icon: string, state: string}}
 */
export function describeTracking(tracking) {
    const {opens, clicks, possible_opens: possibleOpens, untracked} = tracking;
    if (untracked) {
        return {text: untracked, icon: "fa-eye-slash", state: "untracked"};
    }
    if (opens || clicks) {
        const words = [];
        if (opens) {
            words.push(_t("opened %s×", opens));
        }
        if (clicks) {
            words.push(_t("clicked %s×", clicks));
        }
        return {text: words.join(" · "), icon: "fa-eye", state: "opened"};
    }
    if (possibleOpens) {
        return {
            text: _t("may have been opened"),
            icon: "fa-question-circle-o",
            state: "maybe",
        };
    }
    if (tracking.stopped) {
        return {text: _t("no longer tracked"), icon: "fa-ban", state: "stopped"};
    }
    return {text: _t("not opened yet"), icon: "fa-circle-o", state: "unopened"};
}

/**
 * What the composer's button says when it is pointed at.
 *
 * @param {boolean} isTracked
 * @param {string|false} untrackedText why it cannot be
 * @returns {string}
 */
export function describeToggle(isTracked, untrackedText) {
    if (untrackedText) {
        return untrackedText;
    }
    return isTracked
        ? _t("Tracked: you will see opens, clicks and downloads")
        : _t("Not tracked: turned off");
}
