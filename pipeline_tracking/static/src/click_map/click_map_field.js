import {Component, useExternalListener, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Show a document in a frame that runs no script, as high as the document. */
export class ClickMapField extends Component {
    static template = "pipeline_tracking.ClickMapField";
    static props = {...standardFieldProps};

    setup() {
        this.frame = useRef("frame");
        useExternalListener(window, "resize", this.fitHeight);
    }

    get page() {
        return this.props.record.data[this.props.name] || "";
    }

    get title() {
        return _t("The email, with the number of clicks on each link");
    }

    fitHeight() {
        const root = this.frame.el?.contentDocument?.documentElement;
        if (root) {
            // A document is never lower than its frame: first let it shrink.
            this.frame.el.style.height = "0";
            this.frame.el.style.height = `${root.scrollHeight + 2}px`;
        }
    }
}

registry.category("fields").add("click_map", {
    component: ClickMapField,
    displayName: _t("Click Map"),
    supportedTypes: ["text"],
});
