// The module registers the fields that are patched here.
import "@mail/views/web/fields/scheduled_date_field/scheduled_date_field";
import {dayName, hourName} from "../heat_map/heat_map_labels";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {ScheduledDateDialog} from "@mail/views/web/fields/scheduled_date_field/scheduled_date_dialog";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

const MAX_SUGGESTIONS = 3;

/** Passes the recipients of the email on to the dialog. */
const scheduledDateFieldPatch = {
    setup() {
        super.setup();
        const {dialog} = this;
        const recipients = () =>
            (this.props.record.data.partner_ids?.currentIds || []).filter(Number);
        this.dialog = {
            ...dialog,
            add: (component, props, options) =>
                dialog.add(component, {...props, recipientIds: recipients()}, options),
        };
    },
};

for (const name of ["text_scheduled_date", "datetime_scheduled_date"]) {
    const {component} = registry.category("fields").get(name);
    patch(component.prototype, scheduledDateFieldPatch);
}

ScheduledDateDialog.props = {
    ...ScheduledDateDialog.props,
    recipientIds: {type: Array, element: Number, optional: true},
};

/** Suggests when the recipients usually open emails. */
patch(ScheduledDateDialog.prototype, {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.state.usualTimes = [];
        if (this.props.recipientIds?.length) {
            // The dialog does not wait for the suggestions.
            this.loadUsualTimes();
        }
    },

    async loadUsualTimes() {
        // The dialog shows times in the time zone of the browser.
        let times = [];
        try {
            times = await this.orm.silent.call(
                "res.partner",
                "get_usual_opening_times",
                [this.props.recipientIds],
                {context: {tz: luxon.DateTime.local().zoneName}}
            );
        } catch {
            return; // For example, no connection. Odoo's own choices remain.
        }
        this.state.usualTimes = times.slice(0, MAX_SUGGESTIONS).map((time) => ({
            option: `usual_${time.id}`,
            date: deserializeDateTime(time.next),
            text: _t("%(name)s usually opens emails on %(day)s, %(from)s to %(to)s", {
                name: time.name,
                day: dayName(time.weekday, "long"),
                from: hourName(time.start),
                to: hourName(time.end),
            }),
        }));
        const scheduled = this.props.scheduledDate?.toMillis();
        const chosen = this.state.usualTimes.find(
            ({date}) => date.toMillis() === scheduled
        );
        if (chosen && this.state.selectedOption === "custom") {
            this.state.selectedOption = chosen.option;
        }
    },

    get scheduledDate() {
        const {selectedOption, usualTimes} = this.state;
        const chosen = usualTimes.find(({option}) => option === selectedOption);
        return chosen ? chosen.date : super.scheduledDate;
    },
});
