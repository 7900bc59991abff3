import {Component} from "@odoo/owl";
import {TrackingTimeline} from "./tracking_timeline";
import {describeTracking} from "../tracking_text";
import {usePopover} from "@web/core/popover/popover_hook";

/** Badge beside a message's envelope that shows what recipients did with the email. */
export class TrackingBadge extends Component {
    static template = "pipeline_tracking.TrackingBadge";
    static props = {message: Object};

    setup() {
        this.popover = usePopover(TrackingTimeline, {
            position: "bottom-start",
            popoverClass: "overflow-y-auto", // as high as there is room for
            arrow: false,
        });
    }

    get badge() {
        return describeTracking(this.props.message.tracking);
    }

    onClick(ev) {
        if (this.popover.isOpen) {
            this.popover.close();
        } else {
            this.popover.open(ev.currentTarget, {message: this.props.message});
        }
    }
}
