import {registry} from "@web/core/registry";

const person = (name) => `.o_tracking_feed_person:contains(${name})`;

registry.category("web_tour.tours").add("pipeline_tracking_feed", {
    steps: () => [
        {
            trigger: ".o_navbar_apps_menu button",
            run: "click",
        },
        {
            trigger: ".o_app[data-menu-xmlid='pipeline_tracking.menu_root']",
            run: "click",
        },
        {
            content: "The app opens with the feed",
            trigger: `${person("Carla Customer")} .o_tracking_feed_line:contains(/^Opened “Proposal”/)`,
        },
        {
            content: "An automated request is hidden",
            trigger:
                ".o_tracking_feed:not(:has([data-actor='machine'])) input[name='automated']",
            run: "click",
        },
        {
            trigger: `${person("Carla Customer")} .o_tracking_feed_line[data-actor='machine']`,
        },
        {
            trigger: "input[name='automated']",
            run: "click",
        },
        {
            trigger: ".o_tracking_feed:not(:has([data-actor='machine']))",
        },
        {
            trigger: `${person("Carla Customer")} button[aria-label='Reply to Carla Customer']`,
            run: "click",
        },
        {
            content: "The composer is addressed to the person",
            trigger:
                ".modal .o_mail_composer_form_view [name='partner_ids']:contains(Carla Customer)",
        },
        {
            trigger: ".modal [name='subject'] input:value(Re: Proposal)",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) button[aria-label='Open Record: Carla Customer']",
            run: "click",
        },
        {
            trigger: ".o_last_breadcrumb_item:contains(Big deal)",
        },
        {
            trigger: ".o_back_button",
            run: "click",
        },
        {
            trigger: person("Carla Customer"),
        },
    ],
});
