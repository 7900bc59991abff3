import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {describeTracking} from "@pipeline_tracking/tracking_text";
import {allowTranslations} from "@web/../tests/web_test_helpers";

describe.current.tags("headless");
beforeEach(allowTranslations);

const counted = (opens, clicks, possibleOpens = 0) => {
    const {text, state} = describeTracking({
        opens,
        clicks,
        possible_opens: possibleOpens,
    });
    return `${state}: ${text}`;
};

test("a badge counts opens and clicks", () => {
    expect(counted(0, 0)).toBe("unopened: Not opened yet");
    expect(counted(3, 1)).toBe("opened: Opened 3× · Clicked 1×");
    expect(counted(1, 0)).toBe("opened: Opened 1×");
    expect(counted(0, 2)).toBe("opened: Clicked 2×");
});

test("a badge shows possible opens only without certain opens", () => {
    expect(counted(0, 0, 4)).toBe("maybe: May have been opened");
    expect(counted(1, 0, 4)).toBe("opened: Opened 1×");
});

test("a badge says that an unopened email is no longer tracked", () => {
    expect(describeTracking({opens: 0, stopped: true}).text).toBe("No longer tracked");
    expect(describeTracking({opens: 1, stopped: true}).state).toBe("opened");
});

test("a badge says why a message is not tracked", () => {
    const {text, state} = describeTracking({untracked: "Not tracked: 2 recipients"});
    expect(text).toBe("Not tracked: 2 recipients");
    expect(state).toBe("untracked");
});

test("each state has a different icon", () => {
    const trackings = [
        {untracked: "Not tracked"},
        {opens: 1},
        {possible_opens: 1},
        {opens: 0},
        {opens: 0, stopped: true},
    ];
    const icons = new Set(trackings.map((tracking) => describeTracking(tracking).icon));
    expect(icons.size).toBe(trackings.length);
});
