import {Component} from "@odoo/owl";
import {describeToggle} from "../tracking_text";
import {useService} from "@web/core/utils/hooks";

/**
 * The eye of a composer, which shows whether the email will be tracked. If that is not
 * possible, the eye is off and says why. It can still be focused, for screen readers.
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
            // A touch screen has no tooltip.
            this.notification.add(this.props.untrackedText, {type: "info"});
        } else {
            this.props.onToggle();
        }
    }
}
