import {_t} from "@web/core/l10n/translation";

/**
 * The prediction for an email, from the server's `_prepare_tracking_preview`.
 *
 * @typedef {object} TrackingPreview
 * @property {string|false} reason code of the reason why the email cannot be tracked
 * @property {string} text text of the reason, or an empty string
 * @property {string|false} remedy sentences that say what the sender can do
 * @property {string|false} exceptions text that names or counts untracked recipients
 * @property {number} file_count files sent as links, unless the sender attaches them
 */

/**
 * Return the label, the icon and the tooltip of the composer's button.
 *
 * @param {boolean} isAsked whether the user turned tracking on
 * @param {TrackingPreview|false} preview
 * @returns {{label: string, icon: string, title: string, state: string}}
 */
export function describeToggle(isAsked, preview) {
    if (!isAsked) {
        return {
            label: _t("Not tracked"),
            icon: "fa-eye-slash",
            title: _t("Click to track this email"),
            state: "off",
        };
    }
    if (preview && preview.reason) {
        return {
            label: _t("Cannot be tracked"),
            icon: "fa-ban",
            title: "",
            state: "refused",
        };
    }
    return {
        label: _t("Tracked"),
        icon: "fa-eye",
        title: _t("You will see opens, clicks and downloads of this email"),
        state: "on",
    };
}

/**
 * Return how the files of a tracked email are sent, and the label of the button that
 * changes it.
 *
 * @param {number} count of files, at least 1
 * @param {boolean} isAttached whether the user chose to attach them
 * @returns {{text: string, button: string}}
 */
export function describeFiles(count, isAttached) {
    if (isAttached) {
        return {
            text:
                count === 1
                    ? _t("1 file will be attached. Downloads are not recorded.")
                    : _t(
                          "%s files will be attached. Downloads are not recorded.",
                          count
                      ),
            button: _t("Send as links"),
        };
    }
    return {
        text:
            count === 1
                ? _t("1 file will be sent as a tracked link.")
                : _t("%s files will be sent as tracked links.", count),
        button: _t("Attach instead"),
    };
}
