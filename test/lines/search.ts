/** A document from a search. */
export interface Hit {
    _id: string;
    _index: string;
    _seq_no: number;
    _source: Record<string, unknown>;
}

/** Requests from this machine to the Elasticsearch that a stack ships to. */
export class Search {
    constructor(
        private readonly url: string,
        private readonly authorization: string,
    ) {}

    async request(method: string, path: string, body?: object): Promise<unknown> {
        const answer = await fetch(`${this.url}${path}`, {
            method,
            headers: { authorization: this.authorization, "content-type": "application/json" },
            body: body && JSON.stringify(body),
            signal: AbortSignal.timeout(20_000),
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status} ${text.slice(0, 500)}`);
        return JSON.parse(text) as unknown;
    }

    async indices(pattern: string): Promise<string[]> {
        const rows = await this.request("GET", `/_cat/indices/${pattern}?format=json&h=index`);
        return (rows as { index: string }[]).map(({ index }) => index);
    }

    /** Documents of an index in the order in which they arrived, after a sequence number. */
    async after(index: string, sequenceNumber: number, size: number): Promise<Hit[]> {
        const answer = await this.request("POST", `/${index}/_search`, {
            size,
            seq_no_primary_term: true,
            track_total_hits: false,
            sort: [{ _seq_no: "asc" }],
            query: { range: { _seq_no: { gt: sequenceNumber } } },
            _source: ["message", "pglog.lost.lines"],
        });
        return (answer as { hits: { hits: Hit[] } }).hits.hits;
    }

    async count(pattern: string): Promise<number> {
        await this.request("POST", `/${pattern}/_refresh`);
        return ((await this.request("GET", `/${pattern}/_count`)) as { count: number }).count;
    }
}

/** A field of a document, under its full name or in nested objects. */
export function fieldOf(source: Record<string, unknown>, path: string): unknown {
    if (path in source) return source[path];
    return path
        .split(".")
        .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], source);
}
