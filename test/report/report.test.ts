import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Change, Plan } from "../../report/change";
import { fieldChanges } from "../../report/fields";
import { renderMarkdown } from "../../report/print/markdown";
import { planFromPreview } from "../../report/source/preview";
import { reportOf } from "../../report/report";
import { renderTerminal } from "../../report/print/terminal";
import { planBetween } from "../../report/source/snapshots";
import { snapshotOf } from "../support/snapshots";

const several = readFileSync("test/report/previews/several.json", "utf8");
const rowsOf = (plan: Plan) => Object.fromEntries(reportOf(plan).rows.map((row) => [row.setting ?? row.subject, row]));

describe("the report of a preview", () => {
    it("says in the stack's own terms what the engine says of objects", () => {
        const plan = planFromPreview("dev", several);
        const { levels, verdict } = reportOf(plan);
        assert.deepEqual(
            levels.filter((level) => level !== "none"),
            ["data-loss", "log-loss", "address", "credentials", "restart", "logging"],
        );
        assert.match(verdict.headline, /^\*\*would lose data\*\* · .* · restarts PostgreSQL, about \d+ s down · /);
        const rows = rowsOf(plan);
        assert.deepEqual(Object.keys(rows).slice(0, 3), [
            "storageAccessMode",
            "Service postgres-nodeport",
            "passwordVersion",
        ]);
        assert.deepEqual([rows.passwordVersion!.from, rows.passwordVersion!.to], ["1", "2"]);
    });

    it("shows no secret, and no name that the provider chose", () => {
        const text = renderMarkdown(reportOf(planFromPreview("dev", several)));
        assert.doesNotMatch(text, /4dabf18193072939515e22adb298388d|04da6b54-80e4-46f7-96ec-b56ff0331ba9/);
        assert.match(text, /Secret postgres-credentials \| made anew/);
    });

    it("says why a preview failed, and is never safe then", () => {
        const message = 'error: unable to replace resource "urn"\nas it is currently marked for protection';
        const digest = { steps: [], diagnostics: [{ severity: "error", message }] };
        const report = reportOf(planFromPreview("prod", JSON.stringify(digest)));
        assert.deepEqual(report.levels, ["refused"]);
        assert.match(renderMarkdown(report), /The preview failed[^]*currently marked for protection/);
    });

    it("sees a protection that is taken away though nothing else changes", () => {
        const inputs = { kind: "PersistentVolumeClaim", metadata: { name: "postgres-data" } };
        const state = { type: "kubernetes:core/v1:PersistentVolumeClaim", custom: true, inputs };
        const urn = "urn:pulumi:prod::pglog::kubernetes:core/v1:PersistentVolumeClaim::postgres-data";
        const step = { op: "same", urn, oldState: { ...state, protect: true }, newState: state };
        assert.deepEqual(reportOf(planFromPreview("prod", JSON.stringify({ steps: [step] }))).levels, ["security"]);
    });

    it("calls what differs in the cluster alone unknown, or what it is", () => {
        const inputs = { spec: { replicas: 1 } };
        const state = { type: "kubernetes:apps/v1:Deployment", custom: true, inputs };
        const urn = "urn:pulumi:prod::pglog::kubernetes:apps/v1:Deployment::postgres-deployment";
        const detailedDiff = { "spec.surprise": { kind: "update", inputDiff: false } };
        const step = { op: "update", urn, oldState: state, newState: state, detailedDiff };
        assert.deepEqual(reportOf(planFromPreview("prod", JSON.stringify({ steps: [step] }))).levels, ["unknown"]);
    });

    for (const [what, text] of [
        ["text", "Previewing update (dev)"],
        ["another JSON", "{}"],
    ] as const)
        it(`refuses ${what} with the command that makes a preview`, () => {
            assert.throws(() => planFromPreview("dev", text), {
                message: /^this is no preview: .* Run: pulumi preview --json --show-sames --stack dev > preview\.json$/,
            });
        });
});

describe("the fields that differ", () => {
    const changes = (from: object, to: object) =>
        fieldChanges(from as Record<string, unknown>, to as Record<string, unknown>).map(({ path }) => path);

    it("go by the names of a list's elements, not by their places", () => {
        const containers = [
            { name: "a", image: "1" },
            { name: "b", image: "1" },
        ];
        const moved = [
            { name: "b", image: "2" },
            { name: "a", image: "1" },
        ];
        assert.deepEqual(changes({ containers }, { containers: moved }), ["containers[b].image"]);
        assert.deepEqual(changes({ containers }, { containers: containers.slice(1) }), ["containers[a]"]);
    });

    it("go by what a file says, not by its text", () => {
        const file = (text: string) => ({ kind: "ConfigMap", data: { "postgresql.conf": text } });
        assert.deepEqual(changes(file("a = 1\nb = 2\n"), file("# new\nb = 2\na = 3\n")), ["data[postgresql.conf].a"]);
        assert.deepEqual(changes(file("a = 1\n"), { kind: "ConfigMap", data: {} }), ["data[postgresql.conf]"]);
    });

    it("are what was an object and is a text", () => {
        assert.deepEqual(changes({ a: { b: 1 } }, { a: "text" }), ["a"]);
        assert.deepEqual(changes({ a: {} }, { a: { b: { c: 1 } } }), ["a.b.c"]);
    });
});

