import {
    LEVELS,
    findBest,
    getLevel,
    makeGrid,
} from "@pipeline_tracking/heat_map/heat_map_grid";
import {
    contains,
    defineModels,
    defineParams,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
    toggleMenuItem,
    toggleSearchBarMenu,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllAttributes, queryAllTexts} from "@odoo/hoot-dom";

const SUNDAY = 7;
const MONDAY = 1;

/** Build entries from rows of `[day, hour, value]`. */
const entries = (...rows) => rows.map(([day, hour, value]) => ({day, hour, value}));
const bestOf = (...rows) => findBest(makeGrid(entries(...rows), MONDAY));

describe("levels", () => {
    test("0 has level 0, any value a level, the highest value the highest level", () => {
        for (const highest of [1, 2, 3, 7, 1000]) {
            expect(getLevel(0, highest)).toBe(0);
            expect(getLevel(highest, highest)).toBe(LEVELS);
            expect(getLevel(highest / 1000, highest)).toBe(1);
        }
    });

    test("levels have equal steps", () => {
        const levels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) =>
            getLevel(value, 10)
        );
        expect(levels).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    });
});

describe("grid", () => {
    test("a grid has seven days of 24 hours, with and without entries", () => {
        for (const rows of [[], [[3, 12, 1]]]) {
            const grid = makeGrid(entries(...rows), MONDAY);
            expect(grid.days.map(({cells}) => cells.length)).toEqual(Array(7).fill(24));
            expect(grid.hours.length).toBe(24);
            expect(grid.total).toBe(rows.length);
        }
    });

    test("the week begins on the given day", () => {
        const order = (weekStart) => makeGrid([], weekStart).days.map(({day}) => day);
        expect(order(MONDAY)).toEqual([1, 2, 3, 4, 5, 6, 0]);
        expect(order(SUNDAY)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        expect(order(6)).toEqual([6, 0, 1, 2, 3, 4, 5]);
    });

    test("days and hours have totals", () => {
        const grid = makeGrid(
            entries([2, 9, 3], [2, 10, 4], [0, 9, 5], [6, 23, 1]),
            MONDAY
        );
        expect(grid.days.map(({total}) => total)).toEqual([0, 7, 0, 0, 0, 1, 5]);
        expect(grid.hours[9]).toBe(8);
        expect(grid.hours[10]).toBe(4);
        expect(grid.hours[23]).toBe(1);
        expect(grid.hours[0]).toBe(0);
        expect(grid.total).toBe(13);
        const [, tuesday] = grid.days;
        expect(tuesday.cells[9]).toEqual({day: 2, hour: 9, value: 3, level: 3});
        expect(tuesday.cells[11]).toEqual({day: 2, hour: 11, value: 0, level: 0});
    });
});

describe("best hours", () => {
    test("two consecutive hours win over a single hour with a higher value", () => {
        expect(bestOf([2, 9, 3], [2, 10, 3], [5, 14, 5])).toEqual({
            day: 2,
            from: 9,
            to: 11,
            value: 6,
        });
    });

    test("a single hour, if its neighbors have no value", () => {
        expect(bestOf([2, 9, 3], [3, 9, 2])).toEqual({
            day: 2,
            from: 9,
            to: 10,
            value: 3,
        });
        expect(bestOf([0, 0, 1])).toEqual({day: 0, from: 0, to: 1, value: 1});
        expect(bestOf([0, 23, 1])).toEqual({day: 0, from: 23, to: 24, value: 1});
    });

    test("no best hours without values, or if another time has the same value", () => {
        expect(bestOf()).toBe(null);
        expect(bestOf([2, 9, 3], [3, 9, 3])).toBe(null);
        expect(bestOf([2, 9, 3], [2, 14, 3])).toBe(null);
        // The day ends at midnight.
        expect(bestOf([2, 23, 1], [3, 0, 1])).toBe(null);
    });

    test("the first two of three hours whose pairs have the same value", () => {
        expect(bestOf([2, 9, 2], [2, 10, 3], [2, 11, 2])).toEqual({
            day: 2,
            from: 9,
            to: 11,
            value: 5,
        });
    });
});

class Event extends models.Model {
    _name = "event";

    kind = fields.Char();
    at = fields.Datetime();
    weight = fields.Integer({aggregator: "sum"});

    _records = [
        // Three events on Tuesdays, one on a Saturday, in the tests' time zone (UTC+1)
        {id: 1, kind: "a", at: "2026-03-03 08:15:00", weight: 10},
        {id: 2, kind: "b", at: "2026-03-10 08:45:00", weight: 20},
        {id: 3, kind: "a", at: "2026-03-03 13:00:00", weight: 5},
        {id: 4, kind: "b", at: "2026-03-06 23:30:00", weight: 0},
    ];
    _views = {
        search: `<search><filter name="a" string="Only a" domain="[['kind', '=', 'a']]"/></search>`,
        list: `<list><field name="kind"/></list>`,
    };
}

describe("view", () => {
    defineMailModels();
    defineModels([Event]);

    const mount = (measure = "", params = {}) =>
        mountView({
            type: "heat_map",
            resModel: "event",
            arch: `<heat_map string="Events"><field name="at"/>${measure}</heat_map>`,
            ...params,
        });
    const cellTexts = () =>
        queryAllTexts(".o_heat_map_table tbody td:not(.o_heat_map_total) button");

    test.tags("desktop");
    test("days are rows and hours are columns, read in one request", async () => {
        defineParams({lang_parameters: {week_start: 1, time_format: "%H:%M:%S"}});
        onRpc("event", "formatted_read_group", ({kwargs}) => {
            expect.step([kwargs.groupby, kwargs.aggregates]);
        });
        await mount();
        expect.verifySteps([[["at:day_of_week", "at:hour_number"], ["__count"]]]);
        expect(".o_heat_map_table tbody tr").toHaveCount(7);
        expect(".o_heat_map_table thead th[scope=col]").toHaveCount(25);
        expect(
            queryAllTexts(".o_heat_map_table tbody th[scope=row] span:first-child")
        ).toEqual([
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ]);
        expect(".o_heat_map_summary").toHaveText(
            "Busiest time: Tuesday, 9:00 to 10:00, 2 of 4."
        );
        expect(cellTexts()).toEqual(["2", "1", "1"]);
        expect(queryAllAttributes(".o_heat_map_cell", "aria-label")).toEqual([
            "Tuesday, 9:00 to 10:00: 2",
            "Tuesday, 14:00 to 15:00: 1",
            "Saturday, 0:00 to 1:00: 1",
        ]);
        expect("td[data-day='2'][data-hour='9'] .o_heat_map_level_5").toHaveCount(1);
        expect(queryAllTexts(".o_heat_map_table tbody .o_heat_map_total")).toEqual([
            "0",
            "3",
            "0",
            "0",
            "0",
            "1",
            "0",
        ]);
        expect(".o_heat_map_table tfoot td:last-child").toHaveText("4");
    });

    test.tags("desktop");
    test("the first day of the week and the clock follow the language", async () => {
        defineParams({lang_parameters: {week_start: 7, time_format: "%I:%M:%S %p"}});
        await mount();
        expect(".o_heat_map_table tbody tr:first-child th span:first-child").toHaveText(
            "Sunday"
        );
        expect(".o_heat_map_summary").toHaveText(
            "Busiest time: Tuesday, 9:00 AM to 10:00 AM, 2 of 4."
        );
    });

    test.tags("mobile");
    test("on a phone, hours are rows and days are columns", async () => {
        await mount();
        expect(".o_heat_map_table tbody tr").toHaveCount(24);
        expect(".o_heat_map_table thead th[scope=col]").toHaveCount(8);
        expect(cellTexts()).toEqual(["1", "2", "1"]);
    });

    test.tags("desktop");
    test("a filter changes the cells, and no time stands out", async () => {
        await mount("", {searchViewId: false});
        await toggleSearchBarMenu();
        await toggleMenuItem("Only a");
        expect(cellTexts()).toEqual(["1", "1"]);
        expect(".o_heat_map_summary").toHaveText("2 in total. No time stands out.");
    });

    test.tags("desktop");
    test("without records, the help is shown", async () => {
        await mount("", {domain: [["kind", "=", "c"]], noContentHelp: "No events yet"});
        expect(".o_view_nocontent").toHaveText("No events yet");
        expect(".o_heat_map_table").toHaveCount(0);
    });

    test.tags("desktop");
    test("a measure is summed", async () => {
        await mount(`<field name="weight" type="measure"/>`);
        expect(cellTexts()).toEqual(["30", "5"]);
    });

    test.tags("desktop");
    test("a click on a cell opens the list of its records", async () => {
        mockService("action", {
            doAction(action) {
                expect.step([action.name, action.domain, action.views]);
                expect(action.context.search_default_a).toBe(undefined);
                expect(action.context.tz).not.toBeEmpty();
            },
        });
        await mount("", {
            domain: [["kind", "!=", "c"]],
            context: {search_default_a: 1},
        });
        await contains("td[data-day='2'][data-hour='9'] button").click();
        expect.verifySteps([
            [
                "Tuesday, 9:00 to 10:00",
                [
                    "&",
                    ["kind", "!=", "c"],
                    "&",
                    ["at.hour_number", "=", 9],
                    ["at.day_of_week", "=", 2],
                ],
                [
                    [false, "list"],
                    [false, "form"],
                ],
            ],
        ]);
    });
});
