import {Component, useEffect, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {PastTime} from "./past_time";
import {_t} from "@web/core/l10n/translation";
import {describeTracking, ICONS} from "../tracking_text";
import {useService} from "@web/core/utils/hooks";

/**
 * Fetch the data of a timeline, without blocking the screen.
 *
 * @param {object} orm
 * @param {import("models").Message} message
 * @returns {Promise<object>} as `get_tracking_timeline` returns it
 */
export function fetchTimeline(orm, message) {
    return orm.silent.call("mail.message", "get_tracking_timeline", [[message.id]]);
}

/**
 * The actions on an email, newest first. The timeline is updated while it is open.
 *
 * The popover focuses the first element that can have the focus. This is the timeline
 * itself, so that screen readers begin with its name. When the popover closes, the badge
 * has the focus again.
 */
export class TrackingTimeline extends Component {
    static template = "pipeline_tracking.TrackingTimeline";
    static components = {PastTime};
    static props = {
        message: Object,
        timeline: Object,
        close: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.message = useState(this.props.message);
        this.state = useState({timeline: this.props.timeline, showsLimits: false});
        let loadedTracking = JSON.stringify(this.message.tracking);
        useEffect(
            (tracking) => {
                if (tracking !== loadedTracking) {
                    loadedTracking = tracking;
                    this.load();
                }
            },
            () => [JSON.stringify(this.message.tracking)]
        );
    }

    async load() {
        this.state.timeline = await this.keepLast.add(
            fetchTimeline(this.orm, this.message)
        );
    }

    get lines() {
        return this.state.timeline.lines.map((line) => ({
            ...line,
            icon: ICONS[line.kind],
        }));
    }

    get recipients() {
        return this.state.timeline.recipients.map(({id, name, tracking}) => ({
            id,
            name,
            ...describeTracking(tracking),
        }));
    }

    get summary() {
        return describeTracking(this.message.tracking).text;
    }

    /** True if nothing happened yet, and something still can. */
    get isWaiting() {
        const {lines, has_totals: hasTotals} = this.state.timeline;
        return !lines.length && !hasTotals && !this.message.tracking.stopped;
    }

    onClickLimits() {
        this.state.showsLimits = !this.state.showsLimits;
    }

    openEmails() {
        const emailIds = this.state.timeline.email_ids;
        this.props.close?.();
        this.action.doAction({
            name: _t("Tracked Emails"),
            type: "ir.actions.act_window",
            res_model: "trackable.email",
            ...(emailIds.length === 1
                ? {res_id: emailIds[0], views: [[false, "form"]]}
                : {
                      domain: [["id", "in", emailIds]],
                      views: [
                          [false, "list"],
                          [false, "form"],
                      ],
                  }),
        });
    }
}