describe("the report's text", () => {
    const hostile = "`|<img src=x>\n# @everyone";
    const plan: Plan = {
        stack: "dev",
        errors: [],
        changes: [
            {
                urn: "urn:pulumi:dev::pglog::kubernetes:core/v1:ConfigMap::postgres-config",
                type: "kubernetes:core/v1:ConfigMap",
                name: "postgres-config",
                objectName: hostile,
                operation: "update",
                protected: false,
                retained: false,
                unprotects: false,
                before: { data: { a: "```" } },
                after: { data: { a: hostile } },
                fields: [{ path: "data[a]", from: "```", to: hostile }],
            } satisfies Change,
        ],
    };

    it("is Markdown that no value can break out of", () => {
        const text = renderMarkdown(reportOf(plan));
        const row = text.split("\n").filter((line) => line.startsWith("| 🟡"));
        assert.equal(row.length, 1);
        assert.equal(row[0]!.replaceAll("\\|", "").split("|").length, 6, "four cells");
        assert.doesNotMatch(row[0]!.replace(/`[^`]*`/g, ""), /<img|@everyone/, "but in code");
        assert.match(text, /\n````diff\n/, "a fence longer than any in the values");
    });

    it("fits a terminal, without Markdown's marks", () => {
        const text = renderTerminal(reportOf(planFromPreview("dev", several)), 100);
        assert.doesNotMatch(text, /\*\*|`/);
        // Colours take no room.
        for (const line of text
            .replace(/\u001b\[\d+m/g, "")
            .split("\n")
            .filter((one) => /^[┌│├└]/.test(one)))
            assert.ok(line.length <= 100, line);
    });
});

describe("npm run report", () => {
    const directory = mkdtempSync(join(tmpdir(), "pglog-report-"));
    const file = join(directory, "preview.json");
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const report = (...args: string[]) => {
        const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "report/main.ts", ...args], {
            encoding: "utf8",
        });
        return { status, stdout, stderr };
    };

    it("ends with 2 where data would be lost, and prints the report all the same", () => {
        writeFileSync(file, several);
        const { status, stdout } = report("--preview", file, "--stack", "dev");
        assert.equal(status, 2);
        assert.match(stdout, /^### 🔴 `dev`: \*\*would lose data\*\*/);
        assert.equal(report("--preview", file, "--fail-on", "open").status, 0);
        const json = JSON.parse(report("--preview", file, "--json").stdout) as { levels: string[] };
        assert.equal(json.levels[0], "data-loss");
    });

    it("ends with 1 where the preview failed", () => {
        writeFileSync(file, JSON.stringify({ diagnostics: [{ severity: "error", message: "no cluster" }] }));
        const { status, stdout } = report("--preview", file);
        assert.equal(status, 1);
        assert.match(stdout, /no cluster/);
    });

    for (const [what, args, message] of [
        ["nothing", [], /what to report is not said\. Run: npm run report -- --stack <stack>/],
        ["half of a comparison", ["--from", "x"], /--from and --to go together/],
        [
            "a directory that is no render",
            ["--from", "test", "--to", "test"],
            /test is no render: .* Run: npm run render/,
        ],
        ["a level that there is not", ["--fail-on", "loss"], /loss is not one of data-loss, log-loss/],
    ] as [string, string[], RegExp][])
        it(`refuses ${what}`, () => {
            const { status, stderr } = report(...args);
            assert.equal(status, 1);
            assert.match(stderr, message);
        });
});

describe("a plan between two renders", () => {
    it("is empty for the same program, and everything for another stack", async () => {
        const dev = await snapshotOf("dev");
        assert.deepEqual(planBetween(dev, await snapshotOf("dev")).changes, []);
        const none = { stack: "dev", resources: [] };
        assert.equal(reportOf(planBetween(dev, none)).levels[0], "data-loss");
        const created = reportOf(planBetween(none, dev));
        assert.deepEqual(created.levels, ["exposure", "none"]);
    });
});
