import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {Component} from "@odoo/owl";
import {RelativeTime} from "@mail/core/common/relative_time";

const {DateTime} = luxon;

/**
 * Return the exact local time, for a tooltip.
 *
 * @param {string} time in UTC
 * @returns {string}
 */
export function formatExactTime(time) {
    return toLocaleDateTimeString(deserializeDateTime(time));
}

/**
 * Return the time of an event that has happened. If this device's clock is slow, return
 * now: else the relative time would be "in a few seconds".
 *
 * @param {luxon.DateTime} datetime
 * @returns {luxon.DateTime}
 */
export function limitToPast(datetime) {
    return DateTime.min(datetime, DateTime.now());
}

/**
 * Return the time of an event that has happened.
 *
 * @param {string} time in UTC
 * @returns {luxon.DateTime}
 */
export function parsePastTime(time) {
    return limitToPast(deserializeDateTime(time));
}

/**
 * The time of an event, relative to now, with the exact time as tooltip and for screen
 * readers.
 */
export class PastTime extends Component {
    static components = {RelativeTime};
    static props = {time: String};
    static template = "pipeline_tracking.PastTime";

    get datetime() {
        return parsePastTime(this.props.time);
    }

    get exactTime() {
        return formatExactTime(this.props.time);
    }
}
