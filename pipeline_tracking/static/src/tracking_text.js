import {_t} from "@web/core/l10n/translation";

/**
 * The tracking of one message: its counters, or the reason why it is not tracked.
 *
 * @typedef {object} Tracking
 * @property {number} [opens] opens by recipients
 * @property {number} [clicks] clicks and downloads by recipients
 * @property {number} [possible_opens] opens that may not be by recipients
 * @property {boolean} [stopped] tracking is stopped for all recipients
 * @property {string} [untracked] text that says why the message is not tracked
 */

/**
 * Return the text and the icon of a message's badge. Either shows the state.
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
            words.push(_t("Opened %s×", opens));
        }
        if (clicks) {
            words.push(_t("Clicked %s×", clicks));
        }
        return {text: words.join(" · "), icon: "fa-eye", state: "opened"};
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
    return {text: _t("Not opened yet"), icon: "fa-circle-o", state: "unopened"};
}
