import {registry} from "@web/core/registry";

const openFullComposer = [
    {
        trigger: ".o-mail-Chatter-sendMessage",
        run: "click",
    },
    {
        trigger: "[name='open-full-composer']",
        run: "click",
    },
    {
        content: "Tracked is on, and named",
        trigger:
            ".o_mail_composer_form_view:has(label:contains(Tracked)) [name='is_tracked'] input:checked",
    },
];

const send = (text) => [
    {
        trigger: ".o_mail_composer_form_view .o-wysiwyg div[contenteditable='true']",
        run: `editor ${text}`,
    },
    {
        trigger: ".o_mail_send[name='action_send_mail']",
        run: "click",
    },
    {
        trigger: `.o-mail-Message-body:contains("${text}")`,
    },
];

registry.category("web_tour.tours").add("pipeline_tracking_composer_tracked", {
    steps: () => [
        ...openFullComposer,
        {
            content: "Nothing speaks against it",
            trigger:
                ".o_mail_composer_form_view:not(:has([name='untracked_reason']:visible))",
        },
        ...send("Tracked hello"),
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_composer_refused", {
    steps: () => [
        ...openFullComposer,
        {
            content: "It says why before sending",
            trigger: "[name='untracked_reason']:contains(several recipients)",
        },
        {
            content: "Turned off, there is nothing to explain",
            trigger: "[name='is_tracked'] input",
            run: "click",
        },
        {
            trigger:
                ".o_mail_composer_form_view:not(:has([name='untracked_reason']:visible))",
        },
        {
            trigger: "[name='is_tracked'] input:not(:checked)",
            run: "click",
        },
        {
            trigger: "[name='untracked_reason']:contains(several recipients)",
        },
        ...send("Refused hello"),
    ],
});
