import {KeepLast} from "@web/core/utils/concurrency";
import {Model} from "@web/model/model";
import {localization} from "@web/core/l10n/localization";
import {makeGrid} from "./heat_map_grid";

export class HeatMapModel extends Model {
    setup({archInfo, resModel}) {
        this.archInfo = archInfo;
        this.resModel = resModel;
        this.keepLast = new KeepLast();
        this.grid = makeGrid([], localization.weekStart);
        this.context = {};
    }

    async load({domain, context}) {
        const {dateField, measure} = this.archInfo;
        const day = `${dateField}:day_of_week`;
        const hour = `${dateField}:hour_number`;
        // Users without a time zone see hours in the time zone of their browser, not UTC.
        const zone = context.tz || luxon.DateTime.local().zoneName;
        const contextWithZone = {...context, tz: zone};
        const groups = await this.keepLast.add(
            this.orm.formattedReadGroup(this.resModel, domain, [day, hour], [measure], {
                context: contextWithZone,
            })
        );
        this.context = contextWithZone;
        this.grid = makeGrid(
            groups
                // Records without a date have no day and no hour.
                .filter((group) => group[day] !== false)
                .map((group) => ({
                    day: group[day],
                    hour: group[hour],
                    value: group[measure] || 0,
                    domain: group.__domain,
                })),
            localization.weekStart
        );
    }

    hasData() {
        return this.grid.total > 0;
    }
}
