import elastic from "./elastic.json";

/** A filter of lines: a field that they have, or a number that it exceeds. */
export type Filter = { exists: string } | { above: [field: string, value: number] };

/** A part of a dashboard. Each text is the name of a field. */
export type Panel = { title: string; filter?: Filter } & (
    | { shows: "table"; by: string }
    | { shows: "bars"; over: string; by?: string; sum?: string }
    | { shows: "lines"; columns: string[]; newest: string }
);

export interface Dashboard {
    title: string;
    /** The file that says what it reads. */
    source: string;
    filter?: Filter;
    panels: Panel[];
}

/**
 * What the dashboards for PostgreSQL's log read, in Elastic's package `postgresql`. The package has a third dashboard, for
 * metrics, which reads no lines.
 */
export const dashboards = elastic.dashboards as Dashboard[];
/** The filter of Elastic's dashboards: this value, and before version 1.20 of the package this prefix. */
export const { dataset } = elastic;
/** The fields of the package's data stream for the log, with their types. */
export const packageFields: Readonly<Record<string, string>> = elastic.fields.types;

/** How a dashboard uses a field. */
export type Use = "column" | "exists" | "above" | "terms" | "histogram" | "sort" | "sum" | "term" | "prefix";
export interface Read {
    field: string;
    use: Use;
}

const ofFilter = (filter?: Filter): Read[] => {
    if (filter === undefined) return [];
    return "exists" in filter ? [{ field: filter.exists, use: "exists" }] : [{ field: filter.above[0], use: "above" }];
};

function ofPanel(panel: Panel): Read[] {
    const filter = ofFilter(panel.filter);
    const by = (field: string): Read => ({ field, use: "terms" });
    switch (panel.shows) {
        case "table":
            return [...filter, by(panel.by)];
        case "bars":
            return [
                ...filter,
                { field: panel.over, use: "histogram" },
                ...(panel.by === undefined ? [] : [by(panel.by)]),
                ...(panel.sum === undefined ? [] : [{ field: panel.sum, use: "sum" } as const]),
            ];
        case "lines":
            return [
                ...filter,
                ...panel.columns.map((field) => ({ field, use: "column" }) as const),
                { field: panel.newest, use: "sort" },
            ];
    }
}

/** Every field that the dashboards read, once for each use. */
export function reads(): Read[] {
    const all: Read[] = [
        { field: dataset.field, use: "term" },
        { field: dataset.field, use: "prefix" },
        ...dashboards.flatMap(({ filter, panels }) => [...ofFilter(filter), ...panels.flatMap(ofPanel)]),
    ];
    return [...new Map(all.map((read) => [`${read.use} ${read.field}`, read])).values()];
}
