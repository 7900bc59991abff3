import {_t} from "@web/core/l10n/translation";
import {markup} from "@odoo/owl";

const MAX_LINES = 5;

/**
 * Merge several notifications into one.
 *
 * @param {object[]} notices as `trackable.notice` prepares them, earliest first
 * @returns {object} the merged notification
 */
export function merge(notices) {
    const emailIds = [...new Set(notices.flatMap((notice) => notice.email_ids))];
    const latestFirst = [...notices].reverse();
    return {
        count: notices.reduce((total, notice) => total + notice.count, 0),
        news: latestFirst.flatMap((notice) => notice.news).slice(0, MAX_LINES),
        people: Object.assign({}, ...notices.map((notice) => notice.people)),
        email_ids: emailIds,
        target: emailIds.length === 1 ? latestFirst[0].target : null,
    };
}

function groupTitle({count, people}) {
    const names = Object.values(people);
    if (names.length === 1) {
        return _t("%(who)s: %(count)s opens and clicks", {who: names[0], count});
    }
    return _t("%(count)s customers opened or clicked your emails", {
        count: names.length,
    });
}

function groupMessage({count, news}) {
    const lines = news.map(({line}) => line);
    if (count > lines.length) {
        lines.push(_t("and %(count)s more", {count: count - lines.length}));
    }
    // The template tag `markup` escapes its values.
    return lines.reduce((html, line) => markup`${html}<div>${line}</div>`, markup``);
}

/**
 * Return the title and the text of a notification.
 *
 * @param {object} notice
 * @returns {{title: string, message: string}} the message can be markup
 */
export function format(notice) {
    if (notice.count === 1) {
        const [{title, text}] = notice.news;
        return {title, message: text};
    }
    return {title: groupTitle(notice), message: groupMessage(notice)};
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
