import {inputFiles} from "@web/../tests/utils";
import {openFullComposer, openSmallComposer} from "./composer_steps";
import {registry} from "@web/core/registry";

const SMALL = ".o-mail-Composer";
const DIALOG = ".modal";

const attachFile = (place) => ({
    trigger: place,
    async run() {
        const file = new File(["hello, world"], "offer.txt", {type: "text/plain"});
        await inputFiles(`${place} .o_input_file`, [file]);
    },
});

const removeFile = (place) => ({
    trigger: `${place} [name=attachment_ids] li:last button`,
    run: "click",
});

const says = (place, state) => ({
    trigger: `${place} .o_tracked_toggle:contains(/^${state}$/)`,
});

const toggle = (place) => ({trigger: `${place} .o_tracked_toggle`, run: "click"});

const filesSay = (place, words) => ({
    trigger: `${place} .o_tracking_files:contains(${words})`,
});

const changeFiles = (place, label) => ({
    trigger: `${place} .o_tracking_files button:contains(${label})`,
    run: "click",
});

const writeFull = (text) => ({
    trigger: ".o_mail_composer_form_view .o-wysiwyg div[contenteditable='true']",
    run: `editor ${text}`,
});

const markSays = (state) => ({
    trigger: `.o-mail-Scheduled-Message .o_tracked_mark:contains(/^${state}$/)`,
});

const editScheduled = {
    trigger: ".o-mail-Scheduled-Message-buttons span:contains(Edit)",
    run: "click",
};

const saveScheduled = [
    {trigger: ".modal-footer button:contains(Save)", run: "click"},
    {trigger: "body:not(:has(.modal))"},
];

const schedule = [
    openSmallComposer,
    says(SMALL, "Tracked"),
    attachFile(SMALL),
    filesSay(SMALL, "1 file will be sent as a tracked link"),
    openFullComposer,
    says(DIALOG, "Tracked"),
    filesSay(DIALOG, "1 file will be sent as a tracked link"),
    writeFull("Later hello"),
    {trigger: ".modal-footer button[title='Send Later']", run: "click"},
    {
        trigger: ".modal:contains(Set Scheduled Date) button:contains(Save)",
        run: "click",
    },
    {trigger: ".modal-footer button:contains(Schedule)", run: "click"},
    markSays("Tracked"),
];

registry.category("web_tour.tours").add("pipeline_tracking_choice_small", {
    steps: () => [
        openSmallComposer,
        says(SMALL, "Tracked"),
        attachFile(SMALL),
        filesSay(SMALL, "1 file will be sent as a tracked link"),
        changeFiles(SMALL, "Attach instead"),
        filesSay(SMALL, "1 file will be attached"),
        changeFiles(SMALL, "Send as links"),
        changeFiles(SMALL, "Attach instead"),
        {trigger: `${SMALL}-input`, run: "edit Small hello"},
        {trigger: `${SMALL}-send:enabled`, run: "click"},
        {trigger: ".o-mail-Message-body:contains(Small hello)"},
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_choice_full", {
    steps: () => [
        openSmallComposer,
        attachFile(SMALL),
        changeFiles(SMALL, "Attach instead"),
        openFullComposer,
        filesSay(DIALOG, "1 file will be attached"),
        changeFiles(DIALOG, "Send as links"),
        filesSay(DIALOG, "1 file will be sent as a tracked link"),
        toggle(DIALOG),
        says(DIALOG, "Not tracked"),
        {trigger: `${DIALOG} .o_tracking_choice:not(:has(.o_tracking_files))`},
        toggle(DIALOG),
        says(DIALOG, "Tracked"),
        filesSay(DIALOG, "1 file will be sent as a tracked link"),
        attachFile(DIALOG),
        filesSay(DIALOG, "2 files will be sent as tracked links"),
        removeFile(DIALOG),
        filesSay(DIALOG, "1 file will be sent as a tracked link"),
        writeFull("Full hello"),
        {trigger: ".o_mail_send[name='action_send_mail']", run: "click"},
        {trigger: ".o-mail-Message-body:contains(Full hello)"},
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_choice_partly", {
    steps: () => [
        openSmallComposer,
        {
            trigger: `${SMALL} .o_tracking_choice:has(.o_tracked_toggle:contains(/^Tracked$/)) .o_tracking_exceptions:contains(except Oscar Other)`,
        },
        openFullComposer,
        {trigger: `${DIALOG} .o_tracking_exceptions:contains(except Oscar Other)`},
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_scheduled_off", {
    steps: () => [
        ...schedule,
        editScheduled,
        says(DIALOG, "Tracked"),
        toggle(DIALOG),
        says(DIALOG, "Not tracked"),
        ...saveScheduled,
        markSays("Not tracked"),
    ],
});

registry.category("web_tour.tours").add("pipeline_tracking_scheduled_attached", {
    steps: () => [
        ...schedule,
        editScheduled,
        changeFiles(DIALOG, "Attach instead"),
        filesSay(DIALOG, "1 file will be attached"),
        ...saveScheduled,
        editScheduled,
        filesSay(DIALOG, "1 file will be attached"),
        ...saveScheduled,
        markSays("Tracked"),
    ],
});
