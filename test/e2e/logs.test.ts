import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reads } from "../../logs/kibana/dashboards";
import type { PageData } from "../../logs/page/data";
import { lookUp, open } from "../../logs/source/stack";
import { assertFound, dashboardQuery } from "../support/dashboardQuery";
import { Namespace } from "./namespace";
import { noShipper } from "./environment";
import { output, until } from "./run";
import { TestStack } from "./stack";

const sum = (values: number[]) => values.reduce((one, other) => one + other, 0);

describe("npm run logs", () => {
    const stack = new TestStack({
        ...{ protectData: false, postgresCpu: "50m", postgresMemory: "256Mi", storageSize: "1Gi" },
        ...{ elasticsearchMode: "in-cluster", elasticsearchTarget: "index", logMinDuration: 0 },
    });
    const cluster = new Namespace(stack.namespace);
    const directory = mkdtempSync(join(tmpdir(), "pglog-logs-"));
    const followers: ChildProcess[] = [];
    const command = (...args: string[]) => ["logs/main.ts", "--stack", stack.name, ...args];
    const logs = (...args: string[]) => output("tsx", command(...args), { env: stack.env });
    const raise = (text: string) => cluster.sql(`DO $$ BEGIN RAISE LOG '${text}'; END $$`);

    /** Follows the log, and collects its output. */
    const follow = (...args: string[]) => {
        const child = spawn("tsx", command("--follow", ...args), { env: stack.env, stdio: ["ignore", "pipe", "pipe"] });
        followers.push(child);
        const said = { child, text: "", errors: "" };
        child.stdout.on("data", (chunk: Buffer) => (said.text += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (said.errors += chunk.toString()));
        return said;
    };
    /** The number of lines that contain a phrase, not counting those that log the statement itself. */
    const times = (text: string, phrase: string) =>
        text.split("\n").filter((line) => new RegExp(`LOG +\\S+ +${phrase}$`).test(line)).length;

    before(async function () {
        if (noShipper !== undefined) {
            console.log(`    skipped: ${noShipper}`);
            this.skip();
        }
        await stack.up();
        await cluster.postgresPod();
        await cluster.sql("SELECT 1 / 0").catch(() => "");
        await cluster.sql("SELECT pg_sleep(0.2)");
        await raise("the last of them");
        await until(
            "the last line",
            () => logs("--grep", "the last of them"),
            (text) => text !== "",
        );
    });
    after(async () => {
        for (const child of followers) child.kill();
        rmSync(directory, { recursive: true });
        await stack.remove();
    });

    it("shows the newest lines, filters them, counts them, and prints them as JSON", async () => {
        const error = await logs("--level", "ERROR", "--user", "postgres", "--database", "app", "--client", "[local]");
        assert.match(error, /ERROR +postgres@app +22012 division by zero\n +statement: SELECT 1 \/ 0\n +session: /);
        assert.equal(await logs("--sqlstate", "22012", "--count"), "1");
        assert.match(await logs("--slower-than", "200ms"), /duration: 2\d\d\.\d+ ms {2}statement: SELECT pg_sleep/);
        assert.equal(await logs("--level", "ERROR", "--until", "1h", "--count"), "0");
        const [line] = (await logs("--sqlstate", "22012", "--json")).split("\n");
        const document = JSON.parse(line!) as Record<string, string>;
        assert.equal(document.message, "division by zero");
        const session = await logs("--session", document["postgresql.log.session_id"]!);
        assert.match(session, /division by zero[^]*disconnection: session time/);
    });

    it("summarises what happened", async () => {
        const summary = await logs("--summary", "--since", "1h");
        assert.match(summary, /│ 22012 +│ 1 +│ division by zero/);
        assert.match(summary, /│ 1 +│ 2\d\d ms +│ 2\d\d ms +│ SELECT pg_sleep\(0\.2\)/);
        // The client's three sessions, and those in which the Pod gives PostgreSQL its settings.
        assert.match(summary, /│ postgres +│ \[local\] +│ [4-9] /);
    });

    it("writes the summary as a page", async () => {
        const file = join(directory, "report.html");
        assert.match(await logs("--html", file, "--since", "1h"), /report\.html: \d+ kB, \d+ lines$/);
        const html = readFileSync(file, "utf8");
        const data = JSON.parse(/id="data">(.*?)<\/script>/s.exec(html)![1]!) as PageData;
        const { summary, moments, examples } = data;
        assert.equal(sum(moments.map(({ lines }) => lines)), summary.lines);
        assert.equal(sum(moments.map(({ errors }) => errors)), sum(summary.errors.map(({ lines }) => lines)));
        // A span has 30 s, or 60 s if the page asks a moment after the hour began.
        assert.ok(moments.length >= 60 && moments.length <= 121, `${moments.length} moments`);
        const measured = moments.filter(({ p99 }) => p99 !== null);
        assert.ok(measured.length > 0, "no durations");
        for (const moment of measured) {
            const { p50, p95, p99, sessions } = moment;
            assert.ok(p50! > 0 && p50! <= p95! && p95! <= p99! && sessions > 0, JSON.stringify(moment));
        }
        const sleep = summary.statements.findIndex(({ statement }) => statement.includes("pg_sleep(0.2)"));
        assert.ok(examples[sleep]!.some(({ query, duration }) => query.includes("pg_sleep(0.2)") && duration > 2e8));
    });

    it("has every field that Elastic's dashboards read, for the use that they make of it", async () => {
        const { outputs, cluster: reached } = await lookUp(stack.name, stack.env);
        const elasticsearch = await open(stack.name, outputs, reached);
        try {
            for (const read of reads()) assertFound(read, await elasticsearch.search(dashboardQuery(read)));
            for (const name of ["query", "detail", "hint", "context", "internal_query"]) {
                const aggs = { found: { terms: { field: `postgresql.log.${name}.keyword` } } };
                await elasticsearch.search({ size: 0, aggs });
            }
        } finally {
            elasticsearch.close();
        }
        const objects = (await logs("--kibana")).split("\n").map((line) => JSON.parse(line) as { type: string });
        assert.equal(objects.filter(({ type }) => type === "dashboard").length, 2);
    });

    it("follows the log through restarts of Elasticsearch and of itself, and shows each line once", async () => {
        const cursor = join(directory, "cursor");
        const first = follow("--lines", "1", "--cursor", cursor);
        await until(
            "the first line",
            () => Promise.resolve(first.text),
            (text) => text !== "",
        );
        await raise("before the restart");
        await until(
            "a new line",
            () => Promise.resolve(first.text),
            (text) => times(text, "before the restart") > 0,
        );
        await cluster.kubectl("delete", "pod", "--selector", "app.kubernetes.io/name=elasticsearch", "--wait");
        await raise("during the restart");
        const after = (text: string) => times(text, "during the restart") > 0;
        await until("the line of the restart", () => Promise.resolve(first.text), after, 600);
        assert.match(first.errors, /does not answer: .*; trying again\n[^]*Elasticsearch answers again\n/);
        first.child.kill("SIGINT");
        await once(first.child, "close");
        await raise("between the two");
        const second = follow("--cursor", cursor);
        await raise("after the two");
        await until(
            "the last line",
            () => Promise.resolve(second.text),
            (text) => times(text, "after the two") > 0,
        );
        const all = first.text + second.text;
        for (const phrase of ["before the restart", "during the restart", "between the two", "after the two"])
            assert.equal(times(all, phrase), 1, `${phrase}:\n${all}`);
        assert.equal(second.text.includes("the restart"), false);
    });
});
