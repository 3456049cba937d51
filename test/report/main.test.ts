import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../report/source/run";
import { ProjectCopy } from "../support/projectCopy";

describe("npm run report", () => {
    const several = "test/report/previews/several.json";
    const directory = mkdtempSync(join(tmpdir(), "pglog-report-"));
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const report = (...args: string[]) => run(process.execPath, ["start/command.cjs", "report/main.ts", ...args]);

    it("exits with status 2 at a level of --fail-on, and still prints the report", async () => {
        const { status, stdout } = await report("--preview", several, "--stack", "dev");
        assert.equal(status, 2);
        assert.match(stdout, /^### 🔴 `dev`: \*\*would lose data\*\*/);
        assert.equal((await report("--preview", several, "--fail-on", "open")).status, 0);
        const json = JSON.parse((await report("--preview", several, "--json")).stdout) as { levels: string[] };
        assert.equal(json.levels[0], "data-loss");
    });

    it("exits with status 2 if PostgreSQL would stay down", async () => {
        const file = join(directory, "outage.json");
        const type = "kubernetes:apps/v1:Deployment";
        const urn = `urn:pulumi:dev::pglog::${type}::postgres-deployment`;
        const state = (replicas: number) => ({ type, custom: true, inputs: { spec: { replicas } } });
        const step = { op: "update", urn, oldState: state(1), newState: state(0) };
        writeFileSync(file, JSON.stringify({ steps: [step] }));
        const { status, stdout } = await report("--preview", file);
        assert.match(stdout, /PostgreSQL stays down/);
        assert.equal(status, 2);
    });

    it("exits with status 1 if the preview failed", async () => {
        const file = join(directory, "preview.json");
        writeFileSync(file, JSON.stringify({ diagnostics: [{ severity: "error", message: "no cluster" }] }));
        const { status, stdout } = await report("--preview", file);
        assert.equal(status, 1);
        assert.match(stdout, /no cluster/);
    });

    it("shows the progress of a preview on standard error, and says how to install a missing pulumi", async () => {
        const env = { PATH: directory };
        const args = ["start/command.cjs", "report/main.ts", "--stack", "dev"];
        const { status, stdout, stderr } = await run(process.execPath, args, { env });
        assert.equal(status, 1);
        assert.equal(stdout, "");
        assert.match(stderr, /previewing dev/);
        assert.match(stderr, /^cannot run pulumi: .* Install it \(https:/m);
    });

    it("compares with a git revision, whose rules judge and not those that are edited here", async () => {
        const copy = new ProjectCopy(["report", "Pulumi.dev.yaml", "package-lock.json"]);
        const own = (program: string, ...args: string[]) => run(program, args, { cwd: copy.directory });
        try {
            await own("git", "init", "--quiet");
            writeFileSync(join(copy.directory, ".gitignore"), "node_modules\n");
            await own("git", "add", ".");
            const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            await own("git", ...author, "commit", "--quiet", "--message", "base");
            copy.configure({ namespace: "elsewhere" });
            copy.edit("report/rules/data.ts", '"data-loss"', '"none"');
            const args = ["start/command.cjs", "report/main.ts", "--stack", "dev", "--base", "HEAD"];
            const { status, stdout, stderr } = await own(process.execPath, ...args);
            assert.match(stdout, /would lose data/, stderr);
            assert.equal(status, 2);
            assert.equal((await own("git", "worktree", "list")).stdout.split("\n").length, 1);
        } finally {
            copy.remove();
        }
    });

    for (const [what, args, message] of [
        ["a call without a source", [], /no stack is named\. Run: npm run report -- --stack <stack>/],
        ["a revision without a stack", ["--base", "main"], /--base compares one stack: add --stack <stack>/],
        ["half of a comparison", ["--from", "x"], /--from and --to go together/],
        [
            "a directory that is no render",
            ["--from", "test", "--to", "test"],
            /test is no render: .* Run: npm run render/,
        ],
        [
            "a level that does not exist",
            ["--fail-on", "logloss"],
            /logloss is not one of data-loss, log-loss, .*\. The nearest is log-loss\./,
        ],
    ] as [string, string[], RegExp][])
        it(`refuses ${what}`, async () => {
            const { status, stderr } = await report(...args);
            assert.equal(status, 1);
            assert.match(stderr, message);
        });
});
