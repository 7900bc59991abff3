import {openFullComposer, openSmallComposer} from "./composer_steps";
import {registry} from "@web/core/registry";

const SMALL = ".o-mail-Composer .o_tracked_toggle";
const FULL = ".modal .o_tracked_toggle";

const isOn = (toggle) => ({
    content: "Tracked is on, and says so",
    trigger: `${toggle}[aria-pressed='true']:contains(/^Tracked$/)`,
});

const isOff = (toggle) => ({
    content: "Tracked is off, says so, and can be turned on",
    trigger: `${toggle}[aria-pressed='false'][aria-disabled='false']:contains(/^Not tracked$/)`,
});

const isRefused = (toggle, why) => ({
    content: `The email cannot be tracked, and the reason stands beside it: ${why}`,
    trigger: `${toggle}[aria-pressed='false'][aria-disabled='true']:contains(/^Cannot be tracked$/) + .o_tracking_hint:contains(${why})`,
});

const click = (toggle) => ({trigger: toggle, run: "click"});

const badgeOf = (text, badge) => ({
    trigger: `.o-mail-Message:contains(${text}) .o_tracking_badge:contains(${badge})`,
});

const addRecipient = (name) => [
    {
        trigger: ".o-mail-RecipientsInput input",
        run: `edit ${name}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains(${name})`,
        run: "click",
    },
    {trigger: `.o-mail-RecipientsInput .o_tag:contains(${name})`},
];

const sendSmall = (text) => [
    {
        trigger: ".o-mail-Composer-input",
        run: `edit ${text}`,
    },
    {
        trigger: ".o-mail-Composer-send:enabled",
        run: "click",
    },
    {trigger: `.o-mail-Message-body:contains("${text}")`},
];

const sendFull = (text) => [
    {
        trigger: ".o_mail_composer_form_view .o-wysiwyg div[contenteditable='true']",
        run: `editor ${text}`,
    },
    {
        trigger: ".o_mail_send[name='action_send_mail']",
        run: "click",
    },
    {trigger: `.o-mail-Message-body:contains("${text}")`},
];

registry.category("web_tour.tours").add("pipeline_tracking_composer_small", {
    steps: () => [
        openSmallComposer,
        isOn(SMALL),
        ...sendSmall("Small hello"),
        badgeOf("Small hello", "Not opened yet"),
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_composer_untracked", {
    steps: () => [
        openSmallComposer,
        isOn(SMALL),
        click(SMALL),
        isOff(SMALL),
        ...sendSmall("Unseen hello"),
        {
            content: "An email without Tracked has no badge",
            trigger:
                ".o-mail-Message:contains(Unseen hello):not(:has(.o_tracking_badge))",
        },
        openSmallComposer,
        isOn(SMALL),
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_composer_remembers", {
    steps: () => [
        openSmallComposer,
        isOn(SMALL),
        click(SMALL),
        isOff(SMALL),
        openFullComposer,
        isOff(FULL),
        click(FULL),
        isOn(FULL),
        {
            trigger:
                ".o_mail_composer_form_view .o-wysiwyg div[contenteditable='true']",
            run: "editor Not yet",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {trigger: "body:not(:has(.modal))"},
        openSmallComposer,
        isOn(SMALL),
        openFullComposer,
        isOn(FULL),
        ...sendFull("Full hello"),
        badgeOf("Full hello", "Not opened yet"),
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_composer_refused", {
    steps: () => [
        openSmallComposer,
        isOn(SMALL),
        ...addRecipient("Oscar Other"),
        isRefused(SMALL, "More than one recipient"),
        {
            trigger: ".o-mail-RecipientsInput .o_tag:contains(Oscar Other) .o_delete",
            run: "click",
        },
        isOn(SMALL),
        ...addRecipient("Oscar Other"),
        isRefused(SMALL, "More than one recipient"),
        openFullComposer,
        isRefused(FULL, "More than one recipient"),
        ...sendFull("Refused hello"),
        badgeOf("Refused hello", "Not tracked: 2 recipients"),
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_composer_objected", {
    steps: () => [openSmallComposer, isRefused(SMALL, "opted out of tracking")],
});

registry.category("web_tour.tours").add("pipeline_tracking_composer_note", {
    steps: () => [
        {
            trigger: ".o-mail-Chatter-logNote",
            run: "click",
        },
        {
            content: "A note has no Tracked button",
            trigger:
                ".o-mail-Composer:has([name='open-full-composer']):not(:has(.o_tracked_toggle))",
        },
        openFullComposer,
        {
            trigger:
                ".modal:has(.o_mail_composer_form_view):not(:has(.o_tracked_toggle))",
        },
    ],
});
