import {browser} from "@web/core/browser/browser";
import {session} from "@web/session";
import {user} from "@web/core/user";

const SWITCHES = ["everyone", "automated"];

/** Return the name under which this browser remembers the switches of the user. */
function getKey() {
    return `pipeline_tracking/feed/${session.db}/${user.userId}`;
}

/**
 * Return the switches of the feed as the user left them in this browser. All are off at
 * first.
 *
 * @returns {{everyone: boolean, automated: boolean}}
 */
export function loadSwitches() {
    let stored = {};
    try {
        stored = JSON.parse(browser.localStorage.getItem(getKey())) || {};
    } catch {
        // Storage is blocked, or another program wrote this key.
    }
    return Object.fromEntries(SWITCHES.map((name) => [name, stored[name] === true]));
}

/** @param {{everyone: boolean, automated: boolean}} switches */
export function storeSwitches(switches) {
    try {
        browser.localStorage.setItem(getKey(), JSON.stringify(switches));
    } catch {
        // Storage is blocked or full: the switches apply until the feed is closed.
    }
}
