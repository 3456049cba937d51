import { fieldOf, type Hit } from "../line";
import type { Elasticsearch } from "../source/elasticsearch";
import { autovacuum, checkpoint, lockWait, temporaryFileSize } from "./messages";
import { examplesRequest, kindRequest, rows, slowestRequest, summaryRequests, type Kind } from "./requests";

/** Durations are nanoseconds, sizes bytes, times ISO 8601. */
export interface Summary {
    lines: number;
    first: string | null;
    last: string | null;
    levels: { level: string; lines: number }[];
    errors: { sqlstate: string; lines: number; example: string }[];
    durations: { statements: number; total: number; p50: number | null; p95: number | null; p99: number | null };
    /** Sorted by total time. */
    statements: Statement[];
    slowest: { time: string; duration: number; user: string; session: string; query: string }[];
    connections: { user: string; client: string; sessions: number; lines: number; last: string }[];
    /** Number of lines of each kind. */
    kinds: Record<Kind, number>;
    /** Data from the text of the newest lines of some kinds. */
    details: { name: string; lines: number; value: string | number }[];
}

export interface Statement {
    /** PostgreSQL's id for statements that differ only in their values; null if there is none. */
    queryId: string | null;
    statement: string;
    calls: number;
    total: number;
    longest: number;
}

interface Bucket {
    key: string;
    doc_count: number;
}
interface Value {
    value: number | null;
}
type Timed = Bucket & { total: Value; longest: Value };
interface Hits {
    hits: { hits: Pick<Hit, "_source">[] };
}
/** The aggregations of each answer to a request of the summary. */
interface Aggregations extends Record<keyof ReturnType<typeof summaryRequests>, unknown> {
    levels: { levels: { buckets: Bucket[] } };
    times: { first: Value; last: Value };
    errors: { codes: { buckets: (Bucket & { example: Hits })[] } };
    durations: { total: Value; percentiles: { values: Record<string, number | null> } };
    ids: { ids: { buckets: Timed[] } };
    statements: { statements: { buckets: Timed[] } };
    users: { users: { buckets: (Bucket & { clients: { buckets: Client[] } })[] } };
    kinds: { kinds: { buckets: Record<Kind, { doc_count: number }> } };
}
type Client = Bucket & { sessions: Value; last: Value };

const timeOf = ({ value }: Value) => (value === null ? null : new Date(value).toISOString());
const textOf = ({ _source }: Pick<Hit, "_source">, path: string) => {
    const value = fieldOf(_source, path);
    return typeof value === "string" ? value : "";
};

/** Sends the requests one after the other: side by side they would share the same processors and memory. */
async function answersTo(elasticsearch: Elasticsearch, query: object) {
    const answers: Record<string, { lines: number; found: unknown }> = {};
    for (const [name, request] of Object.entries(summaryRequests(query))) {
        const { hits, aggregations } = await elasticsearch.search(request);
        answers[name] = { lines: hits.total!.value, found: aggregations };
    }
    return answers as { [Name in keyof Aggregations]: { lines: number; found: Aggregations[Name] } };
}
type Answers = Awaited<ReturnType<typeof answersTo>>;

/** Summarises the lines that a query finds. */
export async function summarize(elasticsearch: Elasticsearch, query: object): Promise<Summary> {
    const answers = await answersTo(elasticsearch, query);
    const { levels, times, errors, durations, kinds } = answers;
    const { values } = durations.found.percentiles;
    const slowest = await elasticsearch.search(slowestRequest(query));
    return {
        lines: levels.lines,
        first: timeOf(times.found.first),
        last: timeOf(times.found.last),
        levels: levels.found.levels.buckets.map(({ key, doc_count }) => ({ level: key, lines: doc_count })),
        errors: errors.found.codes.buckets.map(({ key, doc_count, example }) => ({
            ...{ sqlstate: key, lines: doc_count },
            example: example.hits.hits.map((hit) => textOf(hit, "message")).join(""),
        })),
        durations: {
            ...{ statements: durations.lines, total: durations.found.total.value ?? 0 },
            p50: values["50.0"] ?? null,
            p95: values["95.0"] ?? null,
            p99: values["99.0"] ?? null,
        },
        statements: await statementsOf(elasticsearch, query, answers),
        slowest: slowest.hits.hits.map((hit) => ({
            time: textOf(hit, "@timestamp"),
            duration: Number(fieldOf(hit._source, "event.duration")),
            user: textOf(hit, "user.name"),
            session: textOf(hit, "postgresql.log.session_id"),
            query: textOf(hit, "postgresql.log.query"),
        })),
        connections: connectionsOf(answers),
        kinds: Object.fromEntries(
            Object.entries(kinds.found.kinds.buckets).map(([kind, { doc_count }]) => [kind, doc_count]),
        ) as Record<Kind, number>,
        details: await detailsOf(elasticsearch, query, answers),
    };
}

