import {_t} from "@web/core/l10n/translation";
import {markup} from "@odoo/owl";

const MAX_LINES = 5;

/**
 * Put what the server sent at several times together, to be shown as one.
 *
 * @param {object[]} payloads as `trackable.notice` prepares them, earliest first
 * @returns {object} like one of them
 */
export function merge(payloads) {
    const emailIds = [...new Set(payloads.flatMap((payload) => payload.email_ids))];
    const latestFirst = [...payloads].reverse();
    return {
        count: payloads.reduce((total, payload) => total + payload.count, 0),
        news: latestFirst.flatMap((payload) => payload.news).slice(0, MAX_LINES),
        people: Object.assign({}, ...payloads.map((payload) => payload.people)),
        email_ids: emailIds,
        target: emailIds.length === 1 ? latestFirst[0].target : null,
    };
}

function groupTitle({count, people}) {
    const names = Object.values(people);
    if (names.length === 1) {
        return _t("%(who)s: %(count)s opens or clicks", {who: names[0], count});
    }
    return _t("%(count)s customers opened or clicked", {count: names.length});
}

function groupMessage({count, news}) {
    const lines = news.map(({line}) => line);
    if (count > lines.length) {
        lines.push(_t("and %(count)s more", {count: count - lines.length}));
    }
    // Markup: whatever is put into a template is escaped.
    return lines.reduce((html, line) => markup`${html}<div>${line}</div>`, markup``);
}

/**
 * What a notice says.
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
 * Where a notice leads.
 *
 * @param {object} notice
 * @returns {object} an action
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
        name: _t("Trackable Emails"),
        res_model: "trackable.email",
        domain: [["id", "in", emailIds]],
        views: [
            [false, "list"],
            [false, "form"],
        ],
    };
}
