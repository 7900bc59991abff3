import {Chatter} from "@mail/chatter/web_portal/chatter";
import {patch} from "@web/core/utils/patch";
import {useEffect} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";

/** While a record's chatter is open, what becomes of its emails is told to it. */
patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        const bus = useService("bus_service");
        useEffect(
            (model, id) => {
                if (!id) {
                    return undefined;
                }
                const channel = `pipeline_tracking/${model}/${id}`;
                bus.addChannel(channel);
                return () => bus.deleteChannel(channel);
            },
            () => [this.props.threadModel, this.props.threadId]
        );
    },
});
