import {Component, xml} from "@odoo/owl";
import {
    advanceTime,
    animationFrame,
    beforeEach,
    describe,
    expect,
    test,
} from "@odoo/hoot";
import {
    allowTranslations,
    contains,
    getService,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {MockServer} from "@web/../tests/_framework/mock_server/mock_server";
import {WebClient} from "@web/webclient/webclient";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {feedPanels} from "@pipeline_tracking/feed/feed_action";
import {onWebsocketEvent} from "@bus/../tests/mock_websocket";
import {queryAllTexts, waitFor} from "@odoo/hoot-dom";
import {serializeDateTime} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {waitForChannels} from "@bus/../tests/bus_test_helpers";

const {DateTime} = luxon;

beforeEach(allowTranslations);
defineMailModels();

const OWN_FEED = "pipeline_tracking/feed";
const EVERYONES_FEED = "pipeline_tracking/feed/everyone";

const line = (values) => ({
    actor: "recipient",
    date: serializeDateTime(DateTime.now().minus({minutes: 3})),
    email_id: 1,
    id: `${values.text}`,
    kind: "open",
    sender: "",
    ...values,
});

const person = (name, values = {}) => ({
    address: "",
    can_reply: true,
    company: "",
    email_id: 1,
    has_record: true,
    id: name,
    lines: [line({text: "Opened “Proposal” 2×"})],
    more_count: 0,
    name,
    partner_id: 7,
    phone: "",
    ...values,
});

/** Answer requests for the feed. The test may change the answer later. */
function answer(people, values = {}) {
    const server = {
        calls: [],
        people,
        values: {days: 30, has_more: false, is_manager: false, ...values},
    };
    onRpc("trackable.feed", "get_feed", ({kwargs}) => {
        const {page, everyone, automated} = kwargs;
        server.calls.push({page, everyone, automated});
        if (server.hasFailed) {
            throw new Error("no connection");
        }
        return {...server.values, people: server.people};
    });
    return server;
}

async function showFeed() {
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "pipeline_tracking.feed",
    });
    await animationFrame();
}

async function openFeed() {
    await mountWithCleanup(WebClient);
    await showFeed();
}

/** Push news, and wait until the feed has asked the server for it. */
async function push(server) {
    const {length} = server.calls;
    await waitForChannels([OWN_FEED]);
    MockServer.env["bus.bus"]._sendone(OWN_FEED, "pipeline_tracking/feed", {});
    // The mock of the bus takes several frames to deliver.
    for (let tries = 0; tries < 50 && server.calls.length === length; tries++) {
        await advanceTime(500);
        await animationFrame();
    }
}

describe("people", () => {
    test("a person has lines, with the time, and buttons that name the person", async () => {
        answer([
            person("Anna", {
                company: "Acme",
                phone: "+32 81 81 37 00",
                lines: [
                    line({kind: "click", text: "Clicked “our prices” in “Proposal”"}),
                    line({text: "Opened “Proposal” 2×", sender: "Sally"}),
                ],
                more_count: 4,
            }),
        ]);
        await openFeed();
        expect(".o_tracking_feed_person").toHaveCount(1);
        expect(".o_tracking_feed_person h2").toHaveText("Anna");
        expect(queryAllTexts(".o_tracking_feed_line a")).toEqual([
            "Clicked “our prices” in “Proposal”",
            "Opened “Proposal” 2×",
        ]);
        expect(".o_tracking_feed_line:first time").toHaveText(/^3 minutes ago/);
        expect(".o_tracking_feed_line:last").toHaveText(/sent by Sally/);
        expect(".o_tracking_feed_more").toHaveText("and 4 more");
        for (const label of [
            "Reply to Anna",
            "Call Anna",
            "Follow Up with Anna",
            "Open Record: Anna",
        ]) {
            expect(`[aria-label="${label}"]`).toHaveCount(1);
        }
        expect("a[aria-label='Call Anna']").toHaveAttribute("href", "tel:+3281813700");
    });

    test("buttons that cannot work are not shown", async () => {
        answer([
            person("anna@x.example.org", {
                can_reply: false,
                has_record: false,
                partner_id: false,
            }),
        ]);
        await openFeed();
        expect(queryAllTexts(".o_tracking_feed_buttons > *")).toEqual(["Follow Up"]);
        expect(".o_tracking_feed_name").toHaveCount(0);
        expect(".o_tracking_feed_avatar").toHaveText("A");
    });

    test("a slow clock shows no time in the future", async () => {
        const date = serializeDateTime(DateTime.now().plus({seconds: 20}));
        answer([person("Anna", {lines: [line({text: "Opened", date})]})]);
        await openFeed();
        expect(".o_tracking_feed_line time").toHaveText(/^now/);
    });

    test("texts are escaped", async () => {
        const evil = "<img src=x onerror=alert(1)>";
        answer([person(evil, {company: evil, lines: [line({text: evil})]})]);
        await openFeed();
        expect(".o_tracking_feed_person h2").toHaveText(evil);
        expect(".o_tracking_feed_line a").toHaveText(evil);
        expect(".o_tracking_feed_person img[src=x]").toHaveCount(0);
    });

    test("buttons open what the server returns for the latest email", async () => {
        mockService("action", {
            doAction(action) {
                if (action.tag !== "pipeline_tracking.feed") {
                    expect.step(action.name || action.res_model);
                    return undefined;
                }
                return super.doAction(...arguments);
            },
        });
        onRpc("trackable.email", "*", ({method, args}) => {
            expect(args).toEqual([[42]]);
            return {type: "ir.actions.act_window", name: method};
        });
        answer([person("Anna", {email_id: 42})]);
        await openFeed();
        await contains("[aria-label='Reply to Anna']").click();
        await contains("[aria-label='Follow Up with Anna']").click();
        await contains("[aria-label='Open Record: Anna']").click();
        await contains(".o_tracking_feed_name").click();
        await contains(".o_tracking_feed_line a").click();
        await animationFrame();
        expect.verifySteps([
            "action_reply_to_recipient",
            "action_follow_up",
            "action_open_record",
            "res.partner",
            "trackable.email",
        ]);
    });
});

