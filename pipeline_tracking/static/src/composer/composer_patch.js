import {Composer} from "@mail/core/common/composer";
import {TrackedToggle} from "./tracked_toggle";
import {KeepLast} from "@web/core/utils/concurrency";
import {patch} from "@web/core/utils/patch";
import {registerComposerAction} from "@mail/core/common/composer_actions";
import {browser} from "@web/core/browser/browser";
import {useEffect, useState} from "@odoo/owl";

// Users choose recipients one after the other. Wait until they pause before asking.
const ASK_DELAY_MS = 150;

/** Ask the server, while recipients change, whether the email can be tracked. */
patch(Composer.prototype, {
    setup() {
        super.setup(...arguments);
        this.trackedComposer = useState(this.props.composer);
        this.keepLastUntracked = new KeepLast();
        useEffect(
            (question) => {
                if (!question) {
                    return undefined;
                }
                const timer = browser.setTimeout(
                    () => this.updateUntracked(JSON.parse(question)),
                    ASK_DELAY_MS
                );
                return () => browser.clearTimeout(timer);
            },
            // Ask only if the user turned tracking on.
            () => [
                this.canBeTracked && this.trackedComposer.wantsTracking
                    ? JSON.stringify(this.recipientsToTrack)
                    : false,
            ]
        );
    },

    /** Return whether the user writes a new message on a record, and not a log note. */
    get canBeTracked() {
        const {thread, message} = this.trackedComposer;
        return Boolean(
            !message &&
                thread?.id &&
                !["discuss.channel", "mail.box"].includes(thread.model) &&
                this.props.type === "message"
        );
    },

    get recipientsToTrack() {
        const {thread, mentionedPartners} = this.trackedComposer;
        const recipients = [
            ...thread.suggestedRecipients,
            ...thread.additionalRecipients,
        ];
        return {
            model: thread.model,
            id: thread.id,
            followers: [thread.followersCount, thread.recipientsCount],
            partnerIds: [
                ...recipients.map((recipient) => recipient.partner_id),
                ...mentionedPartners.map((partner) => partner.id),
            ].filter(Boolean),
            emails: recipients
                .filter((recipient) => !recipient.partner_id)
                .map((recipient) => recipient.email),
        };
    },

    async updateUntracked({model, id, partnerIds, emails}) {
        // The answer is for this composer, even if the user has opened another record.
        const {composer} = this.props;
        const call = this.env.services.orm.silent.call(model, "get_untracked_reason", [
            [id],
            partnerIds,
            emails,
        ]);
        const [, text] = await this.keepLastUntracked.add(
            call.catch(() => [false, false]) // for example, a deleted record: the server decides at sending
        );
        composer.untrackedText = text;
    },

    get postData() {
        const data = super.postData;
        if (this.canBeTracked) {
            // The server decides again at sending: the answer may be outdated.
            data.isTracked = this.props.composer.wantsTracking;
        }
        return data;
    },

    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        return this.canBeTracked
            ? {...context, default_is_tracked: this.props.composer.wantsTracking}
            : context;
    },
});

registerComposerAction("tracked", {
    condition: ({owner}) => owner.canBeTracked,
    component: TrackedToggle,
    componentProps({composer}) {
        return {
            isAsked: composer.wantsTracking,
            untrackedText: composer.wantsTracking && composer.untrackedText,
            onToggle: () => {
                composer.isTrackingAsked = !composer.wantsTracking;
            },
            className: "o-mail-ActionList-button btn-secondary border-0 rounded-circle",
        };
    },
    sequence: 25,
});
