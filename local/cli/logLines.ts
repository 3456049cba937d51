import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { command } from "../machine/command";
import { environmentOf, type Environment } from "../environment/environment";
import { signal } from "../machine/processes";
import type { Outputs } from "../environment/stack";
import { renderTable } from "./table";

/** The fields of a log line that are shown. */
interface LogLine {
    time: string;
    level: string;
    user: string;
    message: string;
}

const shownFields = ["@timestamp", "log.level", "user.name"];

/** A hit of a search. `fields` has a list for each field; the message is taken from `_source`, where it is never cut. */
export interface Hit {
    fields?: Record<string, string[]>;
    _source?: { message?: string };
}

/** Turns a hit into a line. `fields` is the same whether the document has nested objects or dots in its names. */
export function lineOf({ fields = {}, _source }: Hit): LogLine {
    const text = (name: string) => fields[name]?.[0] ?? "";
    return {
        time: text("@timestamp"),
        level: text("log.level"),
        user: text("user.name"),
        message: _source?.message ?? "",
    };
}

/** Forwards a Service's port to this machine, calls a function with its URL, and ends the forwarding. */
async function forwarded<Result>(
    environment: Environment,
    namespace: string,
    service: string,
    port: number,
    use: (url: string) => Promise<Result>,
): Promise<Result> {
    const args = ["--namespace", namespace, "port-forward", `service/${service}`, `:${port}`];
    const child = spawn("kubectl", args, { env: environmentOf(environment), stdio: ["ignore", "pipe", "pipe"] });
    try {
        const url = await new Promise<string>((resolve, reject) => {
            createInterface(child.stdout).on("line", (line) => {
                const local = /from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
                if (local !== undefined) resolve(`http://127.0.0.1:${local}`);
            });
            createInterface(child.stderr).on("line", (line) => {
                reject(new Error(`kubectl port-forward: ${line}`));
            });
            child.on("error", reject);
            child.on("close", () => {
                reject(new Error("kubectl port-forward ended"));
            });
        });
        return await use(url);
    } finally {
        if (child.pid !== undefined) signal(child.pid, "SIGTERM");
    }
}

/** The newest lines in the stack's own Elasticsearch, the newest first. */
export async function newestLines(environment: Environment, { namespace, logs }: Outputs, count: number) {
    const kubectl = (...args: string[]) =>
        command("kubectl", ["--namespace", namespace, ...args], { env: environmentOf(environment) });
    const secret = (await kubectl("get", "secret", "--output", "name"))
        .split("\n")
        .find((name) => name.startsWith("secret/elasticsearch-credentials"));
    if (secret === undefined || logs === null)
        throw new Error(`namespace ${namespace} has no credentials of Elasticsearch`);
    const { data } = JSON.parse(await kubectl("get", secret, "--output", "json")) as { data: Record<string, string> };
    const text = (key: string) => Buffer.from(data[key] ?? "", "base64").toString();
    const authorization = `Basic ${Buffer.from(`${text("username")}:${text("password")}`).toString("base64")}`;
    return forwarded(environment, namespace, "elasticsearch", 9200, async (url) => {
        const answer = await fetch(`${url}/${logs.search}/_search?ignore_unavailable=true`, {
            method: "POST",
            headers: { authorization, "content-type": "application/json" },
            body: JSON.stringify({
                size: count,
                sort: [{ "@timestamp": "desc" }],
                fields: shownFields,
                _source: ["message"],
            }),
        });
        if (!answer.ok) throw new Error(`Elasticsearch answered ${answer.status} to a search in ${logs.search}`);
        const { hits } = (await answer.json()) as { hits: { hits: Hit[] } };
        return hits.hits.map(lineOf);
    });
}

/** Lines as a table, one row each; a longer message is cut. */
export function renderLines(lines: LogLine[]): string {
    return renderTable(
        ["UTC", "level", "user", "message"],
        lines.map((line) => [line.time.slice(11, 23), line.level, line.user, line.message.replace(/\s+/g, " ")]),
        [14, 9, 10],
    );
}
