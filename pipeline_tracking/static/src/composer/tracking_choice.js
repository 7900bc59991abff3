import {Component} from "@odoo/owl";
import {describeFiles, describeToggle} from "./tracking_choice_text";
import {uniqueId} from "@web/core/utils/functions";

/**
 * Let the user of a composer choose whether the email is tracked, and how its files are
 * sent. Say beside the button why the email cannot be tracked and what helps, or which
 * recipients are not tracked. Screen readers hear changes.
 */
export class TrackingChoice extends Component {
    static template = "pipeline_tracking.TrackingChoice";
    static props = {
        isAsked: Boolean,
        preview: {type: [Object, Boolean], optional: true},
        attachFiles: Boolean,
        onToggle: Function,
        onToggleFiles: Function,
    };

    setup() {
        this.hintId = uniqueId("o_tracking_hint_");
    }

    get toggle() {
        return describeToggle(this.props.isAsked, this.props.preview);
    }

    /** The prediction while it applies. */
    get preview() {
        return (this.props.isAsked && this.props.preview) || {};
    }

    get files() {
        const {reason, file_count: count} = this.preview;
        return !reason && count ? describeFiles(count, this.props.attachFiles) : false;
    }

    onClick() {
        // Keyboards and screen readers can focus the button although it is disabled.
        if (!this.preview.reason) {
            this.props.onToggle();
        }
    }
}
