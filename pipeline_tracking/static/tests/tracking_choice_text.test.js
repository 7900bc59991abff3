import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {
    describeFiles,
    describeToggle,
} from "@pipeline_tracking/composer/tracking_choice_text";
import {allowTranslations} from "@web/../tests/web_test_helpers";

describe.current.tags("headless");
beforeEach(allowTranslations);

test("the button says whether the email is tracked", () => {
    expect(describeToggle(true, {reason: false}).label).toBe("Tracked");
    expect(describeToggle(true, false).label).toBe("Tracked"); // The server has not answered
    expect(describeToggle(false, false).label).toBe("Not tracked");
    expect(describeToggle(true, {reason: "objected"}).label).toBe("Cannot be tracked");
    // A reason does not matter if the user turned tracking off.
    expect(describeToggle(false, {reason: "objected"}).label).toBe("Not tracked");
});

test("each state has a different icon", () => {
    const icons = [
        describeToggle(true, false),
        describeToggle(false, false),
        describeToggle(true, {reason: "objected"}),
    ].map((description) => description.icon);
    expect(new Set(icons).size).toBe(3);
});

test("a line says how files are sent", () => {
    const describeLine = (count, isAttached) => {
        const {text, button} = describeFiles(count, isAttached);
        return `${text} ${button}`;
    };
    expect(describeLine(1, false)).toBe(
        "1 file will be sent as a tracked link. Attach instead"
    );
    expect(describeLine(2, false)).toBe(
        "2 files will be sent as tracked links. Attach instead"
    );
    expect(describeLine(1, true)).toBe(
        "1 file will be attached. Downloads are not recorded. Send as links"
    );
    expect(describeLine(2, true)).toBe(
        "2 files will be attached. Downloads are not recorded. Send as links"
    );
});
