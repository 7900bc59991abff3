import {registry} from "@web/core/registry";

/** New entries in a chatter that is open are fetched; the rest comes with the bus. */
export const liveService = {
    dependencies: ["bus_service", "mail.store"],
    start(_env, {bus_service: bus, "mail.store": store}) {
        bus.subscribe("pipeline_tracking/new_entries", ({model, id}) => {
            const thread = store.Thread.get({model, id});
            if (thread?.isLoaded) {
                thread.fetchNewMessages();
            }
        });
    },
};

registry.category("services").add("pipeline_tracking.live", liveService);
