import {Component} from "@odoo/owl";
import {TrackingChoice} from "./tracking_choice";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

/**
 * Show the choice about tracking in the footer of a form that sends an email. The form
 * also has the fields `attach_files` and `tracking_preview`.
 */
export class TrackingChoiceField extends Component {
    static template = "pipeline_tracking.TrackingChoiceField";
    static components = {TrackingChoice};
    static props = {...standardFieldProps};

    setup() {
        this.store = useService("mail.store");
    }

    get data() {
        return this.props.record.data;
    }

    async toggle(name) {
        await this.props.record.update({[name]: !this.data[name]});
        const composer = this.getChatterComposer();
        if (composer) {
            // Odoo moves the text back to the chatter when the user closes this dialog.
            composer.isTrackingAsked = this.data.is_tracked;
            composer.attachFiles = this.data.attach_files;
        }
    }

    getChatterComposer() {
        const {composition_mode: mode, model, res_ids: resIds} = this.data;
        if (mode !== "comment" || !resIds) {
            return undefined;
        }
        const [id] = JSON.parse(resIds);
        return this.store.Thread.get({model, id})?.composer;
    }
}

registry.category("fields").add("tracking_choice", {
    component: TrackingChoiceField,
    supportedTypes: ["boolean"],
});
