import {
    contains,
    defineModels,
    fields,
    makeDialogMockEnv,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {animationFrame, mockDate} from "@odoo/hoot-mock";
import {ScheduledDateDialog} from "@mail/views/web/fields/scheduled_date_field/scheduled_date_dialog";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllTexts} from "@odoo/hoot-dom";

describe.current.tags("desktop");
defineMailModels();

const {DateTime} = luxon;
const CARLA = {
    id: 7,
    name: "Carla",
    weekday: 2,
    start: 9,
    end: 11,
    next: "2026-12-01 08:00:00",
};
const OSCAR = {...CARLA, id: 8, name: "Oscar", weekday: 4, next: "2026-12-03 08:00:00"};

/** Mount the dialog; return the dates that it saves. */
async function mountDialog(suggestions, props = {}) {
    mockDate("2026-11-30 12:00:00", +1);
    const saved = [];
    onRpc("res.partner", "get_usual_opening_times", ({args, kwargs}) => {
        expect.step([args[0], kwargs.context.tz === DateTime.local().zoneName]);
        return suggestions;
    });
    const env = await makeDialogMockEnv();
    await mountWithCleanup(ScheduledDateDialog, {
        env,
        props: {
            close: () => undefined,
            isRemovable: true,
            save: (date) => saved.push(date),
            ...props,
        },
    });
    await animationFrame();
    return saved;
}

test("the dialog suggests when the recipient usually opens emails", async () => {
    const saved = await mountDialog([CARLA], {recipientIds: [7]});
    expect.verifySteps([[[7], true]]);
    expect(queryAllTexts(".o_tracking_usual_time label")).toEqual([
        "Carla usually opens emails on Tuesday, 9:00 to 11:00",
    ]);
    expect("input[value=morning]").toBeChecked();
    await contains(".o_tracking_usual_time input").click();
    await contains("button:contains(Save)").click();
    expect(saved.map((date) => date.toUTC().toISO())).toEqual([
        "2026-12-01T08:00:00.000Z",
    ]);
});

test("each recipient has a suggestion, up to three", async () => {
    const many = [3, 4, 5].map((id) => ({...CARLA, id, name: `Customer ${id}`}));
    await mountDialog([CARLA, OSCAR, ...many], {recipientIds: [7, 8, 3, 4, 5]});
    expect.verifySteps([[[7, 8, 3, 4, 5], true]]);
    expect(".o_tracking_usual_time").toHaveCount(3);
    await contains(".o_tracking_usual_time:nth-child(5) input").click();
    expect("input#usual_8").toBeChecked();
});

test("without a suggestion, the dialog is Odoo's", async () => {
    const saved = await mountDialog([], {recipientIds: [7]});
    expect.verifySteps([[[7], true]]);
    expect(".o_tracking_usual_time").toHaveCount(0);
    await contains("input[value=afternoon]").click();
    await contains("button:contains(Save)").click();
    expect(saved.map((date) => date.hour)).toEqual([13]);
});

test("an email without a recipient causes no request", async () => {
    await mountDialog([CARLA], {recipientIds: []});
    expect.verifySteps([]);
    expect("input[type=radio]").toHaveCount(4);
});

test("a dialog of another form causes no request", async () => {
    await mountDialog([CARLA]);
    expect.verifySteps([]);
    expect("input[type=radio]").toHaveCount(4);
});

test("a suggestion that was chosen before is chosen again", async () => {
    const scheduledDate = DateTime.fromISO("2026-12-01T08:00:00Z");
    await mountDialog([CARLA, OSCAR], {recipientIds: [7, 8], scheduledDate});
    expect.verifySteps([[[7, 8], true]]);
    expect("input#usual_7").toBeChecked();
});

test("the field passes the recipients on, when the dialog is opened", async () => {
    class Composer extends models.Model {
        _name = "composer";
        partner_ids = fields.Many2many({relation: "res.partner"});
        scheduled_date = fields.Char();
        _records = [{id: 1, partner_ids: [serverState.partnerId]}];
    }
    defineModels([Composer]);
    mockService("dialog", {
        add: (component, props) => {
            expect(component).toBe(ScheduledDateDialog);
            expect.step(props.recipientIds);
        },
    });
    onRpc("get_usual_opening_times", () => expect.step("request"));
    await mountView({
        type: "form",
        resModel: "composer",
        resId: 1,
        arch: `<form>
            <field name="partner_ids" widget="many2many_tags"/>
            <field name="scheduled_date" widget="text_scheduled_date"/>
        </form>`,
    });
    expect.verifySteps([]);
    await contains("button[title='Send Later']").click();
    expect.verifySteps([[serverState.partnerId]]);
});
