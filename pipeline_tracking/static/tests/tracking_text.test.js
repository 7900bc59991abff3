import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {describeTracking} from "@pipeline_tracking/tracking_text";
import {allowTranslations} from "@web/../tests/web_test_helpers";

describe.current.tags("headless");
beforeEach(allowTranslations);

const describeText = (tracking) => {
    const {text, state} = describeTracking(tracking);
    return `${state}: ${text}`;
};

test("a badge shows the strongest action, and how often", () => {
    expect(describeText({opens: 0})).toBe("unopened: Not opened yet");
    expect(describeText({opens: 1})).toBe("opened: Opened");
    expect(describeText({opens: 3})).toBe("opened: Opened 3×");
    expect(describeText({opens: 3, clicks: 1})).toBe("clicked: Clicked");
    expect(describeText({opens: 3, clicks: 2})).toBe("clicked: Clicked 2×");
    expect(describeText({clicks: 2})).toBe("clicked: Clicked 2×");
    expect(describeText({opens: 1, downloads: 1})).toBe("downloaded: Downloaded");
    expect(describeText({opens: 1, clicks: 4, downloads: 2})).toBe(
        "downloaded: Downloaded 2×"
    );
    expect(describeText({opens: 1, clicks: 4, downloads: 2, replied: 1})).toBe(
        "replied: Replied"
    );
    expect(describeText({opens: 0, replied: 1})).toBe("replied: Replied");
});

test("a badge counts the recipients of an email to several recipients", () => {
    const tracking = {recipients: 3, opens: 4, opened: 2};
    expect(describeText({recipients: 3, opens: 4, opened: 1})).toBe(
        "opened: 1 of 3 opened"
    );
    expect(describeText({...tracking, clicks: 5, clicked: 1})).toBe(
        "clicked: 2 of 3 opened · 1 clicked"
    );
    expect(describeText({...tracking, clicks: 5, downloads: 3, downloaded: 2})).toBe(
        "downloaded: 2 of 3 opened · 2 downloaded"
    );
    expect(describeText({...tracking, clicks: 5, replied: 1})).toBe(
        "replied: 2 of 3 opened · 1 replied"
    );
    expect(describeText({...tracking, recipients: 1})).toBe("opened: Opened 4×");
});

test("a badge has the time of the last action, or of the reply", () => {
    const [earlier, later] = ["2026-11-25 08:00:00", "2026-11-25 09:00:00"];
    const getTime = (tracking) => describeTracking(tracking).time;
    expect(getTime({opens: 1, last_action: earlier, last_reply: false})).toBe(earlier);
    // Opened again after the reply.
    const replied = {opens: 2, replied: 1, last_action: later, last_reply: earlier};
    expect(getTime(replied)).toBe(earlier);
    expect(getTime({...replied, recipients: 2, opened: 2})).toBe(later);
    expect(getTime({opens: 0, possible_opens: 1})).toBe(undefined);
    expect(getTime({opens: 0})).toBe(undefined);
});

test("a badge shows possible opens only without certain opens", () => {
    expect(describeText({opens: 0, possible_opens: 4})).toBe(
        "maybe: May have been opened"
    );
    expect(describeText({opens: 1, possible_opens: 4})).toBe("opened: Opened");
});

test("a badge counts the recipients of an unopened email", () => {
    expect(describeText({opens: 0, recipients: 3})).toBe("unopened: 0 of 3 opened");
    expect(describeText({opens: 0, recipients: 1})).toBe("unopened: Not opened yet");
});

test("a badge says that an unopened email is no longer tracked", () => {
    expect(describeText({opens: 0, stopped: true})).toBe("stopped: No longer tracked");
    expect(describeText({opens: 1, stopped: true})).toBe("opened: Opened");
});

test("a badge says why a message is not tracked", () => {
    expect(describeText({untracked: "Not tracked: 2 recipients"})).toBe(
        "untracked: Not tracked: 2 recipients"
    );
});

test("each state has a different icon", () => {
    const trackings = [
        {untracked: "Not tracked"},
        {opens: 1},
        {opens: 1, clicks: 1},
        {opens: 1, downloads: 1},
        {opens: 1, replied: 1},
        {possible_opens: 1},
        {opens: 0},
        {opens: 0, stopped: true},
    ];
    const icons = new Set(trackings.map((tracking) => describeTracking(tracking).icon));
    expect(icons.size).toBe(trackings.length);
});