/** The most expensive statements, with or without a query id. */
async function statementsOf(elasticsearch: Elasticsearch, query: object, { ids: byId, statements }: Answers) {
    const common = ({ doc_count, total, longest }: Timed) => ({
        ...{ calls: doc_count, total: total.value ?? 0, longest: longest.value ?? 0 },
    });
    const all: Statement[] = [
        ...byId.found.ids.buckets.map((one) => ({ queryId: one.key, statement: "", ...common(one) })),
        ...statements.found.statements.buckets.map((one) => ({ queryId: null, statement: one.key, ...common(one) })),
    ];
    const top = all.sort((left, right) => right.total - left.total).slice(0, rows);
    const ids = top.flatMap(({ queryId }) => queryId ?? []);
    if (ids.length === 0) return top;
    const { aggregations } = await elasticsearch.search(examplesRequest(query, ids));
    const { buckets } = (aggregations as { ids: { buckets: (Bucket & { slowest: Hits })[] } }).ids;
    const texts = new Map(
        buckets.map(({ key, slowest }) => [
            key,
            slowest.hits.hits.map((hit) => textOf(hit, "postgresql.log.query")).join(""),
        ]),
    );
    return top.map((one) => (one.queryId === null ? one : { ...one, statement: texts.get(one.queryId) ?? "" }));
}

function connectionsOf({ users }: Answers) {
    return users.found.users.buckets
        .flatMap(({ key: user, clients }) =>
            clients.buckets.map(({ key: client, doc_count, sessions, last }) => ({
                ...{ user, client, sessions: sessions.value ?? 0, lines: doc_count, last: timeOf(last) ?? "" },
            })),
        )
        .sort((left, right) => right.sessions - left.sessions)
        .slice(0, rows);
}

const sum = (values: number[]) => values.reduce((one, other) => one + other, 0);
const isThere = <Value>(value: Value | undefined) => value !== undefined;

/** Data from the text of the newest lines of each kind. */
async function detailsOf(elasticsearch: Elasticsearch, query: object, { kinds }: Answers) {
    const read = async <Value>(kind: Kind, parse: (message: string) => Value | undefined) => {
        if (kinds.found.kinds.buckets[kind].doc_count === 0) return [];
        const { hits } = await elasticsearch.search(kindRequest(query, kind));
        return hits.hits.map((hit) => parse(textOf(hit, "message"))).filter(isThere);
    };
    const details: Summary["details"] = [];
    const add = (name: string, lines: number, value: string | number) => {
        if (lines > 0) details.push({ name, lines, value });
    };
    const files = await read("temporaryFiles", temporaryFileSize);
    add("bytes in temporary files", files.length, sum(files));
    add("bytes in the largest", files.length, Math.max(0, ...files));
    const checkpoints = await read("checkpoints", checkpoint);
    add("buffers written by checkpoints", checkpoints.length, sum(checkpoints.map(({ buffers }) => buffers)));
    add("ms of the longest checkpoint", checkpoints.length, Math.max(0, ...checkpoints.map((one) => one.milliseconds)));
    const vacuums = await read("vacuums", autovacuum);
    add("ms in vacuum", vacuums.length, sum(vacuums.map(({ milliseconds }) => milliseconds)));
    add("most vacuumed", vacuums.length, mostFrequent(vacuums.map(({ table }) => table)));
    const waits = await read("lockWaits", lockWait);
    add("most waited for", waits.length, mostFrequent(waits.map(({ lock }) => lock)));
    return details;
}

function mostFrequent(names: string[]): string {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].sort((left, right) => right[1] - left[1])[0]?.[0] ?? "";
}
