import {Component} from "@odoo/owl";
import {RelativeTime} from "@mail/core/common/relative_time";
import {_t} from "@web/core/l10n/translation";
import {formatDateTime} from "@web/core/l10n/dates";
import {limitToPast} from "../badge/past_time";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Show an eye, and how long ago a recipient last opened an email or used its links. */
export class LastActionField extends Component {
    static template = "pipeline_tracking.LastActionField";
    static components = {RelativeTime};
    static props = {...standardFieldProps};

    /** Return the time, or false. Odoo's sample records have random times. */
    get time() {
        const {model, data} = this.props.record;
        return !model.useSampleModel && data[this.props.name];
    }

    get pastTime() {
        return limitToPast(this.time);
    }

    get title() {
        return _t("Last opened or clicked on %s", formatDateTime(this.time));
    }
}

registry.category("fields").add("tracking_last_action", {
    component: LastActionField,
    displayName: _t("Last Opened or Clicked"),
    supportedTypes: ["datetime"],
});
