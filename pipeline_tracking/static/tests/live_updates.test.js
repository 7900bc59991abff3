import {
    animationFrame,
    advanceTime,
    beforeEach,
    describe,
    expect,
    test,
} from "@odoo/hoot";
import {
    allowTranslations,
    asyncStep,
    fields,
    getService,
    MockServer,
    onRpc,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {
    click,
    contains,
    defineMailModels,
    insertText,
    mailModels,
    onRpcAfter,
    openFormView,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import {onWebsocketEvent} from "@bus/../tests/mock_websocket";
import {waitForChannels} from "@bus/../tests/bus_test_helpers";

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();

const COUNTERS = {opens: 0, clicks: 0, possible_opens: 0};

/** Collect the channels of this addon that the web client subscribes to. */
function listen() {
    const subscription = {channels: []};
    onWebsocketEvent("subscribe", ({channels}) => {
        subscription.channels = channels.filter((name) =>
            name.startsWith("pipeline_tracking")
        );
    });
    return subscription;
}

/** Wait until the bus has sent changed subscriptions to the server. */
async function waitForSubscription() {
    await animationFrame();
    await advanceTime(2000);
}

const channelOf = (id) => `pipeline_tracking/res.partner/${id}`;

async function makePartners(...values) {
    const pyEnv = await startServer();
    const ids = pyEnv["res.partner"].create(
        values.map((partner, index) => ({name: `Partner ${index}`, ...partner}))
    );
    const messageIds = pyEnv["mail.message"].create(
        ids.map((id, index) => ({
            body: `Message ${index}`,
            model: "res.partner",
            res_id: id,
            message_type: "comment",
        }))
    );
    await start();
    return {ids, messageIds};
}

async function openPartner(ids, index) {
    await openFormView("res.partner", ids[index], {
        arch: `
            <form>
                <sheet>
                    <div name="button_box">
                        <button
                            name="action_open_trackable_emails"
                            type="object"
                            class="oe_stat_button"
                            invisible="not trackable_email_count"
                        >
                            <field name="trackable_email_count" invisible="1"/>
                            <field name="trackable_email_summary" widget="statinfo"/>
                        </button>
                    </div>
                    <field name="name"/>
                </sheet>
                <chatter/>
            </form>`,
    });
    await contains(".o-mail-Message", {text: `Message ${index}`});
    await waitForSubscription();
}

const pushMessage = (messageId, values) =>
    getService("mail.store").insert({"mail.message": [{id: messageId, ...values}]});

beforeEach(() => {
    mailModels.ResPartner._fields.trackable_email_count = fields.Integer();
    mailModels.ResPartner._fields.trackable_email_summary = fields.Char();
});

test("a record without tracked emails has no channel", async () => {
    const subscription = listen();
    const {ids, messageIds} = await makePartners({trackable_email_count: 0});
    await openPartner(ids, 0);
    expect(subscription.channels).toEqual([]);
    pushMessage(messageIds[0], {tracking: {untracked: "Not tracked: 2 recipients"}});
    await contains(".o_tracking_badge", {text: "Not tracked: 2 recipients"});
    await waitForSubscription();
    expect(subscription.channels).toEqual([]);
});

test("the first tracked message subscribes to the channel", async () => {
    const subscription = listen();
    const {ids, messageIds} = await makePartners({trackable_email_count: 0});
    await openPartner(ids, 0);
    pushMessage(messageIds[0], {tracking: COUNTERS});
    await contains(".o_tracking_badge", {text: "Not opened yet"});
    await waitForChannels([channelOf(ids[0])]);
    expect(subscription.channels).toEqual([channelOf(ids[0])]);
});

test("a chatter entry subscribes to the channel", async () => {
    const subscription = listen();
    const {ids, messageIds} = await makePartners({trackable_email_count: 0});
    await openPartner(ids, 0);
    pushMessage(messageIds[0], {is_tracking_entry: true});
    await waitForChannels([channelOf(ids[0])]);
    expect(subscription.channels).toEqual([channelOf(ids[0])]);
});

test("a contact with emails from other records subscribes until it is closed", async () => {
    const subscription = listen();
    const {ids} = await makePartners(
        {trackable_email_count: 1},
        {trackable_email_count: 0},
        {trackable_email_count: 2}
    );
    await openPartner(ids, 0);
    await waitForChannels([channelOf(ids[0])]);
    await openPartner(ids, 1);
    await waitForChannels([channelOf(ids[0])], {operation: "delete"});
    expect(subscription.channels).toEqual([]);
    await openPartner(ids, 2);
    await waitForChannels([channelOf(ids[2])]);
    expect(subscription.channels).toEqual([channelOf(ids[2])]);
});

const BUTTON = "button[name='action_open_trackable_emails']";

/** Push that the button of a partner has changed, as the server does. */
const pushButton = (id, model = "res.partner") =>
    MockServer.env["bus.bus"]._sendone(
        serverState.partnerId,
        "pipeline_tracking/changed_button",
        {model, id}
    );

/** Report the requests for the button's fields, and let the test change the answer. */
function listenToButtonRequests() {
    onRpc("res.partner", "read", ({args}) => {
        if (args[1].includes("trackable_email_summary")) {
            asyncStep(`read ${args[1].join(", ")}`);
        }
    });
}

const READ = "read trackable_email_count, trackable_email_summary";

test("the button follows opens, and unsaved changes stay", async () => {
    listenToButtonRequests();
    const {ids} = await makePartners({
        trackable_email_count: 2,
        trackable_email_summary: "0 of 2 opened",
    });
    await openPartner(ids, 0);
    await contains(BUTTON, {text: "0 of 2 opened"});
    await insertText("[name='name'] input", "Unsaved name", {replace: true});
    MockServer.env["res.partner"].write(ids, {
        name: "Name on the server",
        trackable_email_summary: "1 of 2 opened",
    });
    pushButton(ids[0]);
    pushButton(ids[0]);
    await contains(BUTTON, {text: "1 of 2 opened"});
    await waitForSteps([READ]);
    await contains("[name='name'] input", {value: "Unsaved name"});
    await click(".o_form_button_save");
    await contains(".o_form_button_save:not(:visible)");
    expect(MockServer.env["res.partner"].read(ids, ["name"])[0].name).toBe(
        "Unsaved name"
    );
});

test("the button ignores opens of other records", async () => {
    listenToButtonRequests();
    const {ids} = await makePartners({
        trackable_email_count: 1,
        trackable_email_summary: "0 of 1 opened",
    });
    await openPartner(ids, 0);
    await contains(BUTTON, {text: "0 of 1 opened"});
    pushButton(ids[0] + 1);
    pushButton(ids[0], "crm.lead");
    await waitForSubscription();
    await waitForSteps([]);
});

test("a failed request leaves the text", async () => {
    const {ids} = await makePartners({
        trackable_email_count: 1,
        trackable_email_summary: "0 of 1 opened",
    });
    onRpc("res.partner", "read", () => {
        asyncStep("failed");
        throw new Error("no connection");
    });
    await openPartner(ids, 0);
    pushButton(ids[0]);
    await waitForSteps(["failed"]);
    await contains(BUTTON, {text: "0 of 1 opened"});
});

/**
 * Send a message from a partner's form.
 *
 * @param {object | undefined} tracking the badge of the message
 */
async function sendMessage(tracking) {
    listenToButtonRequests();
    const {ids} = await makePartners({trackable_email_count: 0});
    onRpcAfter("/mail/message/post", async (response) => {
        const answer = await response;
        asyncStep("posted");
        for (const message of answer.store_data["mail.message"]) {
            message.tracking = tracking;
        }
        return answer;
    });
    await openPartner(ids, 0);
    await contains(BUTTON, {count: 0});
    await click("button", {text: "Send message"});
    await insertText(".o-mail-Composer-input", "Our offer");
    MockServer.env["res.partner"].write(ids, {
        trackable_email_count: 1,
        trackable_email_summary: "0 of 1 opened",
    });
    await click(".o-mail-Composer-send:enabled");
    await contains(".o-mail-Message", {text: "Our offer"});
    await waitForSubscription();
}

test("the button appears after the first tracked message", async () => {
    await sendMessage(COUNTERS);
    await waitForSteps(["posted", READ]);
    await contains(BUTTON, {text: "0 of 1 opened"});
});

test("an untracked message costs no request", async () => {
    await sendMessage(undefined);
    await waitForSteps(["posted"]);
    await contains(BUTTON, {count: 0});
});
