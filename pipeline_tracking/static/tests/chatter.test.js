import {contains, defineMailModels} from "@mail/../tests/mail_test_helpers";
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
import {openContactWithMessage} from "./chatter_helpers";

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();

test("changed entries are fetched, one request after the other", async () => {
    const answers = [];
    onRpc("mail.message", "get_tracking_entries", async ({args}) => {
        asyncStep(`fetch ${args[0].length}`);
        const text = await new Promise((resolve) => answers.push(resolve));
        return {"mail.message": [{id: args[0][0], body: ["markup", text]}]};
    });
    const {messageId} = await openContactWithMessage();
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
    answers.shift()("<p>clicked “our prices”</p>");
    await contains(".o-mail-Message", {text: "clicked “our prices”"});
    await waitForSteps(["fetch 1"]);
    answers.shift()("<p>clicked “our prices” 2×</p>");
    await contains(".o-mail-Message", {text: "clicked “our prices” 2×"});
    await waitForSteps([]);
});
