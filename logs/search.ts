import type { Elasticsearch } from "./source/elasticsearch";
import type { Hit } from "./line";

/** Number of lines per request. */
const pageSize = 1000;
/** Elasticsearch's limit for one answer (`index.max_result_window`). */
export const mostAtOnce = 10_000;

/** By time, and within a millisecond by id, so that the order is the same each time. */
const order = (direction: "asc" | "desc") => [
    { "@timestamp": { order: direction, unmapped_type: "date", format: "strict_date_optional_time_nanos" } },
    { "event.id": { order: direction, unmapped_type: "keyword" } },
];
const common = { seq_no_primary_term: true, track_total_hits: false };

/** The newest lines, starting with the oldest of them. */
export async function newest(elasticsearch: Elasticsearch, query: object, count: number): Promise<Hit[]> {
    const { hits } = await elasticsearch.search({ ...common, size: count, sort: order("desc"), query });
    return hits.hits.reverse();
}

/** All lines, the oldest first, page by page, so that memory use does not grow with their number. */
export async function* pages(elasticsearch: Elasticsearch, query: object): AsyncGenerator<Hit[]> {
    for (let after: unknown[] | undefined; ;) {
        const { hits } = await elasticsearch.search({
            ...common,
            ...{ size: pageSize, sort: order("asc"), query },
            ...(after !== undefined && { search_after: after }),
        });
        if (hits.hits.length > 0) yield hits.hits;
        if (hits.hits.length < pageSize) return;
        after = hits.hits.at(-1)!.sort;
    }
}

/** The highest sequence number of each index. */
export async function sequenceNumbers(elasticsearch: Elasticsearch): Promise<Map<string, number>> {
    interface Aggregations {
        indices: { buckets: { key: string; highest: { value: number | null } }[] };
    }
    const { aggregations } = await elasticsearch.search({
        size: 0,
        aggs: {
            indices: { terms: { field: "_index", size: mostAtOnce }, aggs: { highest: { max: { field: "_seq_no" } } } },
        },
    });
    const { indices } = aggregations as Aggregations;
    return new Map(indices.buckets.map(({ key, highest }) => [key, highest.value ?? -1]));
}
