import {
    advanceTime,
    animationFrame,
    beforeEach,
    describe,
    expect,
    test,
} from "@odoo/hoot";
import {format, merge, openAction} from "@pipeline_tracking/notice/notice_toast";
import {
    allowTranslations,
    asyncStep,
    makeMockEnv,
    MockServer,
    mockService,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {Notices} from "@pipeline_tracking/notice/notice_service";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();

const opened = (name, id) => ({
    count: 1,
    news: [
        {
            title: `${name} opened your email`,
            text: "“Proposal”",
            line: `${name} opened “Proposal”`,
        },
    ],
    people: {[id]: name},
    email_ids: [id],
    target: {model: "crm.lead", id: 10 + id},
});
const many = (count) =>
    merge(Array.from({length: count}, (_, id) => opened(`Customer ${id}`, id)));

test("a single news item", () => {
    expect(format(merge([opened("Carla", 1)]))).toEqual({
        title: "Carla opened your email",
        message: "“Proposal”",
    });
    expect(openAction(merge([opened("Carla", 1)]))).toMatchObject({
        res_model: "crm.lead",
        res_id: 11,
    });
});

test("news about several customers", () => {
    const notice = merge([opened("Carla", 1), opened("Oscar", 2)]);
    const {title, message} = format(notice);
    expect(String(title)).toBe("2 customers opened or clicked your emails");
    expect(String(message)).toBe(
        "<div>Oscar opened “Proposal”</div><div>Carla opened “Proposal”</div>"
    );
    expect(openAction(notice)).toMatchObject({
        res_model: "trackable.email",
        domain: [["id", "in", [1, 2]]],
    });
});

test("several news items about one customer", () => {
    const notice = merge([opened("Carla", 1), opened("Carla", 1)]);
    expect(String(format(notice).title)).toBe("Carla: 2 opens and clicks");
    expect(openAction(notice).res_id).toBe(11);
});

test("more news than lines", () => {
    const {title, message} = format(many(17));
    expect(String(title)).toBe("17 customers opened or clicked your emails");
    expect(String(message).split("<div>").length - 1).toBe(6);
    expect(String(message)).toMatch(/and 12 more<\/div>$/);
    // All lines are shown.
    expect(String(format(many(5)).message)).not.toMatch(/more/);
});

test("texts are escaped", () => {
    const evil = "<img src=x onerror=alert(1)>";
    const {message} = format(merge([opened(evil, 1), opened("Oscar", 2)]));
    expect(String(message)).not.toMatch(/<img/);
    expect(String(message)).toMatch(/&lt;img src=x/);
    const single = format(merge([opened(evil, 1)]));
    expect(typeof single.title).toBe("string");
    expect(typeof single.message).toBe("string");
});

/** Open the main tab or another tab. Titles of notifications are added to `shown`. */
async function openTab({isMain, shown}) {
    await makeMockEnv();
    let receive = null;
    const tab = new Notices({
        action: {doAction: () => {}},
        bus_service: {
            subscribe: (_type, callback) => (receive = callback),
            start: () => {},
        },
        multi_tab: {isOnMainTab: async () => isMain},
        notification: {
            add: (message, {title}) => {
                shown.push(String(title));
                return () => {};
            },
        },
    });
    return {tab, receive};
}

async function pass(time) {
    await advanceTime(time);
    await animationFrame();
}

test("news that arrives together is shown together", async () => {
    const shown = [];
    const {receive} = await openTab({isMain: true, shown});
    receive(opened("Carla", 1), {id: 1});
    receive(opened("Oscar", 2), {id: 2});
    await pass(100);
    expect(shown).toEqual([]);
    await pass(300);
    expect(shown).toEqual(["2 customers opened or clicked your emails"]);
    receive(opened("Carla", 1), {id: 3});
    await pass(400);
    expect(shown.length).toBe(2);
});

test("another tab shows what the main tab has not shown", async () => {
    const shown = [];
    const {tab, receive} = await openTab({isMain: false, shown});
    receive(opened("Carla", 1), {id: 1});
    receive(opened("Oscar", 2), {id: 2});
    await pass(400);
    expect(shown).toEqual([]);
    tab.forget([1]);
    await pass(700);
    expect(shown).toEqual(["Oscar opened your email"]);
});

test("a notification that another tab has shown is not shown again", async () => {
    const shown = [];
    const {tab, receive} = await openTab({isMain: true, shown});
    tab.forget([1]);
    receive(opened("Carla", 1), {id: 1});
    await pass(2000);
    expect(shown).toEqual([]);
});

test("the bus delivers notifications to the web client", async () => {
    mockService("notification", {
        add: (message, {title, type, buttons}) => {
            asyncStep([title, message, type, String(buttons[0].name)].join("|"));
            return () => {};
        },
    });
    await makeMockEnv();
    MockServer.env["bus.bus"]._sendone(
        serverState.partnerId,
        "pipeline_tracking/notice",
        opened("Carla", 1)
    );
    await waitForSteps(["Carla opened your email|“Proposal”|info|Show"]);
});
