import { fieldOf, lineOf, type Hit, type Line } from "../line";
import type { Elasticsearch } from "../source/elasticsearch";
import type { Statement } from "../summary/summary";
import type { Example } from "./data";

/** Number of lines of one statement in a page. */
const mostExamples = 5;
/** Number of characters of one text in a page. PostgreSQL logs statements of any length. */
const mostCharacters = 4000;

const slowest = {
    top_hits: { size: mostExamples, sort: [{ "event.duration": "desc" }, { "@timestamp": "desc" }] },
};

export function examplesRequest(query: object, statements: Statement[]) {
    const filters = statements.map(({ queryId, statement }) =>
        queryId === null
            ? { term: { "pglog.statement": statement } }
            : { term: { "postgresql.log.query_id": queryId } },
    );
    return {
        size: 0,
        query: { bool: { filter: [query, { exists: { field: "event.duration" } }] } },
        aggs: { statements: { filters: { filters }, aggs: { slowest } } },
    };
}

const short = (text: string) => (text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text);

/** A line as a page shows it, with its texts cut. */
export function exampleOf(hit: Pick<Hit, "_source">): Example {
    const texts = Object.entries(lineOf(hit)).map(([name, text]) => [name, short(text as string)]);
    return {
        ...(Object.fromEntries(texts) as unknown as Line),
        duration: Number(fieldOf(hit._source, "event.duration")),
    };
}

interface Found {
    statements: { buckets: { slowest: { hits: { hits: Pick<Hit, "_source">[] } } }[] };
}

/** The slowest lines of each statement, in the same order. */
export async function examplesOf(elasticsearch: Elasticsearch, query: object, statements: Statement[]) {
    if (statements.length === 0) return [];
    const { aggregations } = await elasticsearch.search(examplesRequest(query, statements));
    return (aggregations as Found).statements.buckets.map(({ slowest: { hits } }) => hits.hits.map(exampleOf));
}
