import type { Elasticsearch } from "../source/elasticsearch";
import type { Moment } from "./data";

/** The largest number of spans that a chart shows. */
const mostMoments = 120;
const second = 1000;
const day = 86_400 * second;
/** Lengths of a span in milliseconds. */
const lengths = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600].map((one) => one * second);

/** Milliseconds in one span, so that a time of this length has at most 120 of them. */
export function intervalFor(milliseconds: number): number {
    const least = milliseconds / mostMoments;
    return lengths.find((one) => one >= least) ?? Math.ceil(least / day) * day;
}

export function timelineRequest(query: object, since: Date, until: Date) {
    const interval = intervalFor(until.getTime() - since.getTime());
    return {
        size: 0,
        query,
        aggs: {
            moments: {
                date_histogram: {
                    ...{ field: "@timestamp", fixed_interval: `${interval / second}s`, min_doc_count: 0 },
                    extended_bounds: { min: since.getTime(), max: until.getTime() - 1 },
                },
                aggs: {
                    errors: { filter: { terms: { "log.level": ["ERROR", "FATAL", "PANIC"] } } },
                    sessions: { cardinality: { field: "postgresql.log.session_id" } },
                    durations: { percentiles: { field: "event.duration", percents: [50, 95, 99] } },
                },
            },
        },
    };
}

interface Buckets {
    moments: {
        buckets: {
            key: number;
            doc_count: number;
            errors: { doc_count: number };
            sessions: { value: number };
            durations: { values: Record<string, number | null> };
        }[];
    };
}

/** What happened in each span of a time. Elasticsearch does the arithmetic. */
export async function timelineOf(elasticsearch: Elasticsearch, query: object, since: Date, until: Date) {
    const { aggregations } = await elasticsearch.search(timelineRequest(query, since, until));
    return (aggregations as Buckets).moments.buckets.map(
        ({ key, doc_count, errors, sessions, durations: { values } }): Moment => ({
            ...{ time: key, lines: doc_count, errors: errors.doc_count, sessions: sessions.value },
            ...{ p50: values["50.0"] ?? null, p95: values["95.0"] ?? null, p99: values["99.0"] ?? null },
        }),
    );
}
