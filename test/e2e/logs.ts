import type { Namespace } from "./namespace";
import { until } from "./run";

/** The fields of a shipped document that the tests use. */
export interface LogDocument {
    "@timestamp": string;
    message: string;
    log: { level: string };
    event: { id: string; type: string; code?: string; duration?: number };
    user?: { name: string };
    client?: { address: string };
    process?: { pid: number };
    kubernetes: { namespace: string; pod: { name: string } };
    postgresql?: { log: { database?: string; query?: string; session_id: string } };
}

/** A document with nested objects, in whichever form its names came. */
function nested(source: Record<string, unknown>): LogDocument {
    const root: Record<string, unknown> = {};
    const insert = (into: Record<string, unknown>, [name, ...rest]: string[], value: unknown) => {
        const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
        if (rest.length > 0 || isObject) {
            const inner = (into[name!] ??= {}) as Record<string, unknown>;
            if (rest.length > 0) insert(inner, rest, value);
            else for (const [key, member] of Object.entries(value as object)) insert(inner, key.split("."), member);
        } else into[name!] = value;
    };
    for (const [name, value] of Object.entries(source)) insert(root, name.split("."), value);
    return root as unknown as LogDocument;
}

/** Lines with a phrase, not counting those that log the statement itself. */
const lineWith = (phrase: string) => ({
    bool: { must: [{ match_phrase: { message: phrase } }], must_not: [{ exists: { field: "event.duration" } }] },
});

/** Searches the logs from the client Pod, with the credentials of the stack. */
export class Logs {
    constructor(
        private readonly cluster: Namespace,
        private readonly index: string,
    ) {}

    async search(query: object, size = 100): Promise<{ total: number; documents: LogDocument[] }> {
        const answer = await this.request("POST", `/${this.index}/_search?ignore_unavailable=true`, {
            size,
            track_total_hits: true,
            sort: [{ "@timestamp": "asc" }],
            query,
        });
        const { hits } = answer as { hits: { total: { value: number }; hits: { _source: Record<string, unknown> }[] } };
        return { total: hits.total.value, documents: hits.hits.map((hit) => nested(hit._source)) };
    }

    /** Waits for a line with this phrase in its message. */
    async find(phrase: string): Promise<LogDocument> {
        const found = await until(
            `a log line with "${phrase}" in Elasticsearch`,
            () => this.search(lineWith(phrase)),
            ({ total }) => total > 0,
        );
        return found.documents[0]!;
    }

    /** The number of lines with this phrase in their message. */
    async count(phrase: string) {
        return (await this.search(lineWith(phrase), 0)).total;
    }

    async request(method: string, path: string, body?: object): Promise<unknown> {
        const secrets = await this.cluster.get<{
            items: { metadata: { name: string }; data: Record<string, string> }[];
        }>("secrets");
        const secret = secrets.items.find((item) => item.metadata.name.startsWith("elasticsearch-credentials"));
        const decode = (text = "") => Buffer.from(text, "base64").toString();
        const user = `${decode(secret?.data.username)}:${decode(secret?.data.password)}`;
        const args = ["curl", "--silent", "--show-error", "--max-time", "10", "--user", user, "--request", method];
        const sent = body ? ["--header", "Content-Type: application/json", "--data", JSON.stringify(body)] : [];
        const answer = await this.cluster.exec("client", "curl", ...args, ...sent, `http://elasticsearch:9200${path}`);
        return JSON.parse(answer) as unknown;
    }
}
