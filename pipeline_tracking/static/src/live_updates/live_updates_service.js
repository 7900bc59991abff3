import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const RETRY_DELAY_MS = 300;
const MAX_TRIES = 100;

/**
 * Fetch a chatter's new messages. While the chatter is loading, wait: its answer may not
 * contain the newest messages.
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
 * Fetches changed chatter entries as the user may see them. A request waits for the
 * previous answer, so that the last answer is the newest.
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
                // For example, no connection. The next change fetches these entries, too.
                messageIds.forEach((id) => this.pendingIds.add(id));
                break;
            }
        }
        this.isFetching = false;
    }
}

/** Fetches new and changed entries of an open chatter. The bus sends badges itself. */
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
