import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const AGAIN_MS = 300;

/**
 * Fetch a chatter's new messages; where it is fetching, those that came since as well.
 *
 * @param {import("models").Thread} thread
 */
function fetchNew(thread) {
    if (thread.status === "loading") {
        browser.setTimeout(() => fetchNew(thread), AGAIN_MS);
    } else {
        thread.fetchNewMessages();
    }
}

/** New entries in a chatter that is open are fetched; the rest comes with the bus. */
export const liveService = {
    dependencies: ["bus_service", "mail.store"],
    start(_env, {bus_service: bus, "mail.store": store}) {
        bus.subscribe("pipeline_tracking/new_entries", ({model, id}) => {
            const thread = store.Thread.get({model, id});
            if (thread?.isLoaded) {
                fetchNew(thread);
            }
        });
    },
};

registry.category("services").add("pipeline_tracking.live", liveService);
