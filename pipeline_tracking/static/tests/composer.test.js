import {
    click,
    contains,
    defineMailModels,
    insertText,
    onRpcBefore,
    openFormView,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import {advanceTime, beforeEach, describe, expect, press, test} from "@odoo/hoot";
import {
    allowTranslations,
    asyncStep,
    getService,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();

const TOGGLE = ".o_tracked_toggle";
const ON = `${TOGGLE}[aria-pressed='true'][aria-disabled='false']`;
const OFF = `${TOGGLE}[aria-pressed='false'][aria-disabled='false']`;
const REFUSED = `${TOGGLE}[aria-pressed='false'][aria-disabled='true']`;
const TRACKED = {
    reason: false,
    text: "",
    remedy: false,
    exceptions: false,
    file_count: 0,
};
const SEVERAL = {
    ...TRACKED,
    reason: "several_recipients",
    text: "More than one recipient",
    remedy: "Send separate emails.",
};

/** Open a partner's form; users start with Tracked on or off. */
async function openPartner(tracksEmails = true) {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({
        name: "Carla",
        email: "carla@x.com",
    });
    await start();
    getService("mail.store").tracksEmails = tracksEmails;
    await openFormView("res.partner", partnerId, {
        arch: "<form><field name='name'/><chatter/></form>",
    });
    return {partnerId, pyEnv};
}

/** Answer the composer's questions with this prediction; call a function for each. */
function predict(preview, onAsked = () => undefined) {
    onRpc("res.partner", "get_tracking_preview", () => {
        onAsked();
        return preview;
    });
}

test("the button says Tracked, Not tracked or Cannot be tracked", async () => {
    const preview = {...TRACKED};
    predict(preview);
    await openPartner();
    await click("button", {text: "Send message"});
    await contains(ON, {text: "Tracked"});
    await contains(".o_tracking_hint[role='status']", {text: "Tracked"});
    await click(TOGGLE);
    await contains(OFF, {text: "Not tracked"});
    await contains(".o_tracking_hint[role='status']", {text: "Not tracked"});
    Object.assign(preview, SEVERAL);
    await click(TOGGLE);
    await contains(REFUSED, {text: "Cannot be tracked"});
});

test("the reason and the remedy stand beside the button", async () => {
    predict(SEVERAL);
    await openPartner();
    await click("button", {text: "Send message"});
    await contains(REFUSED);
    await contains(".o_tracking_reason", {
        text: "More than one recipient",
    });
    await contains(".o_tracking_remedy", {text: "Send separate emails."});
    const hintId = document.querySelector(TOGGLE).getAttribute("aria-describedby");
    expect(`#${hintId}`).toHaveText("More than one recipient. Send separate emails.");
    await click(TOGGLE);
    await contains(REFUSED);
    await contains(".o_notification", {count: 0});
});

test("the button works with the keyboard", async () => {
    predict(TRACKED);
    await openPartner();
    await click("button", {text: "Send message"});
    await contains(ON);
    document.querySelector(TOGGLE).focus();
    await press("Enter");
    await contains(OFF);
    await press("Enter");
    await contains(ON);
});

test("recipients who are not tracked are named", async () => {
    predict({...TRACKED, exceptions: "Tracked, except Bob (opted out)"});
    await openPartner();
    await click("button", {text: "Send message"});
    await contains(".o_tracking_exceptions", {text: "Tracked, except Bob (opted out)"});
    await contains(ON);
    await click(TOGGLE);
    await contains(".o_tracking_exceptions", {count: 0});
});

test("only emails have the button", async () => {
    predict(TRACKED, () => asyncStep("asked"));
    await openPartner();
    await click("button", {text: "Log note"});
    await contains(".o-mail-Composer");
    await contains(".o_tracking_choice", {count: 0});
    await advanceTime(1000);
    await waitForSteps([]);
    await click("button", {text: "Send message"});
    await contains(ON);
    await waitForSteps(["asked"]);
});

test("the button asks nothing while it is off", async () => {
    predict(SEVERAL, () => asyncStep("asked"));
    await openPartner(false);
    await click("button", {text: "Send message"});
    await contains(OFF);
    await advanceTime(1000);
    await waitForSteps([]);
    await click(TOGGLE);
    await contains(REFUSED);
    await waitForSteps(["asked"]);
});

test("the choice is posted, and applies to one email", async () => {
    predict(TRACKED);
    onRpcBefore("/mail/message/post", ({post_data: data}) =>
        asyncStep(`tracked: ${data.is_tracked ?? false}`)
    );
    await openPartner();
    await click("button", {text: "Send message"});
    await click(ON);
    await contains(OFF);
    await click(TOGGLE);
    await contains(ON);
    await insertText(".o-mail-Composer-input", "Hello");
    await click(".o-mail-Composer-send:enabled");
    await waitForSteps(["tracked: true"]);
    await contains(".o-mail-Composer", {count: 0});

    await click("button", {text: "Send message"});
    await click(ON);
    await insertText(".o-mail-Composer-input", "Hello again");
    await click(".o-mail-Composer-send:enabled");
    await waitForSteps(["tracked: false"]);
    await contains(".o-mail-Composer", {count: 0});

    await click("button", {text: "Send message"});
    await contains(ON);
});

test("the choice stays while the composer is closed", async () => {
    predict(TRACKED);
    await openPartner();
    await click("button", {text: "Send message"});
    await click(ON);
    await click("button", {text: "Send message"});
    await contains(".o-mail-Composer", {count: 0});
    await click("button", {text: "Send message"});
    await contains(OFF);
});

test("files are sent as links, or attached to this email", async () => {
    predict({...TRACKED, file_count: 2});
    onRpcBefore("/mail/message/post", ({post_data: data}) =>
        asyncStep(`attach: ${data.attach_files ?? false}`)
    );
    await openPartner();
    await click("button", {text: "Send message"});
    await contains(".o_tracking_files", {
        text: "2 files will be sent as tracked links.",
    });
    await click(".o_tracking_files button", {text: "Attach instead"});
    await contains(".o_tracking_files", {
        text: "2 files will be attached. Downloads are not recorded.",
    });
    await click(".o_tracking_files button", {text: "Send as links"});
    await click(".o_tracking_files button", {text: "Attach instead"});
    await insertText(".o-mail-Composer-input", "Hello");
    await click(".o-mail-Composer-send:enabled");
    await waitForSteps(["attach: true"]);
    await contains(".o-mail-Composer", {count: 0});

    await click("button", {text: "Send message"});
    await contains(".o_tracking_files button", {text: "Attach instead"});
    await insertText(".o-mail-Composer-input", "Hello again");
    await click(".o-mail-Composer-send:enabled");
    await waitForSteps(["attach: false"]);
});

test("an untracked email has no line about files", async () => {
    predict({...TRACKED, file_count: 1});
    await openPartner();
    await click("button", {text: "Send message"});
    await contains(".o_tracking_files");
    await click(TOGGLE);
    await contains(".o_tracking_files", {count: 0});
});

test("an answer is for the composer that asked", async () => {
    const answers = [];
    onRpc("res.partner", "get_tracking_preview", async ({args}) => {
        asyncStep(`asked ${answers.length}`);
        return new Promise((resolve) => answers.push({resolve, id: args[0][0]}));
    });
    const {partnerId, pyEnv} = await openPartner();
    await click("button", {text: "Send message"});
    await waitForSteps(["asked 0"]);
    const otherId = pyEnv["res.partner"].create({name: "Oscar", email: "o@x.com"});
    await openFormView("res.partner", otherId, {
        arch: "<form><field name='name'/><chatter/></form>",
    });
    await click("button", {text: "Send message"});
    await waitForSteps(["asked 1"]);
    answers[0].resolve(SEVERAL);
    answers[1].resolve({...TRACKED, exceptions: "Tracked, except Oscar"});
    await contains(".o_tracking_exceptions", {text: "Tracked, except Oscar"});
    const {Thread} = getService("mail.store");
    const reasons = [partnerId, otherId].map(
        (id) => Thread.get({model: "res.partner", id}).composer.trackingPreview.reason
    );
    expect(reasons).toEqual(["several_recipients", false]);
    expect(answers.map(({id}) => id)).toEqual([partnerId, otherId]);
});
