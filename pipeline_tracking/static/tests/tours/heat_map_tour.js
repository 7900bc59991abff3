import {registry} from "@web/core/registry";

const cell = (day, hour) =>
    `.o_heat_map_table td[data-day='${day}'][data-hour='${hour}']`;

const counts = (day, hour, count) => ({
    content: `${count} on day ${day} at ${hour}`,
    trigger: `${cell(day, hour)} button:contains(/^${count}$/)`,
});

const totals = (total) => ({
    content: `${total} in total`,
    trigger: `.o_heat_map_table tfoot .o_heat_map_total:last:contains(/^${total}$/)`,
});

const facet = (text) => ({
    trigger: `.o_searchview_facet:contains(${text})`,
});

registry.category("web_tour.tours").add("pipeline_tracking_heat_map", {
    steps: () => [
        {
            trigger: "button[data-menu-xmlid='pipeline_tracking.menu_reporting']",
            run: "click",
        },
        {
            trigger:
                ".dropdown-item[data-menu-xmlid='pipeline_tracking.menu_opening_times']",
            run: "click",
        },
        facet("Last 12 Months"),
        facet("Without Mailings"),
        totals(6),
        counts(2, 9, 3),
        counts(2, 10, 1),
        counts(0, 23, 1),
        {
            content: "A cell without a value has no button",
            trigger: `${cell(3, 11)}:not(:has(button))`,
        },
        {
            trigger:
                ".o_heat_map_summary:contains(Busiest time: Tuesday, 9:00 AM to 11:00 AM, 4 of 6.)",
        },
        {
            content: "Remove the filter for opens to show clicks and downloads too",
            trigger: ".o_searchview_facet:contains(Opens) .o_facet_remove",
            run: "click",
        },
        counts(3, 11, 1),
        {
            trigger: `${cell(2, 9)} button`,
            run: "click",
        },
        {
            content: "The list shows the records that the cell counts",
            trigger: ".o_last_breadcrumb_item:contains(Tuesday, 9:00 AM to 10:00 AM)",
        },
        {
            trigger: ".o_list_view .o_data_row:eq(2)",
            run() {
                const rows = document.querySelectorAll(".o_data_row");
                if (rows.length !== 3) {
                    console.error(`${rows.length} rows, not 3`);
                }
            },
        },
        {
            trigger: ".breadcrumb-item.o_back_button",
            run: "click",
        },
        counts(2, 9, 3),
        {
            content: "Opens of mailings are not counted by default",
            trigger: `${cell(5, 13)}:not(:has(button))`,
        },
        {
            trigger: ".o_searchview_facet:contains(Without Mailings) .o_facet_remove",
            run: "click",
        },
        counts(5, 13, 1),
        {
            content: "Switch to the graph",
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            trigger: ".o_graph_view canvas",
        },
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_heat_map_partner", {
    steps: () => [
        {
            trigger: ".o_form_view .o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o-dropdown-item:contains(Opening Times)",
            run: "click",
        },
        facet("Carla Customer"),
        totals(4),
        counts(2, 9, 2),
        counts(4, 16, 1),
        {
            trigger: `${cell(0, 23)}:not(:has(button))`,
        },
        {
            content: "Remove the recipient to show the actions of all recipients",
            trigger: ".o_searchview_facet:contains(Carla) .o_facet_remove",
            run: "click",
        },
        totals(6),
    ],
});
