import {Component, useRef} from "@odoo/owl";
import {ActionHelper} from "@web/views/action_helper";
import {CogMenu} from "@web/search/cog_menu/cog_menu";
import {Layout} from "@web/search/layout";
import {SearchBar} from "@web/search/search_bar/search_bar";
import {standardViewProps} from "@web/views/standard_view_props";
import {useModelWithSampleData} from "@web/model/model";
import {useSearchBarToggler} from "@web/search/search_bar/search_bar_toggler";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

export class HeatMapController extends Component {
    static template = "pipeline_tracking.HeatMapView";
    static components = {ActionHelper, CogMenu, Layout, SearchBar};
    static props = {
        ...standardViewProps,
        Model: Function,
        Renderer: Function,
        archInfo: Object,
    };

    setup() {
        this.action = useService("action");
        this.model = useModelWithSampleData(this.props.Model, {
            archInfo: this.props.archInfo,
            resModel: this.props.resModel,
        });
        useSetupAction({rootRef: useRef("root")});
        this.searchBarToggler = useSearchBarToggler();
    }

    /**
     * Open the list of the records that a cell counts.
     *
     * @param {import("./heat_map_grid").Cell} cell
     * @param {string} name title of the list: day and time of the cell
     */
    openCell(cell, name) {
        const isForList = ([key]) =>
            key !== "group_by" && !key.startsWith("search_default_");
        const views = this.env.config.views || [];
        const viewId = (type) => views.find((view) => view[1] === type)?.[0] || false;
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: this.props.resModel,
            domain: cell.domain,
            context: Object.fromEntries(
                Object.entries(this.model.context).filter(isForList)
            ),
            views: [
                [viewId("list"), "list"],
                [viewId("form"), "form"],
            ],
            search_view_id: [viewId("search"), "search"],
        });
    }
}
