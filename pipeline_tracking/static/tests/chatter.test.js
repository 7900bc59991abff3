import {
    click,
    contains,
    defineMailModels,
    openFormView,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import {beforeEach, describe, test} from "@odoo/hoot";
import {
    allowTranslations,
    asyncStep,
    getService,
    MockServer,
    onRpc,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();

/** Open a partner's form with a message in the chatter. */
async function openChatter(tracking) {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({
        name: "Carla",
        email: "carla@x.com",
    });
    const messageId = pyEnv["mail.message"].create({
        body: "Our offer",
        model: "res.partner",
        res_id: partnerId,
        message_type: "comment",
    });
    await start();
    await openFormView("res.partner", partnerId, {
        arch: "<form><field name='name'/><chatter/></form>",
    });
    await contains(".o-mail-Message", {text: "Our offer"});
    const pushTracking = (values) =>
        getService("mail.store").insert({
            "mail.message": [{id: messageId, tracking: values}],
        });
    if (tracking) {
        pushTracking(tracking);
    }
    return {messageId, pushTracking};
}

test("a badge follows the tracking of its message", async () => {
    const {pushTracking} = await openChatter();
    await contains(".o_tracking_badge", {count: 0});
    pushTracking({opens: 0, clicks: 0, possible_opens: 0});
    await contains(".o_tracking_badge", {text: "Not opened yet"});
    pushTracking({opens: 2, clicks: 1, possible_opens: 0});
    await contains(".o_tracking_badge", {text: "Opened 2× · Clicked 1×"});
});

test("the timeline is fetched when it is opened, and when it changes", async () => {
    const lines = [
        {
            id: 1,
            occurred_at: "2026-11-25 08:00:00",
            kind: "open",
            actor: "recipient",
            text: "Opened",
            details: "Chrome",
        },
    ];
    onRpc("mail.message", "get_tracking_timeline", () => {
        asyncStep("timeline");
        return {lines, machine_count: 3, email_ids: [7], limits: []};
    });
    const {pushTracking} = await openChatter({opens: 1, clicks: 0, possible_opens: 0});
    await click("button.o_tracking_badge");
    await contains(".o_tracking_timeline li", {count: 1, text: "Opened"});
    await contains(".o_tracking_timeline", {
        text: "Automated requests (not counted): 3",
    });
    await waitForSteps(["timeline"]);
    lines.unshift({...lines[0], id: 2, kind: "click", text: "Clicked our prices"});
    pushTracking({opens: 1, clicks: 1, possible_opens: 0});
    await contains(".o_tracking_timeline li", {count: 2});
    await waitForSteps(["timeline"]);
});

test("changed entries are fetched, one request after the other", async () => {
    const answers = [];
    onRpc("mail.message", "get_tracking_entries", async ({args}) => {
        asyncStep(`fetch ${args[0].length}`);
        const text = await new Promise((resolve) => answers.push(resolve));
        return {"mail.message": [{id: args[0][0], body: ["markup", text]}]};
    });
    const {messageId} = await openChatter();
    getService("bus_service").subscribe("pipeline_tracking/changed_entries", () =>
        asyncStep("changed")
    );
    const change = (ids) =>
        MockServer.env["bus.bus"]._sendone(
            serverState.partnerId,
            "pipeline_tracking/changed_entries",
            {message_ids: ids}
        );
    change([messageId, messageId + 1000]); // The chatter does not show the second message
    await waitForSteps(["changed", "fetch 1"]);
    change([messageId]);
    change([messageId]);
    await waitForSteps(["changed", "changed"]);
    answers.shift()("<p>Clicked <b>our prices</b></p>");
    await contains(".o-mail-Message", {text: "Clicked our prices"});
    await waitForSteps(["fetch 1"]);
    answers.shift()("<p>Clicked <b>our prices</b> 2 times</p>");
    await contains(".o-mail-Message", {text: "Clicked our prices 2 times"});
    await waitForSteps([]);
});

test("an untracked message has no timeline", async () => {
    await openChatter({untracked: "Not tracked: 2 recipients"});
    await contains("span.o_tracking_badge", {text: "Not tracked: 2 recipients"});
    await contains("button.o_tracking_badge", {count: 0});
});
