import {
    Component,
    onMounted,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {loadSwitches, storeSwitches} from "./feed_settings";
import {FeedPerson} from "./feed_person";
import {KeepLast} from "@web/core/utils/concurrency";
import {Layout} from "@web/search/layout";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

const BUS_TYPE = "pipeline_tracking/feed";
const OWN_FEED = "pipeline_tracking/feed";
const EVERYONES_FEED = "pipeline_tracking/feed/everyone";
// News that arrives within this time is fetched at once.
const REFETCH_DELAY_MS = 1000;
// A recipient who clicks all the time must not make the feed fetch all the time.
const REFETCH_INTERVAL_MS = 5000;

/**
 * Components that are shown above the feed, in the order of their sequence. They get no
 * props.
 */
export const feedPanels = registry.category("pipeline_tracking.feed_panels");

/** The home of the app: who did what on which email. It updates while it is open. */
export class Feed extends Component {
    static template = "pipeline_tracking.Feed";
    static components = {FeedPerson, Layout};
    static props = {...standardActionServiceProps};
    static displayName = _t("Feed");

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.panels = feedPanels.getEntries();
        this.keepLast = new KeepLast();
        this.knownLines = null;
        this.state = useState({
            announcement: "",
            feed: null,
            hasFailed: false,
            isLoading: true,
            newLines: new Set(),
            page: this.props.state?.page || 1,
            switches: loadSwitches(),
        });
        useSetupAction({
            rootRef: useRef("root"),
            getLocalState: () => ({page: this.state.page}),
        });
        onMounted(() => this.load());
        this.setupLiveUpdates();
    }

    setupLiveUpdates() {
        this.isOutdated = false;
        this.refetchedAt = 0;
        useEffect(
            (channel) => {
                this.bus.addChannel(channel);
                return () => this.bus.deleteChannel(channel);
            },
            () => [this.state.switches.everyone ? EVERYONES_FEED : OWN_FEED]
        );
        useEffect(
            () => {
                const onNews = () => this.planRefetch();
                this.bus.subscribe(BUS_TYPE, onNews);
                return () => {
                    this.bus.unsubscribe(BUS_TYPE, onNews);
                    browser.clearTimeout(this.refetchTimer);
                };
            },
            () => []
        );
        useExternalListener(document, "visibilitychange", () => this.refetch());
    }

    planRefetch() {
        if (!this.isOutdated) {
            this.isOutdated = true;
            this.refetchTimer = browser.setTimeout(
                () => this.refetch(),
                Math.max(
                    REFETCH_DELAY_MS,
                    this.refetchedAt + REFETCH_INTERVAL_MS - Date.now()
                )
            );
        }
    }

    /** Fetch news. A hidden tab waits until the user looks at it. */
    async refetch() {
        if (this.isOutdated && !document.hidden) {
            this.isOutdated = false;
            this.refetchedAt = Date.now();
            await this.load();
        }
    }

    async load() {
        const {page, switches} = this.state;
        let feed = null;
        try {
            feed = await this.keepLast.add(
                this.orm.silent.call("trackable.feed", "get_feed", [], {
                    page,
                    ...switches,
                })
            );
        } catch {
            // For example, no connection. The user can try again.
        }
        this.state.isLoading = false;
        this.state.hasFailed = !feed;
        if (feed) {
            this.showNews(feed);
            this.state.feed = feed;
        }
    }

    /** Highlight and announce the lines that the user has not seen yet. */
    showNews(feed) {
        const entries = feed.people.flatMap((person) =>
            person.lines.map((line) => [`${line.id} ${line.date}`, person, line])
        );
        if (this.knownLines) {
            const news = entries.filter(([key]) => !this.knownLines.has(key));
            this.state.newLines = new Set(news.map(([key]) => key));
            if (news.length) {
                const [, {name}, {text}] = news[0];
                this.state.announcement = _t("%(name)s: %(text)s", {name, text});
            }
        }
        this.knownLines = new Set(entries.map(([key]) => key));
    }

    /** Load other people than before: none of their lines is news. */
    async reloadAll() {
        this.knownLines = null;
        this.state.newLines = new Set();
        this.state.isLoading = true;
        await this.load();
    }

    toggle(name) {
        this.state.switches[name] = !this.state.switches[name];
        this.state.page = 1;
        storeSwitches(this.state.switches);
        return this.reloadAll();
    }

    showMore() {
        this.state.page++;
        return this.reloadAll();
    }

    get isEmpty() {
        return !this.state.feed.people.length;
    }

    get period() {
        return _t("Last %s days", this.state.feed.days);
    }
}

registry.category("actions").add("pipeline_tracking.feed", Feed);