describe("switches", () => {
    test("switches are off at first, and remembered", async () => {
        const server = answer([person("Anna")], {is_manager: true});
        await openFeed();
        expect("input[name=automated]").not.toBeChecked();
        await contains("input[name=automated]").click();
        await contains("input[name=everyone]").click();
        await animationFrame();
        expect(server.calls).toEqual([
            {page: 1, everyone: false, automated: false},
            {page: 1, everyone: false, automated: true},
            {page: 1, everyone: true, automated: true},
        ]);
        await showFeed();
        expect(server.calls).toHaveLength(4);
        expect(server.calls.at(-1)).toEqual(server.calls.at(-2));
        expect("input[name=everyone]").toBeChecked();
    });

    test("only managers can show everyone's emails", async () => {
        answer([person("Anna")]);
        await openFeed();
        expect("input[name=automated]").toHaveCount(1);
        expect("input[name=everyone]").toHaveCount(0);
    });

    test("show more asks for a further page", async () => {
        const server = answer([person("Anna")], {has_more: true});
        await openFeed();
        server.people = [person("Anna"), person("Bernard")];
        server.values.has_more = false;
        await contains(".o_tracking_feed_show_more").click();
        await animationFrame();
        expect(".o_tracking_feed_person").toHaveCount(2);
        expect(".o_tracking_feed_show_more").toHaveCount(0);
        expect(server.calls.map(({page}) => page)).toEqual([1, 2]);
    });
});

describe("states", () => {
    test("an empty feed says what to do", async () => {
        answer([]);
        await openFeed();
        expect(".o_view_nocontent").toHaveText(
            /Your tracked emails have not been opened/
        );
        expect(".o_view_nocontent a").toHaveAttribute(
            "href",
            "/pipeline_tracking/docs/salesperson"
        );
    });

    test("an error can be repeated, and keeps what was loaded", async () => {
        const server = answer([person("Anna")]);
        server.hasFailed = true;
        await openFeed();
        expect("[role=alert]").toHaveText(/could not be loaded/);
        server.hasFailed = false;
        await contains("[role=alert] button").click();
        await animationFrame();
        expect("[role=alert]").toHaveCount(0);
        expect(".o_tracking_feed_person").toHaveCount(1);
        server.hasFailed = true;
        await push(server);
        await waitFor("[role=alert]", {timeout: 2000});
        expect("[role=alert]").toHaveText(/could not be updated/);
        expect(".o_tracking_feed_person").toHaveCount(1);
    });

    test("panels are shown above the feed", async () => {
        class Panel extends Component {
            static template = xml`<div class="o_test_panel">Welcome</div>`;
            static props = {};
        }
        patchWithCleanup(feedPanels, {getEntries: () => [["test", Panel]]});
        answer([]);
        await openFeed();
        expect(".o_tracking_feed_page .o_test_panel").toHaveText("Welcome");
    });
});

describe("live", () => {
    test("news is fetched once, highlighted and announced", async () => {
        const server = answer([person("Anna")]);
        await openFeed();
        expect(".o_tracking_feed_new").toHaveCount(0);
        server.people = [
            person("Bernard", {lines: [line({text: "Replied to “Offer”"})]}),
            ...server.people,
        ];
        await waitForChannels([OWN_FEED]);
        for (let count = 0; count < 3; count++) {
            MockServer.env["bus.bus"]._sendone(OWN_FEED, "pipeline_tracking/feed", {});
        }
        await push(server);
        await waitFor(".o_tracking_feed_new", {timeout: 2000});
        expect(server.calls).toHaveLength(2);
        expect(queryAllTexts(".o_tracking_feed_person h2")).toEqual([
            "Bernard",
            "Anna",
        ]);
        expect(".o_tracking_feed_new").toHaveText(/Replied to “Offer”/);
        expect(".o_tracking_feed [role=status]").toHaveText(
            "Bernard: Replied to “Offer”"
        );
    });

    test("the feed subscribes while it is open, to the channel of the switch", async () => {
        const subscription = {channels: []};
        onWebsocketEvent("subscribe", ({channels}) => {
            subscription.channels = channels.filter((name) =>
                name.startsWith("pipeline_tracking")
            );
        });
        answer([person("Anna")], {is_manager: true});
        await openFeed();
        await waitForChannels([OWN_FEED]);
        expect(subscription.channels).toEqual([OWN_FEED]);
        await contains("input[name=everyone]").click();
        await waitForChannels([EVERYONES_FEED]);
        await advanceTime(2000);
        expect(subscription.channels).toEqual([EVERYONES_FEED]);
        class Other extends Component {
            static template = xml`<div class="o_test_other"/>`;
            static props = ["*"];
        }
        registry.category("actions").add("pipeline_tracking.test_other", Other);
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "pipeline_tracking.test_other",
        });
        await waitForChannels([EVERYONES_FEED], {operation: "delete"});
        expect(subscription.channels).toEqual([]);
    });
});
