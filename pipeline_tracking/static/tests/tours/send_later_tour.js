import {registry} from "@web/core/registry";

const SUGGESTION =
    ".o_tracking_usual_time:contains(Carla Customer usually opens emails on Tuesday, 9:00 AM to 10:00 AM)";

const openDialog = [
    {trigger: ".o-mail-Chatter-sendMessage:not(.active)", run: "click"},
    {trigger: "[name='open-full-composer']", run: "click"},
    {trigger: ".modal button[title='Send Later']", run: "click"},
];

registry.category("web_tour.tours").add("pipeline_tracking_send_later", {
    steps: () => [
        ...openDialog,
        {trigger: `${SUGGESTION} input`, run: "click"},
        {trigger: ".modal button:contains(Save)", run: "click"},
        {trigger: ".modal button[title='Send Later']:contains(Sending)", run: "click"},
        {
            content: "The dialog remembers the suggestion",
            trigger: `${SUGGESTION} input:checked`,
        },
        {trigger: ".modal button:contains(Save)", run: "click"},
        {
            trigger:
                ".o_mail_composer_form_view .o-wysiwyg div[contenteditable='true']",
            run: "editor See you on Tuesday",
        },
        {trigger: ".modal button:contains(/^Schedule$/)", run: "click"},
        {trigger: ".o-mail-Scheduled-Message:contains(See you on Tuesday)"},
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_send_later_without", {
    steps: () => [
        ...openDialog,
        {trigger: ".modal input[value=custom]", run: "click"},
        {
            content: "Too few opens: no suggestion",
            trigger:
                ".modal:has(input[value=custom]:checked):not(:has(.o_tracking_usual_time))",
        },
    ],
});
