/** Number of rows in a table. */
export const rows = 10;
/** Number of the newest lines of a kind whose text is read. */
export const readLines = 1000;
/** Rows that each index returns, large enough for correct totals over several indices. */
const shardSize = 1000;

const phrase = (text: string) => ({ match_phrase: { message: text } });
const from = (process: string) => ({ term: { "postgresql.log.backend_type": process } });
/** The text of a statement may contain any of these words. */
const noStatement = { bool: { must_not: [{ exists: { field: "event.duration" } }] } };

/** Kinds of lines that can only be recognised by their text. */
export const kinds = {
    checkpoints: [from("checkpointer"), phrase("checkpoint complete")],
    restartpoints: [from("checkpointer"), phrase("restartpoint complete")],
    walCheckpoints: [from("checkpointer"), phrase("checkpoint starting wal")],
    vacuums: [from("autovacuum worker"), phrase("vacuum of table")],
    analyzes: [from("autovacuum worker"), phrase("analyze of table")],
    temporaryFiles: [noStatement, phrase("temporary file path")],
    lockWaits: [noStatement, phrase("still waiting for")],
    deadlocks: [{ term: { "event.code": "40P01" } }],
    lostLines: [{ term: { "event.action": "lines-lost" } }],
} satisfies Record<string, object[]>;
export type Kind = keyof typeof kinds;

const terms = (field: string, size: number, more: object = {}) => ({ field, size, shard_size: shardSize, ...more });
const total = { total: { sum: { field: "event.duration" } }, longest: { max: { field: "event.duration" } } };
const byTotal = { order: { total: "desc" } };

const both = (...filter: object[]) => ({ bool: { filter } });
const sessions = { cardinality: { field: "postgresql.log.session_id" } };
const bySessions = { order: { sessions: "desc" } };

/**
 * The requests for every number of the summary. Elasticsearch does the arithmetic, so the size of the answers does not
 * depend on the number of lines.
 *
 * They are separate because Elasticsearch counts some aggregations without looking at each line, but only where they are
 * alone in their request: together they took a third longer (docs/performance.md).
 */
export function summaryRequests(query: object) {
    const example = { top_hits: { size: 1, sort: [{ "@timestamp": "desc" }], _source: ["message"] } };
    const timed = both(query, { exists: { field: "event.duration" } });
    const failed = both(query, { terms: { "log.level": ["ERROR", "FATAL", "PANIC"] } });
    const clients = {
        terms: terms("client.address", rows, bySessions),
        aggs: { sessions, last: { max: { field: "@timestamp" } } },
    };
    const filters = Object.fromEntries(Object.entries(kinds).map(([name, filter]) => [name, both(...filter)]));
    const one = (lines: object, aggs: object) => ({ size: 0, track_total_hits: true, query: lines, aggs });
    return {
        levels: one(query, { levels: { terms: terms("log.level", 20) } }),
        times: one(query, { first: { min: { field: "@timestamp" } }, last: { max: { field: "@timestamp" } } }),
        errors: one(failed, { codes: { terms: terms("event.code", rows), aggs: { example } } }),
        durations: one(timed, {
            total: total.total,
            percentiles: { percentiles: { field: "event.duration", percents: [50, 95, 99] } },
        }),
        ids: one(timed, { ids: { terms: terms("postgresql.log.query_id", rows, byTotal), aggs: total } }),
        statements: one(timed, { statements: { terms: terms("pglog.statement", rows, byTotal), aggs: total } }),
        users: one(query, { users: { terms: terms("user.name", rows, bySessions), aggs: { sessions, clients } } }),
        kinds: one(query, { kinds: { filters: { filters } } }),
    };
}

/** The slowest line of each of these query ids, for its text. */
export function examplesRequest(query: object, ids: string[]) {
    const slowest = { top_hits: { size: 1, sort: [{ "event.duration": "desc" }], _source: ["postgresql.log.query"] } };
    return {
        size: 0,
        query: {
            bool: {
                filter: [
                    query,
                    { terms: { "postgresql.log.query_id": ids } },
                    { exists: { field: "postgresql.log.query" } },
                ],
            },
        },
        aggs: {
            ids: { terms: { field: "postgresql.log.query_id", size: ids.length, include: ids }, aggs: { slowest } },
        },
    };
}

/** The slowest single statements. */
export function slowestRequest(query: object) {
    return {
        size: rows,
        track_total_hits: false,
        query: {
            bool: {
                filter: [query, { exists: { field: "postgresql.log.query" } }, { exists: { field: "event.duration" } }],
            },
        },
        sort: [{ "event.duration": "desc" }, { "@timestamp": "desc" }],
        _source: ["@timestamp", "user.name", "event.duration", "postgresql.log.query", "postgresql.log.session_id"],
    };
}

/** The newest lines of a kind. */
export function kindRequest(query: object, kind: Kind) {
    return {
        size: readLines,
        track_total_hits: false,
        query: { bool: { filter: [query, ...kinds[kind]] } },
        sort: [{ "@timestamp": "desc" }],
        _source: ["message"],
    };
}
