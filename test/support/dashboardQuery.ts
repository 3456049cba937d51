import assert from "node:assert/strict";
import { dataset, type Read } from "../../logs/kibana/dashboards";
import type { Answer } from "../../logs/source/elasticsearch";

/** The request with which a dashboard reads a field. */
export function dashboardQuery({ field, use }: Read): object {
    switch (use) {
        case "column":
            return { size: 1, query: { exists: { field } }, fields: [field], _source: false };
        case "exists":
            return { size: 0, query: { exists: { field } } };
        case "above":
            return { size: 0, query: { range: { [field]: { gt: 1000 } } } };
        case "terms":
            return { size: 0, aggs: { found: { terms: { field } } } };
        case "histogram":
            return { size: 0, aggs: { found: { date_histogram: { field, fixed_interval: "1h" } } } };
        case "sum":
            return { size: 0, aggs: { found: { sum: { field } } } };
        case "sort":
            return { size: 1, sort: [{ [field]: "desc" }], _source: false };
        case "term":
            return { size: 0, query: { match_phrase: { [field]: dataset.value } } };
        case "prefix":
            return { size: 0, query: { prefix: { [field]: dataset.prefix } } };
    }
}

/** Checks that the answer to it has lines, or values of lines. */
export function assertFound({ field, use }: Read, { hits, aggregations }: Answer) {
    const what = `${use} of ${field}`;
    assert.ok(hits.total!.value > 0, `${what}: no lines`);
    const { found } = (aggregations ?? {}) as { found?: { buckets?: unknown[]; value?: number } };
    if (use === "terms" || use === "histogram") assert.ok(found!.buckets!.length > 0, `${what}: no values`);
    if (use === "sum") assert.ok(found!.value! > 0, `${what}: no values`);
    const [hit] = hits.hits as unknown as { fields?: Record<string, unknown[]> }[];
    if (use === "column") assert.ok(hit!.fields![field]!.length > 0, `${what}: no value`);
}
