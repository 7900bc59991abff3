import {registry} from "@web/core/registry";

const statistic = (name, value) => ({
    content: `${name} is ${value}`,
    trigger: `[name='${name}']:contains(/^${value}$/)`,
});

const chart = (interval, total) => ({
    content: `The graph shows ${total} open, grouped by ${interval}`,
    trigger: ".o_graph_view canvas",
    run() {
        const {data} = window.Chart.getChart(this.anchor);
        const [{data: counts}] = data.datasets;
        const shown = counts.reduce((sum, count) => sum + count, 0);
        const hasHours = data.labels.every((label) => String(label).includes(":"));
        if (shown !== total || hasHours !== (interval === "hour")) {
            console.error(`${shown} opens at ${data.labels}`);
        }
    },
});

registry.category("web_tour.tours").add("pipeline_tracking_mailing", {
    steps: () => [
        {
            trigger: ".o_data_row .o_data_cell:contains(First news)",
            run: "click",
        },
        {
            trigger: ".o_notebook_headers a[name='tracking']",
            run: "click",
        },
        statistic("tracked_open_people", "2"),
        statistic("tracked_open_count", "3"),
        statistic("tracked_maybe_people", "1"),
        statistic("tracked_raw_open_count", "4"),
        {
            content: "The used link comes first",
            trigger:
                "[name='most_used_link_ids'] .o_data_row:first:contains(prices) [name='recipient_count']:contains(/^1$/)",
        },
        {
            trigger: ".o_pager_next",
            run: "click",
        },
        {
            trigger: ".o_last_breadcrumb_item:contains(Second news)",
        },
        {
            trigger: ".o_notebook_headers a[name='tracking']",
            run: "click",
        },
        statistic("tracked_open_people", "1"),
        {
            content: "Open the list of recipients who opened the mailing",
            trigger: "[name='tracking_buttons'] button:contains(Opened)",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_searchview_facet:contains(Opened)",
        },
        {
            trigger: ".o_data_row:only:contains(Anna):contains(Opened)",
        },
        {
            trigger: ".breadcrumb-item.o_back_button",
            run: "click",
        },
        {
            trigger: "[name='tracking_buttons'] button:contains(Analyze)",
            run: "click",
        },
        chart("hour", 1),
        {
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_group_by_menu .o_accordion_toggle:contains(Date)",
            run: "click",
        },
        {
            trigger: ".o_group_by_menu .o_item_option:contains(Day)",
            run: "click",
        },
        {
            trigger: ".o_searchview_facet:contains(Date: Day)",
        },
        chart("day", 1),
        {
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            trigger: ".o_pivot_view .o_pivot_cell_value:contains(1)",
        },
    ],
});
