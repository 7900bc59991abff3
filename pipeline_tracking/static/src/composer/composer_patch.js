import {Composer} from "@mail/core/common/composer";
import {TrackingChoice} from "./tracking_choice";
import {KeepLast} from "@web/core/utils/concurrency";
import {patch} from "@web/core/utils/patch";
import {browser} from "@web/core/browser/browser";
import {useEffect, useState} from "@odoo/owl";

// Users choose recipients one after the other. Wait until they pause before asking.
const ASK_DELAY_MS = 150;

Object.assign(Composer.components, {TrackingChoice});

/** Ask the server, while recipients and files change, whether the email can be tracked. */
patch(Composer.prototype, {
    setup() {
        super.setup(...arguments);
        this.trackedComposer = useState(this.props.composer);
        this.keepLastPreview = new KeepLast();
        useEffect(
            (question) => {
                if (!question) {
                    return undefined;
                }
                // The answer is for this composer, even if the user opens another record.
                const {composer} = this.props;
                const timer = browser.setTimeout(
                    () => this.updateTrackingPreview(composer, JSON.parse(question)),
                    ASK_DELAY_MS
                );
                return () => browser.clearTimeout(timer);
            },
            // Ask only if the user turned tracking on.
            () => [
                this.canBeTracked && this.trackedComposer.wantsTracking
                    ? JSON.stringify(this.emailToTrack)
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

    get emailToTrack() {
        const {thread, mentionedPartners, attachments} = this.trackedComposer;
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
            attachmentIds: attachments
                .filter((attachment) => !attachment.uploading)
                .map((attachment) => attachment.id),
        };
    },

    async updateTrackingPreview(
        composer,
        {model, id, partnerIds, emails, attachmentIds}
    ) {
        const call = this.env.services.orm.silent.call(model, "get_tracking_preview", [
            [id],
            partnerIds,
            emails,
            attachmentIds,
        ]);
        composer.trackingPreview = await this.keepLastPreview.add(
            call.catch(() => false) // for example, a deleted record: the server decides at sending
        );
    },

    get trackingChoiceProps() {
        const composer = this.trackedComposer;
        return {
            isAsked: composer.wantsTracking,
            preview: composer.trackingPreview,
            attachFiles: composer.attachFiles,
            onToggle: () => {
                composer.isTrackingAsked = !composer.wantsTracking;
            },
            onToggleFiles: () => {
                composer.attachFiles = !composer.attachFiles;
            },
        };
    },

    get postData() {
        const data = super.postData;
        if (this.canBeTracked) {
            // The server decides again at sending: the answer may be outdated.
            data.isTracked = this.props.composer.wantsTracking;
            data.attachFiles = this.props.composer.attachFiles;
        }
        return data;
    },

    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        if (!this.canBeTracked) {
            return context;
        }
        const {wantsTracking, attachFiles} = this.props.composer;
        return {
            ...context,
            default_is_tracked: wantsTracking,
            default_attach_files: attachFiles,
        };
    },
});
