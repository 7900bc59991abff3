import {Component, useState} from "@odoo/owl";
import {formatExactTime, parsePastTime} from "./past_time";
import {TrackingTimeline, fetchTimeline} from "./tracking_timeline";
import {RelativeTime} from "@mail/core/common/relative_time";
import {_t} from "@web/core/l10n/translation";
import {describeTracking} from "../tracking_text";
import {usePopover} from "@web/core/popover/popover_hook";
import {useService} from "@web/core/utils/hooks";

/** The badge beside a message's date: what the recipients did last. */
export class TrackingBadge extends Component {
    static template = "pipeline_tracking.TrackingBadge";
    static components = {RelativeTime};
    static props = {message: Object};

    setup() {
        this.orm = useService("orm");
        this.state = useState({isLoading: false, isOpen: false});
        this.popover = usePopover(TrackingTimeline, {
            position: "bottom-start",
            popoverClass: "overflow-y-auto", // scrolls if the screen is too low
            arrow: false,
            onClose: () => {
                this.state.isOpen = false;
            },
        });
    }

    get badge() {
        return describeTracking(this.props.message.tracking);
    }

    get datetime() {
        return parsePastTime(this.badge.time);
    }

    get title() {
        const {time} = this.badge;
        return time
            ? _t("Last activity: %s. Show tracking details", formatExactTime(time))
            : _t("Show tracking details");
    }

    async onClick(ev) {
        if (this.state.isOpen) {
            this.popover.close();
            return;
        }
        if (this.state.isLoading) {
            return;
        }
        const {message} = this.props;
        const button = ev.currentTarget;
        this.state.isLoading = true;
        try {
            // Open the popover with all its lines, so that it does not jump.
            const timeline = await fetchTimeline(this.orm, message);
            this.popover.open(button, {message, timeline});
            this.state.isOpen = true;
        } finally {
            this.state.isLoading = false;
        }
    }
}
