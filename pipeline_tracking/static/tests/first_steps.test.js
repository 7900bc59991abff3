import {
    contains,
    getService,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {FirstSteps} from "@pipeline_tracking/onboarding/first_steps";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllAttributes} from "@odoo/hoot-dom";
import {registry} from "@web/core/registry";

describe.current.tags("desktop");
defineMailModels();

const STEPS = {
    is_closed: false,
    is_administrator: true,
    check: {is_done: false, state: "", text: ""},
    test: {
        is_done: false,
        address: "adam@acme.com",
        sent_to: "",
        opened_at: "",
        actor: "",
    },
    consent: {is_done: false, needs_agreement: false},
    access: {is_done: false, managers: 2},
};
const SENT = {...STEPS.test, sent_to: "adam@acme.com"};
const OPENED = {
    ...SENT,
    is_done: true,
    opened_at: "2026-11-30 12:00:00",
    actor: "internal",
};

/** Mount the panel; `answers` are the next answers of the server, then the last one. */
async function mountSteps(answers, {props = {}, isShown = true} = {}) {
    const left = answers.map((answer) => ({...STEPS, ...answer}));
    onRpc("trackable.setup", "*", ({method, args}) => {
        expect.step([method, ...args].join(" "));
        return left.length > 1 ? left.shift() : left[0];
    });
    await makeMockEnv();
    getService("mail.store").showsTrackingSetup = isShown;
    await mountWithCleanup(FirstSteps, {props});
}

const doneMarks = () => queryAllAttributes(".o_tracking_step > i", "aria-label");

test("the panel is registered for the feed and for a menu", () => {
    expect(registry.category("pipeline_tracking.feed_panels").get("first_steps")).toBe(
        FirstSteps
    );
    expect(registry.category("actions").get("pipeline_tracking.first_steps")).toBe(
        FirstSteps
    );
});

test("other users cost no request", async () => {
    await mountSteps([{}], {isShown: false});
    expect.verifySteps([]);
    expect(".o_tracking_first_steps").toHaveCount(0);
});

test("four steps, in one request", async () => {
    await mountSteps([{access: {is_done: true, managers: 1}}]);
    expect.verifySteps(["get_steps"]);
    expect(".o_tracking_step").toHaveCount(4);
    expect(doneMarks()).toEqual([
        "Not done yet",
        "Not done yet",
        "Not done yet",
        "Done",
    ]);
    expect("[role=status]").toHaveText("1 of 4 done");
    expect(".o_tracking_step:nth-child(2)").toHaveText(/adam@acme\.com/);
    expect(".o_tracking_step:nth-child(3)").toHaveText(/unless they opted out/);
    expect(".o_tracking_step:nth-child(4)").toHaveText(/1 manager sees all emails/);
});

test("the first step that is not done is marked", async () => {
    await mountSteps([{check: {is_done: true, state: "ok", text: "Works"}}]);
    expect.verifySteps(["get_steps"]);
    expect("[aria-current=step]").toHaveCount(1);
    expect("[aria-current=step] h3").toHaveText("Send yourself a test");
    expect(".o_tracking_step_done h3").toHaveText("Check this server");
});

test("no step is marked when all are done", async () => {
    const access = {is_done: true, managers: 1};
    const consent = {is_done: true, needs_agreement: false};
    const check = {is_done: true, state: "ok", text: "Works"};
    await mountSteps([{check, test: OPENED, consent, access}]);
    expect.verifySteps(["get_steps"]);
    expect(".o_tracking_step_done").toHaveCount(4);
    expect("[aria-current]").toHaveCount(0);
});

test("a closed panel is hidden, and waits for nothing", async () => {
    await mountSteps([{is_closed: true, test: SENT}]);
    expect(".o_tracking_first_steps").toHaveCount(0);
    await advanceTime(20000);
    expect.verifySteps(["get_steps"]);
});

