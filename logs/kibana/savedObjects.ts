import { dashboards, type Dashboard, type Filter, type Panel } from "./dashboards";

/** An object as Kibana exports and imports it. */
export interface SavedObject {
    type: "index-pattern" | "search" | "lens" | "dashboard";
    id: string;
    attributes: Record<string, unknown>;
    references: Reference[];
    /** Version of the format. Kibana converts from it. */
    coreMigrationVersion: string;
    typeMigrationVersion: string;
}
interface Reference {
    type: SavedObject["type"];
    id: string;
    name: string;
}

/** Versions of the format that Elastic's own dashboards for Kibana 8.12 and later have. */
const versions = { "index-pattern": "8.0.0", search: "8.0.0", lens: "8.9.0", dashboard: "8.9.0" };

function object(type: SavedObject["type"], id: string, attributes: object, references: Reference[] = []): SavedObject {
    const migrations = { coreMigrationVersion: "8.8.0", typeMigrationVersion: versions[type] };
    return { type, id, attributes: { ...attributes }, references, ...migrations };
}

/** A filter in Kibana's query language. */
function kql(filter?: Filter): string {
    if (filter === undefined) return "";
    return "exists" in filter ? `${filter.exists}:*` : `${filter.above[0]} > ${filter.above[1]}`;
}
const query = (filter?: Filter) => ({ language: "kuery", query: kql(filter) });

type Lines = Extract<Panel, { shows: "lines" }>;
type Chart = Exclude<Panel, Lines>;
const sourceName = "kibanaSavedObjectMeta.searchSourceJSON.index";

function search(panel: Lines, id: string, view: string): SavedObject {
    const source = { query: query(panel.filter), filter: [], indexRefName: sourceName };
    return object(
        "search",
        id,
        {
            title: panel.title,
            columns: panel.columns,
            sort: [[panel.newest, "desc"]],
            kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
        },
        [{ type: "index-pattern", id: view, name: sourceName }],
    );
}

const number = { dataType: "number", isBucketed: false, scale: "ratio" };
const count = { ...number, label: "Count", operationType: "count", sourceField: "___records___" };
const sum = (field: string) => ({ ...number, label: `Sum of ${field}`, operationType: "sum", sourceField: field });
const terms = (field: string) => ({
    ...{ dataType: "string", isBucketed: true, scale: "ordinal", label: field },
    ...{ operationType: "terms", sourceField: field },
    params: {
        size: 12,
        orderBy: { type: "column", columnId: "count" },
        orderDirection: "desc",
        otherBucket: false,
        missingBucket: false,
        parentFormat: { id: "terms" },
    },
});
const histogram = (field: string) => ({
    ...{ dataType: "date", isBucketed: true, scale: "interval", label: field },
    ...{ operationType: "date_histogram", sourceField: field, params: { interval: "auto" } },
});

/** The columns of a chart's only layer, in order. */
const columnsOf = (panel: Chart): Record<string, object> => ({
    ...(panel.shows === "bars" && { over: histogram(panel.over) }),
    ...(panel.by !== undefined && { by: terms(panel.by) }),
    count,
    ...(panel.shows === "bars" && panel.sum !== undefined && { sum: sum(panel.sum) }),
});

function visualization(panel: Chart) {
    const layer = { layerId: "lines", layerType: "data" };
    if (panel.shows === "table") return { ...layer, columns: [{ columnId: "by" }, { columnId: "count" }] };
    const accessors = ["count", ...(panel.sum === undefined ? [] : ["sum"])];
    return {
        legend: { isVisible: true, position: "right" },
        preferredSeriesType: "bar_stacked",
        layers: [
            {
                ...{ ...layer, accessors, xAccessor: "over", seriesType: "bar_stacked" },
                ...(panel.by !== undefined && { splitAccessor: "by" }),
                // Nanoseconds have an axis of their own, beside the number of lines.
                ...(panel.sum !== undefined && { yConfig: [{ forAccessor: "sum", axisMode: "right" }] }),
            },
        ],
    };
}

function lens(panel: Chart, id: string, view: string): SavedObject {
    const columns = columnsOf(panel);
    const layers = { lines: { columns, columnOrder: Object.keys(columns), incompleteColumns: {} } };
    return object(
        "lens",
        id,
        {
            title: panel.title,
            visualizationType: panel.shows === "table" ? "lnsDatatable" : "lnsXY",
            state: {
                ...{ query: query(panel.filter), filters: [], visualization: visualization(panel) },
                datasourceStates: { formBased: { layers } },
            },
        },
        [{ type: "index-pattern", id: view, name: "indexpattern-datasource-layer-lines" }],
    );
}

/** Each panel's place on Kibana's grid of 48 columns: charts side by side, lines below them. */
function places(panels: Panel[]) {
    const charts = panels.filter(({ shows }) => shows !== "lines").length;
    const width = 48 / Math.max(1, charts);
    let [x, y] = [0, 0];
    return panels.map(({ shows }, index) => {
        if (shows === "lines") {
            const place = { x: 0, y: y + (charts > 0 ? 12 : 0), w: 48, h: 18, i: String(index) };
            y += 18;
            return place;
        }
        x += width;
        return { x: x - width, y: 0, w: width, h: 12, i: String(index) };
    });
}

function dashboard({ title, filter, panels }: Dashboard, id: string, shown: SavedObject[], stack: string): SavedObject {
    const grid = places(panels);
    const name = (index: number) => `${index}:panel_${index}`;
    return object(
        "dashboard",
        id,
        {
            title: `PostgreSQL ${stack}: ${title}`,
            panelsJSON: JSON.stringify(
                shown.map(({ type }, index) => ({
                    ...{ type, panelIndex: String(index), panelRefName: `panel_${index}` },
                    ...{ gridData: grid[index], embeddableConfig: {} },
                })),
            ),
            optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
            timeRestore: false,
            kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: query(filter), filter: [] }) },
        },
        shown.map(({ type, id }, index) => ({ type, id, name: name(index) })),
    );
}

/**
 * A data view of a stack's lines, and the panels of Elastic's dashboards for them.
 *
 * @param pattern of the indices, or the name of the data stream
 */
export function savedObjects(stack: string, pattern: string): SavedObject[] {
    const view = `pglog-${stack}`;
    const attributes = { title: pattern, name: `PostgreSQL ${stack}`, timeFieldName: "@timestamp" };
    return [
        object("index-pattern", view, attributes),
        ...dashboards.flatMap((one, number) => {
            const shown = one.panels.map((panel, index) => {
                const id = `${view}-${number}-${index}`;
                return panel.shows === "lines" ? search(panel, id, view) : lens(panel, id, view);
            });
            return [...shown, dashboard(one, `${view}-${number}`, shown, stack)];
        }),
    ];
}

/** The objects as a file for Kibana's import: one line each. */
export const asFile = (objects: SavedObject[]) => objects.map((one) => `${JSON.stringify(one)}\n`).join("");
