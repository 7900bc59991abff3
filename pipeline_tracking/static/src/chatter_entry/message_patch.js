import {Message} from "@mail/core/common/message";
import {_t} from "@web/core/l10n/translation";
import {createElementWithContent} from "@web/core/utils/html";
import {markup} from "@odoo/owl";
import {patch} from "@web/core/utils/patch";

const {DateTime} = luxon;
const MESSAGE_URL = /^\/mail\/message\/([0-9]+)$/;

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        this.renderedEntry = {source: undefined, body: undefined};
    },

    /** Whether the message is a chatter entry, shown in one line. */
    get isCompactEntry() {
        return Boolean(this.message.is_tracking_entry && !this.props.asCard);
    },

    get messageTypeText() {
        return this.message.is_tracking_entry
            ? _t("Trackable Email Action")
            : super.messageTypeText;
    },

    /**
     * Return the text of a chatter entry for this reader: times in the reader's time
     * zone, and a link that opens the email without a reload, as Odoo opens messages.
     */
    get entryBody() {
        const source = String(this.message.body);
        // Owl replaces the elements of a new object, even if the text is the same. A
        // click would be lost if Odoo renders the message while the mouse is pressed.
        if (this.renderedEntry.source !== source) {
            // In a called template, an assignment to `this` would not last.
            Object.assign(this.renderedEntry, {source, body: this.renderEntryBody()});
        }
        const {body} = this.renderedEntry;
        return this.props.messageSearch?.highlight(body) ?? body;
    },

    renderEntryBody() {
        // As safe as the body: the server sanitized it, and only text is added.
        const bodyEl = createElementWithContent("div", this.message.body);
        for (const timeEl of bodyEl.querySelectorAll("time[datetime]")) {
            const time = DateTime.fromISO(timeEl.dateTime).setZone("default");
            if (time.isValid) {
                const isSameDay = time.hasSame(this.message.datetime, "day");
                timeEl.textContent = time.toLocaleString(
                    isSameDay ? DateTime.TIME_SIMPLE : DateTime.DATETIME_SHORT
                );
                timeEl.title = time.toLocaleString(
                    DateTime.DATETIME_SHORT_WITH_SECONDS
                );
            }
        }
        for (const linkEl of bodyEl.querySelectorAll("a[href]")) {
            const id = linkEl.getAttribute("href").match(MESSAGE_URL)?.[1];
            if (id) {
                linkEl.classList.add("o_message_redirect");
                linkEl.dataset.oeModel = "mail.message";
                linkEl.dataset.oeId = id;
            }
        }
        return markup(bodyEl.innerHTML);
    },
});
