import {
    animationFrame,
    advanceTime,
    beforeEach,
    describe,
    expect,
    test,
} from "@odoo/hoot";
import {allowTranslations, fields, getService} from "@web/../tests/web_test_helpers";
import {
    contains,
    defineMailModels,
    mailModels,
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
                    <field name="name"/>
                    <field name="trackable_email_count" invisible="1"/>
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
