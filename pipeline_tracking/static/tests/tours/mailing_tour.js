import {registry} from "@web/core/registry";

const figure = (name, value) => ({
    content: `${name} is ${value}`,
    trigger: `[name='${name}']:contains(/^${value}$/)`,
});

const chart = (total) => ({
    content: `The chart tells of ${total} opens`,
    trigger: ".o_tracking_over_time canvas",
    run() {
        const cells = document.querySelectorAll(".o_field_tracking_over_time td");
        const sum = [...cells].reduce((all, cell) => all + Number(cell.innerText), 0);
        const {data} = window.Chart.getChart(this.anchor);
        const drawn = data.datasets[0].data.reduce((all, one) => all + one, 0);
        if (sum !== total || drawn !== total) {
            console.error(`${sum} told and ${drawn} drawn, not ${total}`);
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
        figure("tracked_open_people", "2"),
        figure("tracked_open_count", "3"),
        figure("tracked_maybe_people", "1"),
        figure("tracked_raw_open_count", "4"),
        {
            content: "The link that was used comes first",
            trigger:
                "[name='most_used_link_ids'] .o_data_row:first:contains(prices) [name='people_count']:contains(/^1$/)",
        },
        chart(3),
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
        figure("tracked_open_people", "1"),
        chart(1),
        {
            content: "From there to who opened it",
            trigger: "[name='tracking_buttons'] button:contains(Opened)",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_searchview_facet:contains(Opened)",
        },
        {
            trigger:
                ".o_data_row:only:contains(anna@customer.example.net):contains(Opened)",
        },
        {
            trigger: ".breadcrumb-item.o_back_button",
            run: "click",
        },
        {
            trigger: "[name='tracking_buttons'] button:contains(Analyse)",
            run: "click",
        },
        {
            content: "Its opens as a graph",
            trigger: ".o_graph_view canvas",
        },
        {
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            trigger: ".o_pivot_view .o_pivot_cell_value:contains(1)",
        },
    ],
});
