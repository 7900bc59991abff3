import {visitXML} from "@web/core/utils/xml";

export class HeatMapArchParser {
    /**
     * @param {Element} xmlDoc
     * @param {object} fields of the model
     * @returns {{title: string, dateField: string, measure: string, type: string}}
     * `measure`: the aggregate to read; `type`: the field type of its values
     */
    parse(xmlDoc, fields) {
        const archInfo = {
            title: xmlDoc.getAttribute("string") || "",
            measure: "__count",
            type: "integer",
        };
        visitXML(xmlDoc, (node) => {
            const name = node.tagName === "field" && node.getAttribute("name");
            if (name && node.getAttribute("type") === "measure") {
                archInfo.measure = `${name}:${fields[name].aggregator || "sum"}`;
                archInfo.type = fields[name].type;
            } else if (name) {
                archInfo.dateField = name;
            }
        });
        return archInfo;
    }
}
