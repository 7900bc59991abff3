import {dayName, hourName} from "./heat_map_labels";
import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {findBest} from "./heat_map_grid";
import {registry} from "@web/core/registry";

export class HeatMapRenderer extends Component {
    static template = "pipeline_tracking.HeatMapRenderer";
    static props = {model: Object, openCell: Function};

    get archInfo() {
        return this.props.model.archInfo;
    }

    get grid() {
        return this.props.model.grid;
    }

    get days() {
        return this.grid.days.map(({day, total, cells}) => ({
            key: day,
            label: dayName(day, this.env.isSmall ? "short" : "long"),
            title: dayName(day, "long"),
            total,
            cells,
        }));
    }

    get hours() {
        return this.grid.hours.map((total, hour) => ({
            key: hour,
            label: hourName(hour, !this.env.isSmall),
            title: hourName(hour),
            total,
            cells: this.grid.days.map(({cells}) => cells[hour]),
        }));
    }

    /** Return the days as rows. On a narrow phone, return the hours. */
    get rows() {
        return this.env.isSmall ? this.hours : this.days;
    }

    get columns() {
        return this.env.isSmall ? this.days : this.hours;
    }

    get summary() {
        const best = findBest(this.grid);
        const total = this.format(this.grid.total);
        if (!best) {
            return _t("%(total)s in total. No time stands out.", {total});
        }
        return _t(
            "Busiest time: %(day)s, %(from)s to %(to)s, %(count)s of %(total)s.",
            {
                day: dayName(best.day, "long"),
                from: hourName(best.from),
                to: hourName(best.to),
                count: this.format(best.value),
                total,
            }
        );
    }

    get timeZone() {
        return _t("Time zone: %s", this.props.model.context.tz);
    }

    format(value) {
        return registry.category("formatters").get(this.archInfo.type)(value);
    }

    /** Format a value for the narrow space of a cell. */
    formatShort(value) {
        const formatter = registry.category("formatters").get(this.archInfo.type);
        return formatter(value, {humanReadable: value >= 1000, decimals: 1});
    }

    describe(cell) {
        return _t("%(day)s, %(from)s to %(to)s", {
            day: dayName(cell.day, "long"),
            from: hourName(cell.hour),
            to: hourName(cell.hour + 1),
        });
    }

    describeValue(cell) {
        return `${this.describe(cell)}: ${this.format(cell.value)}`;
    }
}
