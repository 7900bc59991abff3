import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const AGAIN_MS = 300;
const MAX_TRIES = 100;

/**
 * Fetch a chatter's new messages; where it is fetching, those that came since as well.
 *
 * @param {import("models").Thread} thread
 * @param {number} tries how often its state was looked at
 */
function fetchNew(thread, tries = 0) {
    if (thread.status === "loading") {
        if (tries < MAX_TRIES) {
            browser.setTimeout(() => fetchNew(thread, tries + 1), AGAIN_MS);
        }
    } else {
        thread.fetchNewMessages();
    }
}

/**
 * Fetch entries that have changed, as the user may see them, one request after the
 * other: the last answer is the newest.
 */
class ChangedEntries {
    constructor(orm, store) {
        this.orm = orm;
        this.store = store;
        this.ids = new Set();
        this.isFetching = false;
    }

    /** @param {number[]} ids */
    async fetch(ids) {
        for (const id of ids) {
            if (this.store["mail.message"].get(id)) {
                this.ids.add(id);
            }
        }
        if (this.isFetching) {
            return;
        }
        this.isFetching = true;
        while (this.ids.size) {
            const changed = [...this.ids];
            this.ids.clear();
            try {
                this.store.insert(
                    await this.orm.silent.call("mail.message", "get_tracking_entries", [
                        changed,
                    ])
                );
            } catch {
                // The server is away, say. The next change fetches these as well.
                changed.forEach((id) => this.ids.add(id));
                break;
            }
        }
        this.isFetching = false;
    }
}

/** Entries in a chatter that is open are fetched; the rest comes with the bus. */
export const liveService = {
    dependencies: ["bus_service", "mail.store", "orm"],
    start(_env, {bus_service: bus, "mail.store": store, orm}) {
        const changedEntries = new ChangedEntries(orm, store);
        bus.subscribe("pipeline_tracking/changed_entries", ({message_ids: ids}) =>
            changedEntries.fetch(ids)
        );
        bus.subscribe("pipeline_tracking/new_entries", ({model, id}) => {
            const thread = store.Thread.get({model, id});
            if (thread?.isLoaded) {
                fetchNew(thread);
            }
        });
    },
};

registry.category("services").add("pipeline_tracking.live", liveService);