test("a menu opens a closed panel again", async () => {
    await mountSteps([{}], {props: {action: {}}});
    expect.verifySteps(["set_closed false"]);
    expect(".o_tracking_first_steps").toHaveCount(1);
});

test("the panel can be closed", async () => {
    await mountSteps([{}, {is_closed: true}]);
    await contains("button[aria-label='Close the first steps']").click();
    await animationFrame();
    expect.verifySteps(["get_steps", "set_closed true"]);
    expect(".o_tracking_first_steps").toHaveCount(0);
});

test("the check shows its verdict when its dialog is open and when it is closed", async () => {
    onRpc("trackable.self.test", "action_check", () => ({type: "dialog"}));
    let close;
    mockService("action", {
        doAction(action, {onClose}) {
            expect.step(`open ${action.type}`);
            close = onClose;
        },
    });
    const problem = {
        state: "error",
        is_done: false,
        text: "Emails are not tracked: 1 problem",
    };
    const works = {state: "ok", is_done: true, text: "Email tracking works"};
    await mountSteps([{}, {check: problem}, {check: works}]);
    await contains("button:contains(Check Tracking)").click();
    await animationFrame();
    expect.verifySteps(["get_steps", "get_steps", "open dialog"]);
    expect("p.text-danger").toHaveText("Emails are not tracked: 1 problem");
    await close();
    await animationFrame();
    expect.verifySteps(["get_steps"]);
    expect("p.text-success").toHaveText("Email tracking works");
    expect(doneMarks()[0]).toBe("Done");
});

test("the panel shows by itself that the test email was opened", async () => {
    await mountSteps([{}, {test: SENT}, {test: SENT}, {test: OPENED}]);
    await contains("button:contains(Send Test Email)").click();
    await animationFrame();
    expect(".o_tracking_step:nth-child(2)").toHaveText(/Sent to adam@acme\.com/);
    expect.verifySteps(["get_steps", "send_test_email"]);
    await advanceTime(5000);
    await animationFrame();
    expect(doneMarks()[1]).toBe("Not done yet");
    await advanceTime(5000);
    await animationFrame();
    expect(doneMarks()[1]).toBe("Done");
    expect(".o_tracking_step:nth-child(2)").toHaveText(
        /Opened[\s\S]*count as a colleague/
    );
    expect.verifySteps(["get_steps", "get_steps"]);
    await advanceTime(60000);
    expect.verifySteps([]);
});

test("the panel asks only after the user sent a test or came back", async () => {
    await mountSteps([{test: SENT}]);
    await advanceTime(60000);
    expect.verifySteps(["get_steps"]);
    window.dispatchEvent(new Event("focus"));
    for (let count = 0; count < 100; count++) {
        await advanceTime(5000);
    }
    expect.verifySteps(Array(60).fill("get_steps"));
});

test("without a test email, the panel asks no more", async () => {
    await mountSteps([{}]);
    window.dispatchEvent(new Event("focus"));
    await advanceTime(60000);
    expect.verifySteps(["get_steps"]);
});

test("a step is done when its button is followed", async () => {
    mockService("action", {doAction: (action) => expect.step(action)});
    await mountSteps([{}, {access: {is_done: true, managers: 2}}]);
    await contains("button:contains(Users)").click();
    await animationFrame();
    expect.verifySteps(["get_steps", "mark_done access", "base.action_res_users"]);
    expect(doneMarks()[3]).toBe("Done");
});

test("managers get no buttons that only administrators may use", async () => {
    await mountSteps([{is_administrator: false}]);
    expect.verifySteps(["get_steps"]);
    expect("button:contains(Check Tracking)").toHaveCount(0);
    expect("a:contains(Privacy Settings)").toHaveCount(0);
    expect("button:contains(Users)").toHaveCount(0);
    expect("button:contains(Send Test Email)").toHaveCount(1);
    expect("a:contains(Learn More)").toHaveCount(2);
});
