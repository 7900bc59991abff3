import {
    click,
    contains,
    defineMailModels,
    mailModels,
    openFormView,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import {
    animationFrame,
    beforeEach,
    describe,
    expect,
    hover,
    mockTimeZone,
    queryOne,
    test,
} from "@odoo/hoot";
import {
    allowTranslations,
    asyncStep,
    fields,
    getService,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
beforeEach(allowTranslations);
defineMailModels();
beforeEach(() => {
    mailModels.ResUsersSettings._fields.hide_tracking_entries = fields.Boolean();
});

const ENTRY = `<p><b>Carla</b> opened <a href="/mail/message/%s">“Our offer”</a> 2×
    · last <time datetime="2026-06-01T08:05:00Z">10:05 AM CEST</time></p>`;
// An entry of an earlier version
const OLD_ENTRY = `<p><b>Carla</b> – <a href="/mail/message/%s">Proposal</a></p>
    <ul><li>Opened at 10:00 AM CEST</li></ul>`;

/**
 * Open a partner's chatter with an email, and with an entry on a later day.
 *
 * @param {string|false} entry HTML of the entry; %s is the id of the email's message
 * @param {object} settings the user's settings
 */
async function openChatter(entry = ENTRY, settings = {}) {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({name: "Carla"});
    const create = (body, date) =>
        pyEnv["mail.message"].create({
            body,
            date,
            model: "res.partner",
            res_id: partnerId,
            message_type: "notification",
        });
    const emailId = create("Hello Carla", "2026-05-30 08:00:00");
    const entryId =
        entry && create(entry.replace("%s", emailId), "2026-06-01 08:00:00");
    await start();
    const store = getService("mail.store");
    store.settings.update(settings);
    await openFormView("res.partner", partnerId, {
        arch: "<form><field name='name'/><chatter/></form>",
    });
    await contains(".o-mail-Message", {text: "Hello Carla"});
    if (entryId) {
        store.insert({"mail.message": [{id: entryId, is_tracking_entry: true}]});
    }
}

test("an entry is one line with its category, and the time of the reader", async () => {
    mockTimeZone(-4);
    await openChatter();
    await contains(".o-mail-Message:has(.o_tracking_entry)", {count: 1});
    await contains(".o_tracking_entry_category", {text: "Trackable Email Action"});
    await contains(".o_tracking_entry_text b", {text: "Carla"});
    expect(".o_tracking_entry time").toHaveText(/^4:05\sAM$/);
    expect(".o_tracking_entry").not.toHaveText(/CEST/);
    expect(".o-mail-Message:has(.o_tracking_entry) img").toHaveCount(0);
    expect(".o-mail-Message:has(.o_tracking_entry)").toHaveAttribute(
        "aria-label",
        "Trackable Email Action"
    );
    // Other messages look as before.
    await contains(".o-mail-Message:contains(Hello Carla) .o-mail-Message-avatar");
});

test("a time on another day of the reader has its date", async () => {
    mockTimeZone(+14);
    await openChatter(ENTRY.replace("T08:05", "T11:30"));
    await contains(".o_tracking_entry time", {text: "6/2/2026, 1:30 AM"});
});

test("entries of earlier versions are one line, too", async () => {
    await openChatter(OLD_ENTRY);
    await contains(".o_tracking_entry_text", {text: "Opened at 10:00 AM CEST"});
    const display = (selector) =>
        getComputedStyle(document.querySelector(`.o_tracking_entry ${selector}`))
            .display;
    expect(["p", "ul", "li"].map(display)).toEqual(["inline", "inline", "inline"]);
});

test("the link of an entry highlights the email", async () => {
    await openChatter();
    await contains(".o-mail-Message.o-highlighted", {count: 0});
    await click(".o_tracking_entry a");
    await contains(".o-mail-Message.o-highlighted", {text: "Hello Carla"});
});

test("the link stays the same element while the mouse moves to it", async () => {
    await openChatter();
    await contains(".o_tracking_entry a");
    const link = queryOne(".o_tracking_entry a");
    await hover(link);
    await animationFrame();
    expect(queryOne(".o_tracking_entry a")).toBe(link);
});

test("a changed entry shows its new text", async () => {
    await openChatter();
    await contains(".o_tracking_entry a", {text: "“Our offer”"});
    const store = getService("mail.store");
    const {id} = Object.values(store["mail.message"].records).find(
        (message) => message.is_tracking_entry
    );
    const body = ["markup", "<p>Carla clicked</p>"];
    store.insert({"mail.message": [{id, body}]});
    await contains(".o_tracking_entry", {text: "Carla clicked"});
});

test("entries can be hidden and shown, and the server remembers it", async () => {
    onRpc("res.users.settings", "set_res_users_settings", ({kwargs}) =>
        asyncStep(`hide: ${kwargs.new_settings.hide_tracking_entries}`)
    );
    await openChatter();
    await contains(".o-mail-DateSection", {count: 2});
    await contains(".o_tracking_entry_toggle[aria-pressed='true']", {text: "1"});
    await click(".o_tracking_entry_toggle");
    await contains(".o_tracking_entry", {count: 0});
    await contains(".o-mail-DateSection", {count: 1});
    await contains(".o-mail-Message", {count: 1, text: "Hello Carla"});
    await waitForSteps(["hide: true"]);
    await click(".o_tracking_entry_toggle[aria-pressed='false']");
    await contains(".o_tracking_entry");
    await contains(".o-mail-DateSection", {count: 2});
    await waitForSteps(["hide: false"]);
});

test("hidden entries stay hidden when the chatter is opened", async () => {
    await openChatter(ENTRY, {hide_tracking_entries: true});
    await contains(".o_tracking_entry_toggle[aria-pressed='false']", {text: "1"});
    await contains(".o_tracking_entry", {count: 0});
});

test("a chatter without entries has no button", async () => {
    await openChatter(false);
    await contains(".o_tracking_entry_toggle", {count: 0});
});

test("older messages are loaded if all loaded messages are hidden", async () => {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({name: "Carla"});
    const ids = [...Array(62).keys()].map((number) =>
        pyEnv["mail.message"].create({
            body: number ? ENTRY : "The first message",
            model: "res.partner",
            res_id: partnerId,
            message_type: "notification",
        })
    );
    await start();
    const store = getService("mail.store");
    store.settings.update({hide_tracking_entries: true});
    store.insert({
        "mail.message": ids.slice(1).map((id) => ({id, is_tracking_entry: true})),
    });
    await openFormView("res.partner", partnerId, {
        arch: "<form><field name='name'/><chatter/></form>",
    });
    await contains(".o-mail-Message", {text: "The first message"});
    await contains(".o-mail-Message", {count: 1});
});
