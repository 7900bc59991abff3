import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const RETRY_DELAY_MS = 300;
const MAX_TRIES = 100;

/**
 * Fetch a chatter's new messages. While it is loading, wait: it may miss the newest.
 *
 * @param {import("models").Thread} thread
 * @param {number} tries how often this function has waited
 */
function fetchNewMessages(thread, tries = 0) {
    if (thread.status === "loading") {
        if (tries < MAX_TRIES) {
            browser.setTimeout(
                () => fetchNewMessages(thread, tries + 1),
                RETRY_DELAY_MS
            );
        }
    } else {
        thread.fetchNewMessages();
    }
}

/**
 * Fetch chatter entries that have changed, as the user may see them. One request ends
 * before the next begins, so that the last answer is the newest.
 */
class ChangedEntriesFetcher {
    constructor(orm, store) {
        this.orm = orm;
        this.store = store;
        this.pendingIds = new Set();
        this.isFetching = false;
    }

    /** @param {number[]} ids */
    async fetch(ids) {
        for (const id of ids) {
            if (this.store["mail.message"].get(id)) {
                this.pendingIds.add(id);
            }
        }
        if (this.isFetching) {
            return;
        }
        this.isFetching = true;
        while (this.pendingIds.size) {
            const messageIds = [...this.pendingIds];
            this.pendingIds.clear();
            try {
                this.store.insert(
                    await this.orm.silent.call("mail.message", "get_tracking_entries", [
                        messageIds,
                    ])
                );
            } catch {
                // No connection, say. The next change fetches these entries as well.
                messageIds.forEach((id) => this.pendingIds.add(id));
                break;
            }
        }
        this.isFetching = false;
    }
}

/** Fetches the changed entries of an open chatter. Badges come with the bus. */
export const liveUpdatesService = {
    dependencies: ["bus_service", "mail.store", "orm"],
    start(_env, {bus_service: bus, "mail.store": store, orm}) {
        const fetcher = new ChangedEntriesFetcher(orm, store);
        bus.subscribe("pipeline_tracking/changed_entries", ({message_ids: ids}) =>
            fetcher.fetch(ids)
        );
        bus.subscribe("pipeline_tracking/new_entries", ({model, id}) => {
            const thread = store.Thread.get({model, id});
            if (thread?.isLoaded) {
                fetchNewMessages(thread);
            }
        });
    },
};

registry.category("services").add("pipeline_tracking.live_updates", liveUpdatesService);
