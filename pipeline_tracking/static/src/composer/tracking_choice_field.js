import {Component} from "@odoo/owl";
import {TrackingChoice} from "./tracking_choice";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {useService} from "@web/core/utils/hooks";

/**
 * Show the choice about tracking in the footer of a form that sends an email. The form
 * also has the fields `attachment_ids`, `attach_files` and `tracking_preview`. While
 * tracking is on, ask the server for the preview again after a change of the files.
 */
export class TrackingChoiceField extends Component {
    static template = "pipeline_tracking.TrackingChoiceField";
    static components = {TrackingChoice};
    static props = {...standardFieldProps};

    setup() {
        this.store = useService("mail.store");
        let knownFileIds = undefined;
        useRecordObserver((record) => {
            const fileIds = JSON.stringify(record.data.attachment_ids?.currentIds);
            const hasChanged = knownFileIds && fileIds !== knownFileIds;
            knownFileIds = fileIds;
            if (hasChanged && record.data.is_tracked) {
                // The server predicts again, although this value stays the same.
                record.update({is_tracked: true});
            }
        });
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
