import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("pipeline_tracking_trackable_email", {
    steps: () => [
        {
            content: "The contact's button shows how many emails were opened",
            trigger:
                "button[name='action_open_trackable_emails']:contains(1 of 2 opened)",
            run: "click",
        },
        {
            content: "The list has only emails to this contact",
            trigger: ".o_list_view .o_data_row:contains(First offer)",
            run() {
                const rows = document.querySelectorAll(".o_data_row");
                if (rows.length !== 2) {
                    console.error(`${rows.length} trackable emails, not 2`);
                }
            },
        },
        {
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_filter_menu .o_menu_item:contains(Not Opened after 3 Days)",
            run: "click",
        },
        {
            trigger: ".o_data_row:only:contains(Second offer)",
        },
        {
            content: "Follow up on the selected email",
            trigger: ".o_data_row .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: "button[name='action_follow_up']",
            run: "click",
        },
        {
            content: "Schedule the follow-up with the proposed type and date",
            trigger: ".modal button[name='action_schedule']",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(1 follow-up is scheduled)",
        },
        {
            content: "The list is loaded again, with the date of the follow-up",
            trigger: ".o_data_row:contains(Second offer):contains(Today)",
        },
        {
            trigger: ".o_data_row .o_data_cell:contains(Second offer)",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name='action_follow_up']",
            run: "click",
        },
        {
            content: "The dialog names the first follow-up",
            trigger: ".modal:contains(Call is already scheduled for)",
        },
        {
            trigger: ".modal footer button:contains(Discard)",
            run: "click",
        },
        {
            trigger: ".o_navbar_apps_menu button",
            run: "click",
        },
        {
            trigger: ".o_app[data-menu-xmlid='pipeline_tracking.menu_root']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='pipeline_tracking.menu_trackable_email']",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row",
        },
        {
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            trigger: ".o_graph_view canvas",
        },
        {
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            trigger: ".o_pivot_view tr:contains(Sally Sales) .o_pivot_cell_value",
        },
        {
            trigger: "[data-menu-xmlid='pipeline_tracking.menu_reporting']",
            run: "click",
        },
        {
            trigger:
                "[data-menu-xmlid='pipeline_tracking.menu_trackable_email_report']",
            run: "click",
        },
        {
            content: "The salesperson's open rate: one of three emails",
            trigger:
                ".o_pivot_view tr:contains(Sally Sales) .o_pivot_cell_value:contains(33.33%)",
        },
        {
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            trigger: ".o_graph_view canvas",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Open the email of a report row",
            trigger: ".o_data_row .o_data_cell:contains(First offer)",
            run: "click",
        },
        {
            trigger: ".o_form_view [name='action_ids'] .o_data_row:contains(Open)",
        },
    ],
});
