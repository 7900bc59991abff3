import {_t} from "@web/core/l10n/translation";
import {markup} from "@odoo/owl";

const MAX_LINES = 5;
// The order in which a title names the kinds of news.
const KINDS = ["open", "click", "download", "reply"];

/**
 * Merge several notifications into one.
 *
 * @param {object[]} notices as `trackable.notice` prepares them, earliest first
 * @returns {object} the merged notification
 */
export function merge(notices) {
    const emailIds = [...new Set(notices.flatMap((notice) => notice.email_ids))];
    const kinds = new Set(notices.flatMap((notice) => notice.kinds));
    const latestFirst = [...notices].reverse();
    return {
        count: notices.reduce((total, notice) => total + notice.count, 0),
        lines: latestFirst.flatMap((notice) => notice.lines).slice(0, MAX_LINES),
        kinds: KINDS.filter((kind) => kinds.has(kind)),
        people: Object.assign({}, ...notices.map((notice) => notice.people)),
        email_ids: emailIds,
        target: emailIds.length === 1 ? latestFirst[0].target : null,
    };
}

function groupTitle({kinds, people}) {
    const names = Object.values(people);
    if (names.length > 1) {
        return _t("%(count)s customers opened or clicked your emails", {
            count: names.length,
        });
    }
    const words = {
        open: _t("opened"),
        click: _t("clicked"),
        download: _t("downloaded"),
        reply: _t("replied"),
    };
    return _t("%(who)s: %(actions)s", {
        who: names[0],
        actions: kinds.map((kind) => words[kind]),
    });
}

/**
 * Return the text of a notification: a sentence, or several sentences below a title.
 *
 * @param {object} notice
 * @returns {string | markup}
 */
export function format(notice) {
    const {count, lines} = notice;
    if (count === 1) {
        return lines[0];
    }
    const rest = count - lines.length;
    const shown = rest ? [...lines, _t("and %(count)s more", {count: rest})] : lines;
    // The template tag `markup` escapes its values.
    return shown.reduce(
        (html, line) => markup`${html}<div>${line}</div>`,
        markup`<strong>${groupTitle(notice)}</strong>`
    );
}

/**
 * Return the action that opens the record or the emails of a notification.
 *
 * @param {object} notice
 * @returns {object}
 */
export function openAction({email_ids: emailIds, target}) {
    if (target) {
        return {
            type: "ir.actions.act_window",
            res_model: target.model,
            res_id: target.id,
            views: [[false, "form"]],
        };
    }
    return {
        type: "ir.actions.act_window",
        name: _t("Tracked Emails"),
        res_model: "trackable.email",
        domain: [["id", "in", emailIds]],
        views: [
            [false, "list"],
            [false, "form"],
        ],
    };
}
