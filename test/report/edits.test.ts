import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { readSnapshot, type Snapshot } from "../../render/snapshot";
import { takeSnapshot } from "../../render/takeSnapshot";
import { reportOf } from "../../report/report";
import { planBetween } from "../../report/snapshots";
import { ProjectCopy } from "../support/projectCopy";
import { bases, edits, type Edit, type Values } from "./edits";

const run = promisify(execFile);

describe("the report of an edit, from two renders", () => {
    const directory = mkdtempSync(join(tmpdir(), "pglog-edits-"));
    after(() => {
        rmSync(directory, { recursive: true });
    });

    function configFile(values: Values): string {
        const file = join(directory, "Pulumi.edits.yaml");
        const set = Object.entries(values).filter(([, value]) => value !== undefined);
        writeFileSync(
            file,
            stringify({ config: Object.fromEntries(set.map(([key, value]) => [`pglog:${key}`, value])) }),
        );
        return file;
    }

    async function snapshotOf(values: Values, program: Edit["program"]): Promise<Snapshot> {
        const file = configFile(values);
        if (program === undefined) return (await takeSnapshot("edits", file)).snapshot;
        const copy = new ProjectCopy();
        try {
            for (const [path, from, to] of program) copy.edit(path, from, to);
            const out = join(copy.directory, "out");
            const args = ["--import", "tsx", "render/main.ts", "--stack", "edits", "--out", out, "--config-file", file];
            await run(process.execPath, args, { cwd: copy.directory });
            return readSnapshot(out);
        } finally {
            copy.remove();
        }
    }

    for (const { name, base, before = {}, settings = {}, program, levels } of edits)
        it(`${name} (${base}): ${levels.join(", ") || "safe"}`, async () => {
            const old = await snapshotOf({ ...bases[base], ...before }, undefined);
            const now = await snapshotOf({ ...bases[base], ...before, ...settings }, program);
            const report = reportOf(planBetween(old, now));
            const found = report.levels.filter((level) => level !== "none");
            assert.deepEqual(found, levels, JSON.stringify(report.rows, null, 2));
        });

    it("covers at least forty edits, and says why where no cluster shows one", () => {
        assert.ok(edits.length >= 40);
        assert.equal(new Set(edits.map(({ name }) => name)).size, edits.length);
        assert.ok(edits.filter(({ notShown }) => notShown === undefined).length >= 40);
    });
});
