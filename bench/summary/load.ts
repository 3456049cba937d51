import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setupRequests } from "../../components/elasticsearch/setup";
import type { Hit } from "../../logs/line";
import { pages } from "../../logs/search";
import { Elasticsearch } from "../../logs/source/elasticsearch";
import { begin, writeLines } from "../pipeline/lines";
import { freePort, startProcess, stopProcess } from "../pipeline/run";
import { findFluentBit } from "../pipeline/shippers/fluentBit";
import { pglogTo } from "../pipeline/shippers/pglog";
import { pod } from "../pipeline/shippers/rendered";
import { repeatedStatement } from "./shapes";

/** An index that nothing else uses. */
const name = "postgresql-logs-bench";
/** Its only day. */
const index = `${name}-2026.01.31`;
/** Milliseconds from the first line to the first line of the next copy. A line follows after 0 or 1 ms. */
const span = (lines: number) => lines * 0.6;

/** Called with the number of documents so far. */
export type Progress = (documents: number) => void;

/** An Elasticsearch without authentication, for the benchmark's own index. */
export class Target {
    readonly elasticsearch: Elasticsearch;

    constructor(readonly url: URL) {
        const address = { host: url.hostname, port: Number(url.port || 9200) };
        this.elasticsearch = new Elasticsearch({ url, search: `${name}-*`, address: () => address });
    }

    async request(method: string, path: string, body?: string | object): Promise<unknown> {
        const answer = await fetch(new URL(path, this.url), {
            ...{ method, headers: { "content-type": "application/json" } },
            body: typeof body === "object" ? JSON.stringify(body) : body,
        });
        if (!answer.ok && answer.status !== 404)
            throw new Error(`${method} ${path}: HTTP ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
        return answer.json();
    }

    /** Creates the index template of a stack. */
    async prepare() {
        await this.remove();
        for (const { method, path, body } of setupRequests({ target: "index", index: name, retentionDays: 0 }))
            if (path.startsWith("/_index_template")) await this.request(method, path, body);
    }

    async remove() {
        await this.request("DELETE", `/${index}?ignore_unavailable=true`);
    }

    async count(): Promise<number> {
        await this.request("POST", `/${name}-*/_refresh`);
        return this.elasticsearch.count({ match_all: {} });
    }

    /** Bytes of the index on disk. */
    async size(): Promise<number> {
        const { indices } = (await this.request("GET", `/${index}/_stats/store`)) as {
            indices: Record<string, { total: { store: { size_in_bytes: number } } }>;
        };
        return indices[index]!.total.store.size_in_bytes;
    }
}

/** Writes a log file with a name that PostgreSQL gives to it. Returns its path. */
export async function writeLog(directory: string, seed: number, lines: number): Promise<string> {
    mkdirSync(directory);
    const file = join(directory, `postgresql-2026-01-31_120000-${pod}.json`);
    await writeLines(file, seed, lines, repeatedStatement);
    return file;
}

/** Ships the log files in a directory as a stack does, with its Fluent Bit. */
export async function ship(target: Target, logs: string, lines: number, directory: string, onProgress: Progress) {
    const found = await findFluentBit();
    if (typeof found === "string") throw new Error(found);
    mkdirSync(directory);
    const { hostname: host, port } = target.url;
    const place = { directory, logs, host, port: Number(port), ownPort: await freePort() };
    const running = await startProcess(pglogTo(name, place, found), directory);
    try {
        for (let arrived = 0; arrived < lines;) {
            await sleep(2000);
            arrived = await target.count();
            onProgress(arrived);
        }
    } finally {
        await stopProcess(running);
    }
}

/** The same line of a later copy of the log: a later time, and a different session. */
function copied({ _source: source }: Hit, copy: number, shift: number) {
    const session = `${String(source["postgresql.log.session_id"])}${copy.toString(16)}`;
    const id = `${pod}:${session}:${String(source["postgresql.log.session_line_number"])}`;
    const time = new Date(Date.parse(String(source["@timestamp"])) + shift).toISOString();
    const document = { ...source, "@timestamp": time, "postgresql.log.session_id": session, event: { id } };
    return `{"create":{"_id":"${id}"}}\n${JSON.stringify(document)}\n`;
}

/** Adds copies of the shipped lines until there are this many documents. */
export async function multiply(target: Target, lines: number, documents: number, onProgress: Progress) {
    const first = { range: { "@timestamp": { lt: new Date(begin + span(lines)).toISOString() } } };
    const copies = documents / lines;
    let written = lines;
    for await (const hits of pages(target.elasticsearch, first))
        for (let copy = 1; copy < copies; copy += 1) {
            const body = hits.map((hit) => copied(hit, copy, copy * span(lines))).join("");
            const { errors } = (await target.request("POST", `/${index}/_bulk`, body)) as { errors: boolean };
            if (errors) throw new Error("Elasticsearch refused a document");
            written += hits.length;
            onProgress(written);
        }
    await target.request("POST", `/${index}/_refresh`);
}
