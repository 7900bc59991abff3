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
 * The time of an event, relative to now, with the exact time as tooltip and for screen
 * readers.
 */
export class PastTime extends Component {
    static components = {RelativeTime};
    static props = {time: String};
    static template = "pipeline_tracking.PastTime";

    /**
     * Return the time. If this device's clock is slow, return now: else the text would be
     * "in a few seconds".
     */
    get datetime() {
        return DateTime.min(deserializeDateTime(this.props.time), DateTime.now());
    }

    get exactTime() {
        return formatExactTime(this.props.time);
    }
}
