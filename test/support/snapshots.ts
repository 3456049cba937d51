import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { readSnapshot, type Snapshot } from "../../render/snapshot";
import { takeSnapshot } from "../../render/takeSnapshot";
import { reportOf, type Report } from "../../report/report";
import { run } from "../../report/source/run";
import { planBetween } from "../../report/source/snapshots";
import { bases, type Edit, type Values } from "../report/edits";
import { ProjectCopy } from "./projectCopy";

/** The snapshot of a committed stack. */
export async function snapshotOf(stack: string): Promise<Snapshot> {
    return (await takeSnapshot(stack, `Pulumi.${stack}.yaml`)).snapshot;
}

/** The report of an edit, from a render before and a render after it. */
export async function reportOfEdit({ base, before = {}, settings = {}, program }: Edit): Promise<Report> {
    const old = await snapshotWith({ ...bases[base], ...before });
    const now = await snapshotWith({ ...bases[base], ...before, ...settings }, program);
    return reportOf(planBetween(old, now));
}

/** The snapshot of a configuration, also with an edit of the program. */
export async function snapshotWith(values: Values, program?: Edit["program"]): Promise<Snapshot> {
    const directory = mkdtempSync(join(tmpdir(), "pglog-edits-"));
    try {
        const file = join(directory, "Pulumi.edits.yaml");
        const set = Object.entries(values).filter(([, value]) => value !== undefined);
        const config = Object.fromEntries(set.map(([key, value]) => [`pglog:${key}`, value]));
        writeFileSync(file, stringify({ config }));
        return program ? await editedSnapshot(file, program) : (await takeSnapshot("edits", file)).snapshot;
    } finally {
        rmSync(directory, { recursive: true });
    }
}

async function editedSnapshot(file: string, program: NonNullable<Edit["program"]>): Promise<Snapshot> {
    const copy = new ProjectCopy();
    try {
        for (const [path, from, to] of program) copy.edit(path, from, to);
        const out = join(copy.directory, "out");
        const args = ["start/command.cjs", "render/main.ts", "--stack", "edits", "--out", out, "--config-file", file];
        const { status, stderr } = await run(process.execPath, args, { cwd: copy.directory });
        if (status !== 0) throw new Error(stderr);
        return readSnapshot(out);
    } finally {
        copy.remove();
    }
}
