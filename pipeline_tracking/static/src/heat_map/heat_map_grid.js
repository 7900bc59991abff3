/**
 * Compute the grid of a heat map: days, hours, totals and color levels. The functions
 * are pure: they need no browser and no server.
 *
 * @typedef {object} Entry
 * @property {number} day of the week, 0 is Sunday
 * @property {number} hour 0 to 23
 * @property {number} value
 * @property {Array} [domain] domain of the counted records
 *
 * @typedef {Entry & {level: number}} Cell `level`: 0 without a value, up to `LEVELS`
 *
 * @typedef {object} Grid
 * @property {{day: number, total: number, cells: Cell[]}[]} days in the order of the week
 * @property {number[]} hours total of each hour
 * @property {number} total
 */

export const LEVELS = 5;
const HOURS = [...Array(24).keys()];

const sum = (values) => values.reduce((total, value) => total + value, 0);

/**
 * Return the color level of a value: 0 without a value, else 1 to `LEVELS` in equal steps.
 *
 * @param {number} value
 * @param {number} highest
 * @returns {number}
 */
export function getLevel(value, highest) {
    return value > 0 ? Math.max(1, Math.ceil((LEVELS * value) / highest)) : 0;
}

/**
 * @param {Entry[]} entries at most one for each hour
 * @param {number} weekStart 1 is Monday, 7 is Sunday
 * @returns {Grid}
 */
export function makeGrid(entries, weekStart) {
    const entryByHour = new Map(
        entries.map((entry) => [24 * entry.day + entry.hour, entry])
    );
    const highest = Math.max(0, ...entries.map((entry) => entry.value));
    const days = [0, 1, 2, 3, 4, 5, 6].map((offset) => {
        const day = (weekStart + offset) % 7;
        const cells = HOURS.map((hour) => {
            const entry = entryByHour.get(24 * day + hour) || {day, hour, value: 0};
            return {...entry, level: getLevel(entry.value, highest)};
        });
        return {day, total: sum(cells.map((cell) => cell.value)), cells};
    });
    const hours = HOURS.map((hour) => sum(days.map(({cells}) => cells[hour].value)));
    return {days, hours, total: sum(hours)};
}

/**
 * Find the busiest two consecutive hours of a day. Leave out an hour without a value.
 *
 * @param {Grid} grid
 * @returns {{day: number, from: number, to: number, value: number} | null} `to`: the end
 * of the last hour, up to 24. Null if there is no value, or if another time has the same
 * value.
 */
export function findBest(grid) {
    const spans = [];
    for (const {day, cells} of grid.days) {
        for (const {hour, value} of cells.slice(0, -1)) {
            const next = cells[hour + 1].value;
            const from = value ? hour : hour + 1;
            const to = next ? hour + 2 : hour + 1;
            spans.push({day, from, to, value: value + next});
        }
    }
    const highest = Math.max(...spans.map((span) => span.value));
    const [best, ...others] = spans.filter((span) => span.value === highest);
    const isElsewhere = (span) => span.day !== best.day || span.from >= best.to;
    return highest <= 0 || others.some(isElsewhere) ? null : best;
}
