import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Plan } from "../../../report/change";
import { renderMarkdown } from "../../../report/print/markdown";
import { reportOf } from "../../../report/report";
import { planFromPreview } from "../../../report/source/preview";
import { snapshotWith } from "../../support/snapshots";
import { bases } from "../edits";

const several = readFileSync("test/report/previews/several.json", "utf8");
const rowsOf = (plan: Plan) => Object.fromEntries(reportOf(plan).rows.map((row) => [row.setting ?? row.subject, row]));

describe("the report of a preview", () => {
    it("translates the engine's changes of objects into the stack's settings", () => {
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
        assert.match(text, /Secret postgres-credentials \| replaced/);
    });

    it("has what the program says of a configuration that it refuses, and says that nothing was changed", async () => {
        const error = await snapshotWith({ ...bases.database, postgresSettings: { enable_sort: "quickly" } }).catch(
            (refused: unknown) => refused as Error,
        );
        assert.ok(error instanceof Error);
        const digest = { diagnostics: [{ severity: "error", message: `error: ${error.message}` }] };
        const report = reportOf(planFromPreview("prod", JSON.stringify(digest)));
        assert.deepEqual(report.levels, ["refused"]);
        assert.match(renderMarkdown(report), /nothing was changed[^]*postgresSettings\.enable_sort .*quickly/);
    });

    it("says why a preview failed, and never calls a failed preview safe", () => {
        const message = 'error: unable to replace resource "urn"\nas it is currently marked for protection';
        const digest = { steps: [], diagnostics: [{ severity: "error", message }] };
        const report = reportOf(planFromPreview("prod", JSON.stringify(digest)));
        assert.deepEqual(report.levels, ["refused"]);
        assert.match(renderMarkdown(report), /The preview failed[^]*currently marked for protection/);
    });

    it("reports a protection that is removed even if nothing else changes", () => {
        const inputs = { kind: "PersistentVolumeClaim", metadata: { name: "postgres-data" } };
        const state = { type: "kubernetes:core/v1:PersistentVolumeClaim", custom: true, inputs };
        const urn = "urn:pulumi:prod::pglog::kubernetes:core/v1:PersistentVolumeClaim::postgres-data";
        const step = { op: "same", urn, oldState: { ...state, protect: true }, newState: state };
        assert.deepEqual(reportOf(planFromPreview("prod", JSON.stringify({ steps: [step] }))).levels, ["security"]);
    });

    it("reports a field that differs only in the cluster; without a rule it is unknown", () => {
        const inputs = { spec: { replicas: 1 } };
        const state = { type: "kubernetes:apps/v1:Deployment", custom: true, inputs };
        const urn = "urn:pulumi:prod::pglog::kubernetes:apps/v1:Deployment::postgres-deployment";
        const detailedDiff = { "spec.surprise": { kind: "update", inputDiff: false } };
        const step = { op: "update", urn, oldState: state, newState: state, detailedDiff };
        assert.deepEqual(reportOf(planFromPreview("prod", JSON.stringify({ steps: [step] }))).levels, ["unknown"]);
    });

    for (const [what, text] of [
        ["plain text", "Previewing update (dev)"],
        ["JSON that is no preview", "{}"],
    ] as const)
        it(`refuses ${what} and names the command that makes a preview`, () => {
            assert.throws(() => planFromPreview("dev", text), {
                message: /^this is no preview: .* Run: pulumi preview --json --show-sames --stack dev > preview\.json$/,
            });
        });
});
