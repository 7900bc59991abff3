import {registry} from "@web/core/registry";

const step = (number) => `.o_tracking_step:nth-child(${number})`;
const isDone = (number) => ({trigger: `${step(number)} > i[aria-label='Done']`});
const isOpen = (number) => ({
    trigger: `${step(number)} > i[aria-label='Not done yet']`,
});
const click = (trigger) => ({trigger, run: "click"});
const openFromMenu = [
    click("button[data-menu-xmlid='pipeline_tracking.menu_configuration']"),
    click(".dropdown-item[data-menu-xmlid='pipeline_tracking.menu_trackable_setup']"),
];

registry.category("web_tour.tours").add("pipeline_tracking_first_steps", {
    steps: () => [
        ...openFromMenu,
        ...[1, 2, 3, 4].map(isOpen),
        {
            trigger: `${step(2)}:contains(adam@acme.example.com)`,
        },
        click(`${step(2)} button:contains(Send Test Email)`),
        {
            trigger: `${step(2)} button:contains(Send Again)`,
        },
        click(`${step(3)} a:contains(Privacy Settings)`),
        {
            content: "The settings show the privacy settings of Email Tracking",
            trigger: ".o_settings_container #tracking_consent_mode",
        },
        click(".o_menu_toggle, .o_navbar_apps_menu button"),
        click(".dropdown-item[data-menu-xmlid='pipeline_tracking.menu_root']"),
        ...openFromMenu,
        isDone(3),
        {trigger: ".o_tracking_first_steps [role=status]:contains(1 of 4 done)"},
        click("button[aria-label='Close the first steps']"),
        {
            content: "The app is shown without the panel",
            trigger: "body:not(:has(.o_tracking_first_steps)) .o_control_panel",
        },
        ...openFromMenu,
        isDone(3),
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_first_steps_check", {
    steps: () => [
        click(`${step(1)} button:contains(Check Tracking)`),
        {
            content: "The findings begin with the summary",
            trigger:
                ".modal [role=status].alert-danger:contains(Emails are not tracked)",
        },
        {
            trigger: ".modal .o_kanban_record:first:contains(is not a public address)",
        },
        click(".modal footer button:contains(Close)"),
        {
            trigger: `${step(1)} .text-danger:contains(Emails are not tracked)`,
        },
        isOpen(1),
    ],
});
