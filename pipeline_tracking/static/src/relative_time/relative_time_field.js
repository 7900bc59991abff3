import {Component, xml} from "@odoo/owl";
import {RelativeTime} from "@mail/core/common/relative_time";
import {_t} from "@web/core/l10n/translation";
import {formatDateTime} from "@web/core/l10n/dates";
import {limitToPast} from "../badge/past_time";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Show how long ago a time was, and the exact time on hover. */
export class RelativeTimeField extends Component {
    static template = xml`
        <span t-if="value" class="o_relative_time text-nowrap" t-att-title="exactTime">
            <RelativeTime datetime="pastTime"/>
        </span>`;
    static components = {RelativeTime};
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name];
    }

    get pastTime() {
        return limitToPast(this.value);
    }

    get exactTime() {
        return formatDateTime(this.value);
    }
}

registry.category("fields").add("tracking_relative_time", {
    component: RelativeTimeField,
    displayName: _t("Relative Time"),
    supportedTypes: ["datetime"],
});
