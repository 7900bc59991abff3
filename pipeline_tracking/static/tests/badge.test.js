import {click, contains, defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    advanceTime,
    animationFrame,
    beforeEach,
    expect,
    mockDate,
    press,
    queryAllTexts,
    queryFirst,
    queryRect,
    queryText,
    test,
} from "@odoo/hoot";
import {
    allowTranslations,
    asyncStep,
    getService,
    onRpc,
    patchWithCleanup,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {openContactWithMessage} from "./chatter_helpers";

beforeEach(allowTranslations);
defineMailModels();

const UNOPENED = {opens: 0, clicks: 0, downloads: 0, possible_opens: 0, recipients: 1};
const OPENED = {
    ...UNOPENED,
    opens: 2,
    opened: 1,
    last_action: "2026-11-25 11:57:00",
    last_reply: false,
};
const REPLIED = {...OPENED, replied: 1, last_reply: "2026-11-25 11:59:30"};
const LINE = {
    id: 1,
    occurred_at: "2026-11-25 11:57:00",
    kind: "open",
    actor: "recipient",
    who: "Anna",
    text: "Opened",
    certainty: "",
    details: "Chrome, Windows · Paris, France",
};
const TIMELINE = {
    lines: [LINE],
    recipients: [],
    machine_count: 0,
    has_totals: false,
    email_ids: [7],
    limits: [],
};

/** Open a partner's form with a message that has a badge. */
async function openChatter(tracking) {
    mockDate("2026-11-25 12:00:00", 0);
    const {messageId} = await openContactWithMessage();
    const pushTracking = (values) =>
        getService("mail.store").insert({
            "mail.message": [{id: messageId, tracking: values}],
        });
    if (tracking) {
        pushTracking(tracking);
        await contains(".o_tracking_badge");
    }
    return {pushTracking};
}

/** Answer requests for the timeline. */
function answerTimeline(timeline) {
    onRpc("mail.message", "get_tracking_timeline", () => timeline);
}

/** Return the visible text of the badge. */
const getText = () => queryText(".o_tracking_badge").replace(/\s+/g, " ").trim();

/** Return a relative luminance as WCAG defines it. */
function getLuminance(color) {
    const [red, green, blue] = color
        .match(/[\d.]+/g)
        .slice(0, 3)
        .map((value) => value / 255)
        .map((value) =>
            value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
        );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("a badge follows the tracking of its message", async () => {
    const {pushTracking} = await openChatter();
    await contains(".o_tracking_badge", {count: 0});
    pushTracking(UNOPENED);
    await contains(".o_tracking_badge[data-state=unopened]");
    expect(getText()).toBe("Not opened yet");
    pushTracking(OPENED);
    await contains(".o_tracking_badge[data-state=opened]");
    expect(getText()).toBe("Opened 2× · 3 minutes ago");
    pushTracking(REPLIED);
    await contains(".o_tracking_badge[data-state=replied]");
    expect(getText()).toBe("Replied · now");
});

test("the time in a badge updates by itself, and its tooltip is exact", async () => {
    await openChatter(OPENED);
    expect(getText()).toBe("Opened 2× · 3 minutes ago");
    await advanceTime(2 * 60 * 1000);
    await animationFrame();
    expect(getText()).toBe("Opened 2× · 5 minutes ago");
    expect(".o_tracking_badge").toHaveAttribute(
        "title",
        /^Last activity: Nov 25, (2026, )?11:57/
    );
});

test("a time in the future is shown as now", async () => {
    await openChatter({...OPENED, last_action: "2026-11-25 12:00:20"});
    expect(getText()).toBe("Opened 2× · now");
});

test("a badge stands after the date, as a pill", async () => {
    await openChatter(OPENED);
    await contains(".o-mail-Message-header .o-mail-Message-date + .o_tracking_badge");
    const date = queryRect(".o-mail-Message-header .o-mail-Message-date");
    const badge = queryRect(".o_tracking_badge");
    // Beside the date or, on a phone, below it.
    expect(badge.left >= date.right || badge.top >= date.bottom).toBe(true);
    expect(getComputedStyle(queryFirst(".o_tracking_badge")).borderRadius).not.toBe(
        "0px"
    );
});

test("a badge is coloured at rest, with enough contrast", async () => {
    const {pushTracking} = await openChatter(UNOPENED);
    const backgrounds = {};
    for (const [state, tracking] of Object.entries({
        unopened: UNOPENED,
        opened: OPENED,
        replied: REPLIED,
        maybe: {...UNOPENED, possible_opens: 1},
        stopped: {...UNOPENED, stopped: true},
        untracked: {untracked: "Not tracked: 2 recipients"},
    })) {
        pushTracking(tracking);
        await contains(`.o_tracking_badge[data-state=${state}]`);
        const {backgroundColor, color} = getComputedStyle(
            queryFirst(".o_tracking_badge")
        );
        backgrounds[state] = backgroundColor;
        const isTransparent = backgroundColor === "rgba(0, 0, 0, 0)";
        const [lighter, darker] = [
            getLuminance(isTransparent ? "rgb(255, 255, 255)" : backgroundColor),
            getLuminance(color),
        ];
        expect((lighter + 0.05) / (darker + 0.05)).toBeGreaterThan(4.5, {
            message: state,
        });
    }
    expect(backgrounds.opened).toBe(backgrounds.replied);
    const different = new Set([
        backgrounds.opened,
        backgrounds.maybe,
        backgrounds.unopened,
        backgrounds.stopped,
    ]);
    expect(different.size).toBe(4);
});

test.tags("mobile");
test("a badge is high enough for a finger", async () => {
    const {pushTracking} = await openChatter(OPENED);
    expect(queryRect(".o_tracking_badge").height).not.toBeLessThan(24);
    pushTracking({untracked: "Not tracked: 2 recipients"});
    await contains("span.o_tracking_badge");
    expect(queryRect(".o_tracking_badge").height).not.toBeLessThan(24);
});

test("the timeline is fetched when it is opened, and when it changes", async () => {
    const timeline = {...TIMELINE, machine_count: 3};
    onRpc("mail.message", "get_tracking_timeline", () => {
        asyncStep("timeline");
        return timeline;
    });
    const {pushTracking} = await openChatter(OPENED);
    await click("button.o_tracking_badge");
    await contains(".o_tracking_actions li", {count: 1});
    expect(".o_tracking_actions li b").toHaveText("Anna");
    expect(".o_tracking_actions li").toHaveText(/Chrome, Windows · Paris, France/);
    expect(".o_tracking_actions time").toHaveText(/^3 minutes ago\s+\(Nov 25, .*11:57/);
    expect(".o_tracking_actions time").toHaveAttribute("title", /^Nov 25, .*11:57/);
    await contains(".o_tracking_timeline", {
        text: "Automated requests (not counted): 3",
    });
    await contains(".o_tracking_waiting", {count: 0});
    await contains(".o_tracking_limits_toggle", {count: 0});
    await waitForSteps(["timeline"]);
    timeline.lines = [
        {...LINE, id: "reply-7", kind: "reply", text: "Replied", details: ""},
        {
            ...LINE,
            id: 2,
            actor: "unknown",
            certainty: "Possible",
            details: "Apple Mail loads images",
        },
        LINE,
    ];
    pushTracking(REPLIED);
    await contains(".o_tracking_actions li", {count: 3});
    await contains(".o_tracking_actions li:first-child .fa-reply");
    await contains(".o_tracking_actions li.text-muted .o_tracking_certainty", {
        count: 1,
        text: "Possible",
    });
    await waitForSteps(["timeline"]);
});

test("the timeline says what each of several recipients did", async () => {
    answerTimeline({
        ...TIMELINE,
        recipients: [
            {id: 1, name: "Anna", tracking: OPENED},
            {id: 2, name: "Bert", tracking: UNOPENED},
            {
                id: "untracked-3",
                name: "Bob",
                tracking: {untracked: "Not tracked: opted out"},
            },
        ],
    });
    await openChatter({...OPENED, recipients: 3});
    expect(getText()).toBe("1 of 3 opened · 3 minutes ago");
    await click("button.o_tracking_badge");
    await contains(".o_tracking_recipients li", {count: 3});
    expect(".o_tracking_recipients li > div").toHaveCount(3);
    expect(queryAllTexts(".o_tracking_recipients li > div")).toEqual([
        "Anna: Opened 2×",
        "Bert: Not opened yet",
        "Bob: Not tracked: opted out",
    ]);
    expect(".o_tracking_recipients time").toHaveText(/^3 minutes ago/);
});

test("an empty timeline says what will appear", async () => {
    const timeline = {
        ...TIMELINE,
        lines: [],
        recipients: [{id: 1, name: "Anna", tracking: UNOPENED}],
    };
    answerTimeline(timeline);
    const {pushTracking} = await openChatter(UNOPENED);
    await click("button.o_tracking_badge");
    await contains(".o_tracking_recipients li", {text: "Anna: Not opened yet"});
    await contains(".o_tracking_waiting");
    // Nothing will appear if tracking is stopped.
    pushTracking({...UNOPENED, stopped: true});
    await contains(".o_tracking_waiting", {count: 0});
});

test("the limits are behind an information button", async () => {
    answerTimeline({...TIMELINE, limits: ["Replies go to x@y.z, outside Odoo."]});
    await openChatter(OPENED);
    await click("button.o_tracking_badge");
    await contains(".o_tracking_limits_toggle[aria-expanded=false]");
    expect(".o_tracking_limits").toHaveStyle({display: "none"});
    await click(".o_tracking_limits_toggle");
    await contains(".o_tracking_limits_toggle[aria-expanded=true]");
    expect(".o_tracking_limits").toHaveStyle({display: "block"});
    expect(".o_tracking_limits").toHaveText("Replies go to x@y.z, outside Odoo.");
    await click(".o_tracking_limits_toggle");
    await contains(".o_tracking_limits_toggle[aria-expanded=false]");
    expect(".o_tracking_limits").toHaveStyle({display: "none"});
});

test("the badge shows that the timeline is loading, without a jump", async () => {
    let answer = undefined;
    onRpc(
        "mail.message",
        "get_tracking_timeline",
        () => new Promise((resolve) => (answer = () => resolve(TIMELINE)))
    );
    await openChatter(OPENED);
    const {width} = queryRect(".o_tracking_badge");
    await click("button.o_tracking_badge");
    await contains(".o_tracking_badge[aria-busy=true] .fa-spin");
    expect(queryRect(".o_tracking_badge").width).toBe(width);
    await contains(".o_tracking_timeline", {count: 0});
    answer();
    await contains(".o_tracking_timeline li");
    await contains(".o_tracking_badge[aria-busy=false] .fa-eye");
});

test("the keyboard opens and closes the timeline", async () => {
    const timeline = {...TIMELINE};
    answerTimeline(timeline);
    await openChatter(OPENED);
    const badge = queryFirst(".o_tracking_badge");
    expect(badge).toHaveAttribute("aria-haspopup", "dialog");
    // Without a button, if the user may not see the tracked email.
    for (const ids of [[], [7]]) {
        timeline.email_ids = ids;
        expect(badge).toHaveAttribute("aria-expanded", "false");
        badge.focus();
        await press("Enter");
        await contains(".o_tracking_timeline[role=dialog][aria-label]");
        expect(badge).toHaveAttribute("aria-expanded", "true");
        expect(".o_tracking_timeline").toBeFocused();
        if (ids.length) {
            await press("Tab");
            expect(".o_tracking_timeline button").toBeFocused();
        }
        await press("Escape");
        await contains(".o_tracking_timeline", {count: 0});
        await animationFrame();
        expect(badge).toHaveAttribute("aria-expanded", "false");
        expect(badge).toBeFocused();
    }
});

test("a second click closes the timeline", async () => {
    answerTimeline(TIMELINE);
    await openChatter(OPENED);
    await click("button.o_tracking_badge");
    await contains(".o_tracking_timeline");
    await click("button.o_tracking_badge");
    await contains(".o_tracking_timeline", {count: 0});
});

test("Show Details opens the tracked emails", async () => {
    const timeline = {...TIMELINE};
    answerTimeline(timeline);
    await openChatter(OPENED);
    patchWithCleanup(getService("action"), {
        doAction: ({res_id: id, domain}) => asyncStep(JSON.stringify(id ?? domain)),
    });
    await click("button.o_tracking_badge");
    await click(".o_tracking_timeline button", {text: "Show Details"});
    await waitForSteps(["7"]);
    await contains(".o_tracking_timeline", {count: 0});
    timeline.email_ids = [7, 8];
    await click("button.o_tracking_badge");
    await click(".o_tracking_timeline button", {text: "Show Details"});
    await waitForSteps(['[["id","in",[7,8]]]']);
    await contains(".o_tracking_timeline", {count: 0});
    timeline.email_ids = [];
    await click("button.o_tracking_badge");
    await contains(".o_tracking_timeline");
    await contains(".o_tracking_timeline button", {text: "Show Details", count: 0});
});

test("an untracked message has no timeline", async () => {
    await openChatter({untracked: "Not tracked: 2 recipients"});
    await contains("span.o_tracking_badge", {text: "Not tracked: 2 recipients"});
    await contains("button.o_tracking_badge", {count: 0});
});
