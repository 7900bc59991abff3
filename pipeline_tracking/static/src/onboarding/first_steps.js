import {
    Component,
    onWillStart,
    onWillUnmount,
    useExternalListener,
    useState,
} from "@odoo/owl";
import {RelativeTime} from "@mail/core/common/relative_time";
import {Store} from "@mail/core/common/store_service";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {patch} from "@web/core/utils/patch";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

const SETTINGS = "/odoo/action-pipeline_tracking.res_config_settings_action_window";
// While a test email waits to be opened, ask this often, and this many times.
const POLL_MS = 5000;
const POLLS = 60;
const STEPS = ["check", "test", "consent", "access"];

const CHECK_CLASSES = {
    error: "text-danger",
    warning: "text-warning-emphasis",
    notice: "text-info-emphasis",
    ok: "text-success",
};

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether the user may see the first steps. */
        this.showsTrackingSetup = false;
    },
});

class FirstStep extends Component {
    static template = "pipeline_tracking.FirstStep";
    static props = {isDone: Boolean, isNext: Boolean, title: String, slots: Object};

    get label() {
        return this.props.isDone ? _t("Done") : _t("Not done yet");
    }
}

/** The first steps after the installation: a panel above the feed, and a page. */
export class FirstSteps extends Component {
    static template = "pipeline_tracking.FirstSteps";
    static components = {FirstStep, RelativeTime};
    static props = ["*"];

    setup() {
        this.action = useService("action");
        this.menu = useService("menu");
        this.orm = useService("orm");
        this.store = useService("mail.store");
        this.state = useState({steps: undefined, isSending: false});
        this.privacySettings = `${SETTINGS}#tracking_consent_mode`;
        onWillStart(() => this.start());
        // The user comes back from their mailbox.
        useExternalListener(window, "focus", () => this.poll(POLLS));
        onWillUnmount(() => browser.clearTimeout(this.pollTimeout));
    }

    /** Return whether a menu opened the steps, instead of the feed. */
    get isPage() {
        return Boolean(this.props.action);
    }

    get steps() {
        return this.state.steps;
    }

    get isShown() {
        return this.steps && (this.isPage || !this.steps.is_closed);
    }

    /** Return the name of the first step that is not done. */
    get nextStep() {
        return STEPS.find((name) => !this.steps[name].is_done);
    }

    get progress() {
        const done = STEPS.filter((name) => this.steps[name].is_done).length;
        return _t("%(done)s of %(total)s done", {done, total: STEPS.length});
    }

    get checkClass() {
        return CHECK_CLASSES[this.steps.check.state];
    }

    get openedAt() {
        return deserializeDateTime(this.steps.test.opened_at);
    }

    get sendText() {
        return this.steps.test.sent_to ? _t("Send Again") : _t("Send Test Email");
    }

    get managersText() {
        const {managers} = this.steps.access;
        return managers === 1
            ? _t("1 manager sees all emails.")
            : _t("%s managers see all emails.", managers);
    }

    async start() {
        // Other users cost no request.
        if (!this.store.showsTrackingSetup) {
            return;
        }
        await (this.isPage ? this.call("set_closed", false) : this.call("get_steps"));
    }

    /**
     * @param {string} method of the model `trackable.setup`, which returns the steps
     * @param {...any} args
     */
    async call(method, ...args) {
        this.state.steps = await this.orm.call("trackable.setup", method, args);
    }

    /**
     * Refresh the steps until the test email was opened.
     *
     * @param {number} count of further requests
     */
    poll(count) {
        browser.clearTimeout(this.pollTimeout);
        const {test} = this.isShown ? this.steps : {};
        if (!count || !test?.sent_to || test.is_done) {
            return;
        }
        this.pollTimeout = browser.setTimeout(async () => {
            if (document.visibilityState === "visible") {
                await this.call("get_steps");
            }
            this.poll(count - 1);
        }, POLL_MS);
    }

    async check() {
        const action = await this.orm.call("trackable.self.test", "action_check", [[]]);
        await this.call("get_steps");
        // The dialog can repeat the check.
        await this.action.doAction(action, {onClose: () => this.call("get_steps")});
    }

    async sendTest() {
        this.state.isSending = true;
        try {
            await this.call("send_test_email");
        } finally {
            this.state.isSending = false;
        }
        this.poll(POLLS);
    }

    async close() {
        await this.call("set_closed", true);
        browser.clearTimeout(this.pollTimeout);
        if (this.isPage) {
            const isHome = ({xmlid}) => xmlid === "pipeline_tracking.menu_root";
            await this.menu.selectMenu(this.menu.getApps().find(isHome));
        }
    }

    async openUsers() {
        await this.call("mark_done", "access");
        await this.action.doAction("base.action_res_users");
    }
}

registry.category("pipeline_tracking.feed_panels").add("first_steps", FirstSteps);
registry.category("actions").add("pipeline_tracking.first_steps", FirstSteps);
