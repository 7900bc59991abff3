import {
    Component,
    onMounted,
    onWillStart,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {describeTracking} from "../tracking_text";
import {KeepLast} from "@web/core/utils/concurrency";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";

const ICONS = {
    click: "fa-mouse-pointer",
    download: "fa-download",
    open: "fa-eye",
};

/** The actions on an email, newest first. The timeline is updated while it is open. */
export class TrackingTimeline extends Component {
    static template = "pipeline_tracking.TrackingTimeline";
    static props = {message: Object, close: {type: Function, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.root = useRef("root");
        this.keepLast = new KeepLast();
        this.message = useState(this.props.message);
        this.state = useState({timeline: undefined});
        onWillStart(() => this.load());
        // Keyboards and screen readers start in the timeline.
        onMounted(() => this.root.el.focus());
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
            this.orm.silent.call("mail.message", "get_tracking_timeline", [
                [this.message.id],
            ])
        );
    }

    get lines() {
        return this.state.timeline.lines.map((line) => ({
            ...line,
            icon: ICONS[line.kind],
            date: toLocaleDateTimeString(deserializeDateTime(line.occurred_at)),
        }));
    }

    get summary() {
        return describeTracking(this.message.tracking).text;
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
