import {HeatMapArchParser} from "./heat_map_arch_parser";
import {HeatMapController} from "./heat_map_controller";
import {HeatMapModel} from "./heat_map_model";
import {HeatMapRenderer} from "./heat_map_renderer";
import {registry} from "@web/core/registry";

/** View that counts records for each hour of the week. */
export const heatMapView = {
    type: "heat_map",
    ArchParser: HeatMapArchParser,
    Controller: HeatMapController,
    Model: HeatMapModel,
    Renderer: HeatMapRenderer,
    searchMenuTypes: ["filter", "favorite"],

    props: (genericProps, view) => ({
        ...genericProps,
        archInfo: new view.ArchParser().parse(genericProps.arch, genericProps.fields),
        Model: view.Model,
        Renderer: view.Renderer,
    }),
};

registry.category("views").add("heat_map", heatMapView);
