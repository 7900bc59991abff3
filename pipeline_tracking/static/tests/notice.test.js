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

test("one thing", () => {
    expect(format(merge([opened("Carla", 1)]))).toEqual({
        title: "Carla opened your email",
        message: "“Proposal”",
    });
    expect(openAction(merge([opened("Carla", 1)]))).toMatchObject({
        res_model: "crm.lead",
        res_id: 11,
    });
});

test("several at once", () => {
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

test("several things of one customer", () => {
    const notice = merge([opened("Carla", 1), opened("Carla", 1)]);
    expect(String(format(notice).title)).toBe("Carla: 2 opens and clicks");
    expect(openAction(notice).res_id).toBe(11);
});

test("very many", () => {
    const {title, message} = format(many(17));
    expect(String(title)).toBe("17 customers opened or clicked your emails");
    expect(String(message).split("<div>").length - 1).toBe(6);
    expect(String(message)).toMatch(/and 12 more<\/div>$/);
    // And none more than there are.
    expect(String(format(many(5)).message)).not.toMatch(/more/);
});

test("nothing in it is HTML", () => {
    const evil = "<img src=x onerror=alert(1)>";
    const {message} = format(merge([opened(evil, 1), opened("Oscar", 2)]));
    expect(String(message)).not.toMatch(/<img/);
    expect(String(message)).toMatch(/&lt;img src=x/);
    const single = format(merge([opened(evil, 1)]));
    expect(typeof single.title).toBe("string");
    expect(typeof single.message).toBe("string");
});

/** A tab, main or another, and what it shows. */
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

test("what comes at once is shown as one", async () => {
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

test("another tab shows what the main one does not", async () => {
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

test("what another tab has shown may come later", async () => {
    const shown = [];
    const {tab, receive} = await openTab({isMain: true, shown});
    tab.forget([1]);
    receive(opened("Carla", 1), {id: 1});
    await pass(2000);
    expect(shown).toEqual([]);
});

test("over the bus, in the web client", async () => {
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
