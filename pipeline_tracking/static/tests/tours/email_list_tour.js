import {registry} from "@web/core/registry";

/** The email, in a frame. */
const checkClickMap = {
    content: "The email shows the clicks on its links",
    trigger: ".o_click_map:iframe .o_click_map_count.used:contains(2 clicks)",
    run() {
        const link = this.anchor.closest("a");
        if (!link.textContent.startsWith("our prices")) {
            console.error(`The clicks are on the link ${link.textContent}`);
        }
        if (link.getAttribute("href") !== "https://x.example.net/prices") {
            console.error("The link does not lead to its original destination");
        }
    },
};

const followUp = [
    {
        trigger: ".o_form_view button[name='action_follow_up']",
        run: "click",
    },
    {
        trigger:
            ".modal [name='plan_text']:contains(Proposal):contains(Carla Customer)",
    },
    {
        trigger: ".modal [name='note'] .odoo-editor-editable",
        run: "editor Ask for the budget",
    },
    {
        trigger: ".modal button[name='action_schedule']",
        run: "click",
    },
    {
        trigger: ".o_notification:contains(1 follow-up is scheduled):contains(View)",
    },
    {
        content: "The form shows the date of the follow-up",
        trigger: ".o_form_view [name='follow_up_date']:contains(Today)",
    },
    {
        trigger: ".o_form_view button[name='action_follow_up']:enabled",
        run: "click",
    },
    {
        trigger:
            ".modal [name='open_follow_ups_text']:contains(Call is already scheduled for):contains(assigned to Sally Sales)",
    },
    {
        content: "Another follow-up can be scheduled",
        trigger: ".modal button[name='action_schedule']",
    },
    {
        trigger: ".modal footer button:contains(Discard)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal))",
    },
];

registry.category("web_tour.tours").add("pipeline_tracking_email_list", {
    steps: () => [
        {
            content: "The list shows the user's emails, without mailings",
            trigger: ".o_searchview_facet:contains(My Emails)",
        },
        {
            trigger: ".o_searchview_facet:contains(Without Mailings)",
        },
        {
            content: "The email that was clicked last is first",
            trigger:
                ".o_data_row:first:contains(Proposal):contains(Clicked) .o_relative_time",
            run() {
                const recipients = document.querySelectorAll(
                    ".o_data_row td[name='recipient_name']"
                );
                const names = [...recipients].map((cell) => cell.textContent).join();
                if (names !== "Carla Customer,Carla Customer") {
                    console.error(`The recipients are: ${names}`);
                }
            },
        },
        {
            trigger: ".o_data_row:first td[name='subject']",
            run: "click",
        },
        {
            trigger:
                ".o_form_view [name='action_ids'] .o_data_row:contains(our prices)",
        },
        {
            trigger: ".o_notebook .nav-link[name='email']",
            run: "click",
        },
        checkClickMap,
        {
            trigger: ".o_notebook .nav-link[name='links']",
            run: "click",
        },
        {
            trigger:
                "[name='address_link_ids'] .o_data_row:contains(our prices) [name='email_click_count']:contains(2)",
        },
        {
            content: "Files have no column for an address",
            trigger: "[name='file_link_ids']:not(:has([name='address']))",
        },
        {
            trigger:
                "[name='file_link_ids'] .o_data_row:contains(offer.pdf) [name='email_click_count']:contains(0)",
        },
        ...followUp,
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_email_list_phone", {
    steps: () => [
        {
            trigger: ".o_kanban_record:first:contains(Proposal):contains(Clicked)",
            run() {
                const {scrollWidth, clientWidth} = document.documentElement;
                if (scrollWidth > clientWidth) {
                    console.error(`The page is ${scrollWidth} px wide`);
                }
            },
        },
        {
            trigger: ".o_kanban_record:first",
            run: "click",
        },
        {
            content: "The actions that cannot be undone are in a menu",
            trigger:
                ".o_form_view .o_statusbar_buttons:not(:has(button[name='action_stop']))",
        },
        {
            trigger: ".o_notebook .nav-link[name='email']",
            run: "click",
        },
        checkClickMap,
        {
            content: "The email is as wide as the screen",
            trigger: "iframe.o_click_map",
            run() {
                const {width} = this.anchor.getBoundingClientRect();
                const {scrollWidth} = this.anchor.contentDocument.documentElement;
                if (width > window.innerWidth || scrollWidth > width) {
                    console.error(`The email is ${scrollWidth} px wide, not ${width}`);
                }
            },
        },
        {
            trigger: ".o_notebook .nav-link[name='links']",
            run: "click",
        },
        {
            trigger: "[name='address_link_ids'] .o_kanban_record:contains(Clicks: 2)",
        },
        ...followUp,
    ],
});
