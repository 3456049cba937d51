import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { step } from "../progress";
import { run } from "./run";

/**
 * Renders a stack as it is in a git revision and as it is here, and lets the revision's own report judge: rules that are
 * edited here do not judge themselves.
 *
 * @param revision a branch, a tag or a commit
 * @param configFile the stack's file here. @default Pulumi.<stack>.yaml, as in the revision
 * @param flags further flags of the report
 * @returns the exit status of the report
 * @throws if there is no such revision, its packages cannot be installed, or a stack cannot be rendered
 */
export async function judgedByBase(revision: string, stack: string, configFile: string | undefined, flags: string[]) {
    const directory = mkdtempSync(join(tmpdir(), "pglog-base-"));
    const checkout = join(directory, "checkout");
    try {
        await step(`checking out ${revision}`, () => checkOut(revision, checkout));
        const [from, to] = [join(directory, "from"), join(directory, "to")];
        await step(`rendering ${stack} of ${revision}`, () => render(checkout, stack, from));
        const file = configFile === undefined ? [] : ["--config-file", resolve(configFile)];
        await step(`rendering ${stack} of this checkout`, () => render(process.cwd(), stack, to, file));
        const report = ["--import", "tsx", "report/main.ts", "--stack", stack, "--from", from, "--to", to, ...flags];
        return spawnSync(process.execPath, report, { cwd: checkout, stdio: "inherit" }).status ?? 1;
    } finally {
        await run("git", ["worktree", "remove", "--force", checkout]);
        rmSync(directory, { recursive: true, force: true });
    }
}

async function render(checkout: string, stack: string, out: string, flags: string[] = []) {
    const args = ["--import", "tsx", "render/main.ts", "--stack", stack, "--out", out, ...flags];
    await done(process.execPath, args, checkout);
}

/** The revision's files, with the packages of this checkout where the revision has the same ones. */
async function checkOut(revision: string, checkout: string) {
    await done("git", ["worktree", "add", "--detach", checkout, revision], process.cwd());
    const [own, bases] = [".", checkout].map((one) => readFileSync(join(one, "package-lock.json"), "utf8"));
    if (own === bases) symlinkSync(resolve("node_modules"), join(checkout, "node_modules"));
    else await done("npm", ["ci", "--ignore-scripts"], checkout);
}

/** Runs a program, which must succeed. */
async function done(program: string, args: string[], cwd: string) {
    const { status, stderr } = await run(program, args, { cwd });
    if (status !== 0) throw new Error(stderr);
}
