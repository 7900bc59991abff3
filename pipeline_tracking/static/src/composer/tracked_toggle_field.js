import {Component} from "@odoo/owl";
import {TrackedToggle} from "./tracked_toggle";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

/** Show the eye in the full composer. */
export class TrackedToggleField extends Component {
    static template = "pipeline_tracking.TrackedToggleField";
    static components = {TrackedToggle};
    static props = {...standardFieldProps};

    setup() {
        this.store = useService("mail.store");
    }

    get isAsked() {
        return this.props.record.data[this.props.name];
    }

    get untrackedText() {
        const {data, fields} = this.props.record;
        const reasons = fields.untracked_reason.selection;
        return reasons.find(([code]) => code === data.untracked_reason)?.[1] ?? false;
    }

    async onToggle() {
        const isAsked = !this.isAsked;
        await this.props.record.update({[this.props.name]: isAsked});
        const composer = this.getChatterComposer();
        if (composer) {
            // Odoo moves the text back to the chatter when the user closes this dialog.
            composer.isTrackingAsked = isAsked;
        }
    }

    getChatterComposer() {
        const {composition_mode: mode, model, res_ids: resIds} = this.props.record.data;
        if (mode !== "comment" || !resIds) {
            return undefined;
        }
        const [id] = JSON.parse(resIds);
        return this.store.Thread.get({model, id})?.composer;
    }
}

registry.category("fields").add("tracked_toggle", {
    component: TrackedToggleField,
    supportedTypes: ["boolean"],
});
