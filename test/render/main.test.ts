import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSnapshot } from "../../render/snapshot";
import { run } from "../../report/source/run";
import { stacks } from "../support/stackFile";

describe("npm run render", () => {
    const directory = mkdtempSync(join(tmpdir(), "pglog-render-"));
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const render = (...args: string[]) => run(process.execPath, ["start/command.cjs", "render/main.ts", ...args]);

    it("replaces an earlier render, and refuses a directory with other files", async () => {
        const out = join(directory, "out");
        assert.equal((await render("--stack", "dev", "--out", out)).status, 0);
        assert.equal(readSnapshot(out).stack, "dev");
        assert.equal((await render("--stack", "staging", "--out", out)).status, 0);
        assert.equal(readSnapshot(out).stack, "staging");
        const refused = await render("--stack", "dev", "--out", "docs");
        assert.equal(refused.status, 1);
        assert.match(refused.stderr, /docs has files that are not from a render/);
    });

    it("renders all stacks, as one by one", async () => {
        const [all, one] = [join(directory, "all"), join(directory, "one")];
        assert.equal((await render("--all", "--out", all)).status, 0);
        for (const stack of stacks) {
            await render("--stack", stack, "--out", one);
            assert.deepEqual(readSnapshot(join(all, stack)), readSnapshot(one));
        }
    });

    it("needs one stack or all", async () => {
        for (const which of [[], ["--all", "--stack", "dev"], ["--all", "--config-file", "Pulumi.dev.yaml"]]) {
            const { status, stderr } = await render(...which, "--out", join(directory, "x"));
            assert.equal(status, 1);
            assert.match(stderr, /--stack <stack>/);
        }
    });

    it("refuses a stack that does not exist", async () => {
        const { stderr } = await render("--stack", "nope", "--out", join(directory, "x"));
        assert.match(stderr, /there is no Pulumi\.nope\.yaml here/);
    });
});
