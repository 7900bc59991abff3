import {
    JournalDashboardGraphField,
    journalDashboardGraphField,
} from "@web/views/fields/journal_dashboard_graph/journal_dashboard_graph_field";
import {cookie} from "@web/core/browser/cookie";
import {getColor} from "@web/core/colors/colors";
import {registry} from "@web/core/registry";

/**
 * The dashboard's bars, with a scale, and read anew for each record: the dashboard reads
 * its data only once, and the pager would leave the chart of the record before.
 */
export class TrackingOverTimeField extends JournalDashboardGraphField {
    static template = "pipeline_tracking.TrackingOverTimeField";

    get title() {
        return this.props.record.fields[this.props.name].string;
    }

    get bars() {
        return this.read()[0].values;
    }

    read() {
        return JSON.parse(this.props.record.data[this.props.name]);
    }

    renderChart() {
        this.data = this.read();
        super.renderChart();
    }

    getBarChartConfig() {
        const config = super.getBarChartConfig();
        const {x, y} = config.options.scales;
        x.grid.display = false;
        Object.assign(x.ticks, {maxRotation: 0, autoSkipPadding: 16});
        Object.assign(y, {
            display: true,
            beginAtZero: true,
            grid: {color: x.grid.color},
            border: {display: false},
            ticks: {color: x.ticks.color, precision: 0, maxTicksLimit: 5},
        });
        Object.assign(config.data.datasets[0], {
            backgroundColor: getColor(0, cookie.get("color_scheme"), "odoo"),
            maxBarThickness: 40,
        });
        return config;
    }
}

registry.category("fields").add("tracking_over_time", {
    ...journalDashboardGraphField,
    component: TrackingOverTimeField,
});
