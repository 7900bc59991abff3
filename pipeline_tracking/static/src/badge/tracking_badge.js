import {Component} from "@odoo/owl";
import {TrackingTimeline} from "./tracking_timeline";
import {describeTracking} from "../tracking_text";
import {usePopover} from "@web/core/popover/popover_hook";

/** The badge beside a message's envelope, with the number of opens and clicks. */
export class TrackingBadge extends Component {
    static template = "pipeline_tracking.TrackingBadge";
    static props = {message: Object};

    setup() {
        this.popover = usePopover(TrackingTimeline, {
            position: "bottom-start",
            popoverClass: "overflow-y-auto", // scrolls if the screen is too low
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
