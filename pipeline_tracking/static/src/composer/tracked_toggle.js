import {Component} from "@odoo/owl";
import {describeToggle} from "../tracking_text";
import {useService} from "@web/core/utils/hooks";

/**
 * Show with an eye in a composer whether the email will be tracked. If the email cannot
 * be tracked, the eye is off and its tooltip shows the reason. Keyboards and screen
 * readers can still focus the eye.
 */
export class TrackedToggle extends Component {
    static template = "pipeline_tracking.TrackedToggle";
    static props = {
        isAsked: Boolean,
        untrackedText: {type: [String, Boolean], optional: true},
        onToggle: Function,
        className: {type: String, optional: true},
        hasLabel: {type: Boolean, optional: true},
    };

    setup() {
        this.notification = useService("notification");
    }

    get isTracked() {
        return this.props.isAsked && !this.props.untrackedText;
    }

    get title() {
        return describeToggle(this.isTracked, this.props.untrackedText);
    }

    onClick() {
        if (this.props.untrackedText) {
            // Touch screens have no tooltips.
            this.notification.add(this.props.untrackedText, {type: "info"});
        } else {
            this.props.onToggle();
        }
    }
}
