import {
    advanceTime,
    after,
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
    patchWithCleanup,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {browser} from "@web/core/browser/browser";
import {Notices} from "@pipeline_tracking/notice/notice_service";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();

const opened = (name, id) => ({
    count: 1,
    lines: [`${name} opened your email “Proposal”`],
    kinds: ["open"],
    people: {[id]: name},
    email_ids: [id],
    target: {model: "crm.lead", id: 10 + id},
});
const downloaded = (name, id) => ({
    ...opened(name, id),
    lines: [`${name} downloaded “offer.pdf” from your email “Proposal”`],
    kinds: ["download"],
});
const many = (count) =>
    merge(Array.from({length: count}, (_, id) => opened(`Customer ${id}`, id)));

test("a single notification is one sentence", () => {
    expect(format(merge([opened("Carla", 1)]))).toBe(
        "Carla opened your email “Proposal”"
    );
    expect(openAction(merge([opened("Carla", 1)]))).toMatchObject({
        res_model: "crm.lead",
        res_id: 11,
    });
});

test("news about several customers", () => {
    const notice = merge([opened("Carla", 1), opened("Oscar", 2)]);
    expect(String(format(notice))).toBe(
        "<strong>2 customers opened or clicked your emails</strong>" +
            "<div>Oscar opened your email “Proposal”</div>" +
            "<div>Carla opened your email “Proposal”</div>"
    );
    expect(openAction(notice)).toMatchObject({
        res_model: "trackable.email",
        domain: [["id", "in", [1, 2]]],
    });
});

test("the title of news about one customer names the actions", () => {
    const notice = merge([downloaded("Carla", 1), opened("Carla", 1)]);
    expect(String(format(notice))).toMatch(
        /^<strong>Carla: opened and downloaded<\/strong>/
    );
    expect(openAction(notice).res_id).toBe(11);
    const another = {...opened("Carla", 1), email_ids: [2]};
    const opens = merge([opened("Carla", 1), another]);
    expect(String(format(opens))).toMatch(/^<strong>Carla: opened<\/strong>/);
});

test("more news than lines", () => {
    const message = String(format(many(17)));
    expect(message).toMatch(/17 customers opened or clicked your emails/);
    expect(message.split("<div>").length - 1).toBe(6);
    expect(message).toMatch(/and 12 more<\/div>$/);
    // All lines are shown.
    expect(String(format(many(5)))).not.toMatch(/more/);
});

test("texts are escaped", () => {
    const evil = "<img src=x onerror=alert(1)>";
    for (const other of [opened("Oscar", 2), opened(evil, 1)]) {
        const message = String(format(merge([opened(evil, 1), other])));
        expect(message).not.toMatch(/<img/);
        expect(message).toMatch(/&lt;img src=x/);
    }
    expect(typeof format(merge([opened(evil, 1)]))).toBe("string");
});

/** Open the main tab or another tab. Texts of notifications are added to `shown`. */
async function openTab({isMain, shown, trackingNotice = "toast"}) {
    await makeMockEnv();
    let receive = null;
    const tab = new Notices({
        action: {doAction: () => {}},
        bus_service: {
            subscribe: (_type, callback) => (receive = callback),
            start: () => {},
        },
        "mail.store": {trackingNotice},
        multi_tab: {isOnMainTab: async () => isMain},
        notification: {
            add: (message) => {
                shown.push(String(message));
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
    expect(shown.length).toBe(1);
    expect(shown[0]).toMatch(/2 customers opened or clicked your emails/);
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
    expect(shown).toEqual(["Oscar opened your email “Proposal”"]);
});

test("a notification that another tab has shown is not shown again", async () => {
    const shown = [];
    const {tab, receive} = await openTab({isMain: true, shown});
    tab.forget([1]);
    receive(opened("Carla", 1), {id: 1});
    await pass(2000);
    expect(shown).toEqual([]);
});

/**
 * Let Odoo's service worker ask a tab whether to display a push notification.
 *
 * @returns {Function} takes the data of a push; returns whether the tab prevents it
 */
function mockServiceWorker() {
    const answers = [];
    patchWithCleanup(browser.navigator, {
        serviceWorker: {
            addEventListener: () => {},
            controller: {postMessage: (message) => answers.push(message)},
        },
    });
    return (tab, model, resId) => {
        answers.length = 0;
        tab.answerServiceWorker({
            type: "notification-display-request",
            payload: {correlationId: "7", model, res_id: resId},
        });
        return answers.map(({type, payload}) => [type, payload.correlationId].join());
    };
}
const PREVENTED = ["notification-display-response,7"];

test("a push about a pop-up of this tab is not displayed", async () => {
    const ask = mockServiceWorker();
    const {tab, receive} = await openTab({isMain: true, shown: []});
    expect(ask(tab, "crm.lead", "11")).toEqual([]);
    receive(opened("Carla", 1), {id: 1});
    expect(ask(tab, "crm.lead", "12")).toEqual([]);
    // Odoo's own push notification about the same record
    expect(ask(tab, "crm.lead", 11)).toEqual([]);
    expect(ask(tab, "crm.lead", "11")).toEqual(PREVENTED);
    // the next push is about other news
    expect(ask(tab, "crm.lead", "11")).toEqual([]);
    receive(many(3), {id: 2});
    expect(ask(tab, "action-x.y", "")).toEqual(PREVENTED);
});

test("a hidden tab does not prevent a push about a pop-up", async () => {
    const ask = mockServiceWorker();
    const {tab, receive} = await openTab({isMain: true, shown: []});
    Object.defineProperty(document, "hidden", {value: true, configurable: true});
    after(() => delete document.hidden);
    receive(opened("Carla", 1), {id: 1});
    expect(ask(tab, "crm.lead", "11")).toEqual([]);
});

test("a push about a message in the messages menu is not displayed twice", async () => {
    const ask = mockServiceWorker();
    const {tab} = await openTab({isMain: true, shown: [], trackingNotice: "inbox"});
    expect(ask(tab, "crm.lead", "11")).toEqual(PREVENTED);
    expect(ask(tab, "crm.lead", 11)).toEqual([]);
});

test("the bus delivers notifications to the web client", async () => {
    mockService("notification", {
        add: (message, {type, buttons}) => {
            asyncStep([message, type, String(buttons[0].name)].join("|"));
            return () => {};
        },
    });
    await makeMockEnv();
    MockServer.env["bus.bus"]._sendone(
        serverState.partnerId,
        "pipeline_tracking/notice",
        opened("Carla", 1)
    );
    await waitForSteps(["Carla opened your email “Proposal”|info|Show"]);
});
