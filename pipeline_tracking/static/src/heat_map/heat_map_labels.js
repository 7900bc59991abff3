import {is24HourFormat} from "@web/core/l10n/time";

const {DateTime, Info} = luxon;

/**
 * @param {number} day 0 is Sunday
 * @param {"long" | "short"} length
 * @returns {string} name of the day in the user's language
 */
export function dayName(day, length) {
    return Info.weekdays(length)[(day + 6) % 7];
}

/**
 * @param {number} hour 0 to 24
 * @param {boolean} [isShort]
 * @returns {string} "9:00" or "9:00 AM", short "9" or "9 AM", depending on the user's
 * language
 */
export function hourName(hour, isShort) {
    const format = is24HourFormat() ? ["H", "H:mm"] : ["h a", "h:mm a"];
    // UTC has no daylight saving time, so every hour exists.
    const time = DateTime.fromObject({hour: hour % 24}, {zone: "utc"});
    return time.toFormat(format[isShort ? 0 : 1]);
}
