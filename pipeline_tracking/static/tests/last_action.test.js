import {
    advanceTime,
    animationFrame,
    beforeEach,
    describe,
    expect,
    mockDate,
    test,
} from "@odoo/hoot";
import {
    allowTranslations,
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

class Deal extends models.Model {
    name = fields.Char();
    opened = fields.Datetime();

    _records = [
        {id: 1, name: "Opened", opened: "2026-11-30 08:57:00"},
        {id: 2, name: "Not opened", opened: false},
    ];
}

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();
defineModels([Deal]);

const FIELD = "<field name='opened' widget='tracking_last_action'/>";
const CARD = `
    <kanban sample="1">
        <templates>
            <t t-name="card">
                <field name="name"/>
                <footer>${FIELD.replace("/>", " invisible='not opened'/>")}</footer>
            </t>
        </templates>
    </kanban>`;

beforeEach(() => mockDate("2026-11-30 09:00:00", 0));

test("a card shows the time, which updates by itself", async () => {
    await mountView({resModel: "deal", type: "kanban", arch: CARD});
    expect(".o_tracking_last_action").toHaveCount(1);
    expect(".o_kanban_record:contains('Not opened') .o_field_widget").toHaveCount(0);
    const card = ".o_kanban_record:not(:contains('Not'))";
    expect(`${card} .o_tracking_last_action time`).toHaveText("3 minutes ago");
    expect(`${card} .o_tracking_last_action`).toHaveText(
        /Last opened or clicked\s*3 minutes ago/
    );
    expect(`${card} .o_tracking_last_action`).toHaveAttribute(
        "title",
        /^Last opened or clicked on .*2026.*8:57/
    );
    expect(`${card} .o_tracking_last_action .fa-eye`).toHaveAttribute(
        "aria-hidden",
        "true"
    );
    await advanceTime(2 * 60 * 1000);
    await animationFrame();
    expect(`${card} time`).toHaveText("5 minutes ago");
});

test("a list shows the time, and no sorting by it", async () => {
    Deal._fields.opened.sortable = false;
    await mountView({
        resModel: "deal",
        type: "list",
        arch: `<list><field name="name"/>${FIELD}</list>`,
    });
    expect(".o_data_row:first time").toHaveText("3 minutes ago");
    expect(".o_data_row:last .o_tracking_last_action").toHaveCount(0);
});

test("sample cards show no time", async () => {
    Deal._records = [];
    await mountView({resModel: "deal", type: "kanban", arch: CARD});
    expect(".o_view_sample_data").toHaveCount(1);
    expect(".o_tracking_last_action").toHaveCount(0);
});
