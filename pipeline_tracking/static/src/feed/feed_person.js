import {Component} from "@odoo/owl";
import {ICONS} from "../tracking_text";
import {PastTime} from "../badge/past_time";
import {_t} from "@web/core/l10n/translation";
import {imageUrl} from "@web/core/utils/urls";
import {useService} from "@web/core/utils/hooks";

function getIcon({actor, kind}) {
    if (actor === "machine") {
        return "fa-cogs";
    }
    return actor === "unknown" ? "fa-question-circle-o" : ICONS[kind];
}

/** A person in the feed: what they did last, and buttons to act on it. */
export class FeedPerson extends Component {
    static template = "pipeline_tracking.FeedPerson";
    static components = {PastTime};
    static props = {
        person: Object,
        /** Keys of lines that have arrived since the feed was opened. */
        newLines: Set,
        /** Reload the feed. */
        reload: Function,
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get lines() {
        return this.props.person.lines.map((line) => ({
            ...line,
            icon: getIcon(line),
            sender: line.sender && _t("sent by %s", line.sender),
            isNew: this.props.newLines.has(`${line.id} ${line.date}`),
        }));
    }

    get avatarUrl() {
        return imageUrl("res.partner", this.props.person.partner_id, "avatar_128");
    }

    get initial() {
        return this.props.person.name[0].toUpperCase();
    }

    get details() {
        const {company, address} = this.props.person;
        return [company, address].filter(Boolean).join(" · ");
    }

    /** Return the names of the buttons. Screen readers need the person in them. */
    get labels() {
        const {name, more_count: count} = this.props.person;
        return {
            call: _t("Call %s", name),
            followUp: _t("Follow Up with %s", name),
            more: _t("and %(count)s more", {count}),
            openRecord: _t("Open Record: %s", name),
            reply: _t("Reply to %s", name),
        };
    }

    get phoneUrl() {
        return `tel:${this.props.person.phone.replace(/\s+/g, "")}`;
    }

    async callServer(method) {
        const action = await this.orm.call("trackable.email", method, [
            [this.props.person.email_id],
        ]);
        await this.action.doAction(action, {onClose: this.props.reload});
    }

    openContact() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.props.person.partner_id,
            views: [[false, "form"]],
        });
    }

    openEmail(emailId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "trackable.email",
            res_id: emailId,
            views: [[false, "form"]],
        });
    }

    /** Show all tracked emails to this person. */
    openEmails() {
        const {name, address, partner_id: partnerId} = this.props.person;
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Emails to %s", name),
            res_model: "trackable.email",
            domain: partnerId
                ? [["partner_id", "=", partnerId]]
                : [["email_to", "=", address || name]],
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}
