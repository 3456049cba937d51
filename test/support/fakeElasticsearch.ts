import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Elasticsearch } from "../../logs/source/elasticsearch";

export interface StoredDocument {
    _id: string;
    _index: string;
    _seq_no: number;
    _source: Record<string, unknown>;
}

interface Search {
    size: number;
    query?: Query;
    sort?: Record<string, { order: "asc" | "desc" }>[];
    search_after?: (string | number)[];
    aggs?: object;
}
type Query = Record<string, unknown>;

/**
 * An Elasticsearch on loopback that holds a few documents and answers the few kinds of query that a follower sends. Any
 * other query is an error.
 */
export class FakeElasticsearch {
    documents: StoredDocument[] = [];
    /** Replaces the answers by a status, or by a closed connection. */
    broken?: number | "silent";
    /** The searches so far, the latest one at the end. */
    readonly searches: Search[] = [];
    readonly authorizations: (string | undefined)[] = [];
    private readonly server: Server;

    constructor() {
        this.server = createServer((request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", () => {
                this.authorizations.push(request.headers.authorization);
                this.answer(JSON.parse(Buffer.concat(chunks).toString()) as Search, response);
            });
        });
    }

    async start() {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
    }

    stop() {
        this.server.closeAllConnections();
        this.server.close();
    }

    get url() {
        return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
    }

    client() {
        const { url } = this;
        return new Elasticsearch({
            url,
            search: "logs",
            address: () => ({ host: url.hostname, port: Number(url.port) }),
        });
    }

    /** Adds a line as the newest of its index. */
    add(id: string, time: string, fields: Record<string, unknown> = {}, index = "logs-1") {
        const numbers = this.documents.filter(({ _index }) => _index === index).map(({ _seq_no }) => _seq_no);
        const _source = { "@timestamp": time, message: id, event: { id }, ...fields };
        this.documents.push({ _id: id, _index: index, _seq_no: Math.max(-1, ...numbers) + 1, _source });
    }

    private answer(search: Search, response: ServerResponse) {
        this.searches.push(search);
        if (this.broken === "silent") response.destroy();
        else if (this.broken !== undefined) response.writeHead(this.broken).end('{"error":{"reason":"not now"}}');
        else response.end(JSON.stringify(search.aggs ? this.highest() : this.found(search)));
    }

    private highest() {
        const indices = new Map<string, number>();
        for (const { _index, _seq_no } of this.documents)
            indices.set(_index, Math.max(_seq_no, indices.get(_index) ?? -1));
        const buckets = [...indices].map(([key, value]) => ({ key, highest: { value } }));
        return { hits: { hits: [] }, aggregations: { indices: { buckets } } };
    }

    private found({ size, query, sort = [], search_after: after }: Search) {
        const keys = sort.map((one) => Object.entries(one)[0]!);
        const down = keys[0]?.[1].order === "desc";
        const compared = (left: unknown[], right: unknown[]) => {
            const index = left.findIndex((value, at) => value !== right[at]);
            if (index < 0) return 0;
            return String(left[index]) < String(right[index]) === down ? 1 : -1;
        };
        const hits = this.documents
            .filter((document) => query === undefined || matches(document, query))
            .map((document) => ({ ...document, sort: keys.map(([field]) => valueOf(document, field)) }))
            .filter(({ sort: at }) => after === undefined || compared(at, after) > 0)
            .sort((left, right) => compared(left.sort, right.sort));
        return { hits: { hits: hits.slice(0, size), total: { value: hits.length } } };
    }
}

function valueOf(document: StoredDocument, field: string): unknown {
    if (field === "_index" || field === "_seq_no") return document[field];
    return field === "event.id" ? document._id : document._source[field];
}

function matches(document: StoredDocument, query: Query): boolean {
    const [[kind, body]] = Object.entries(query) as [[string, Record<string, unknown>]];
    const [field = "", wanted] = Object.entries(body)[0] ?? [];
    switch (kind) {
        case "bool":
            return matchesAll(document, body);
        case "term":
            return valueOf(document, field) === wanted;
        case "terms":
            return (wanted as unknown[]).includes(valueOf(document, field));
        case "range": {
            const { gt, gte } = wanted as { gt?: string | number; gte?: string | number };
            const value = valueOf(document, field) as string | number;
            return (gt === undefined || value > gt) && (gte === undefined || value >= gte);
        }
        default:
            throw new Error(`the fake Elasticsearch does not support the query ${kind}`);
    }
}

function matchesAll(document: StoredDocument, body: Record<string, unknown>): boolean {
    const { filter = [], should, must_not: not = [] } = body as Partial<Record<string, Query[]>>;
    return (
        filter.every((one) => matches(document, one)) &&
        !not.some((one) => matches(document, one)) &&
        (should === undefined || should.some((one) => matches(document, one)))
    );
}
