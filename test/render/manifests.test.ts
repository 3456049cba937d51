import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifests } from "../../render/manifests";
import { readSnapshot } from "../../render/snapshot";
import { takeSnapshot } from "../../render/takeSnapshot";
import { snapshotOf } from "../support/snapshots";

describe("a render", () => {
    const directory = mkdtempSync(join(tmpdir(), "pglog-render-"));
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const render = (...args: string[]) =>
        spawnSync(process.execPath, ["--import", "tsx", "render/main.ts", ...args], { encoding: "utf8" });

    it("is the same for the same program, and has what only Pulumi reads left out", async () => {
        const files = manifests(await snapshotOf("dev"));
        assert.deepEqual(files, manifests(await snapshotOf("dev")));
        for (const [path, text] of files) assert.doesNotMatch(text, /pulumi\.com\//, path);
        assert.match(files.get("2-postgres/deployment-postgres.yaml")!, /^apiVersion: apps\/v1\nkind: Deployment\n/);
    });

    it("keeps Secrets apart, with placeholders, so that no database gets a known password", async () => {
        const files = [...manifests(await snapshotOf("dev"))];
        const secrets = files.filter(([, text]) => text.includes("kind: Secret\n"));
        assert.equal(secrets.length, 3);
        for (const [path, text] of secrets) {
            assert.match(path, /^secrets\//);
            assert.match(text, /password: "\[secret [0-9a-f]{8}\]"|users: "\[secret [0-9a-f]{8}\]"/);
        }
    });

    it("has another placeholder where the ciphertext is another, and another Secret with it", async () => {
        const names = async (ciphertext: string) => {
            const file = join(directory, "Pulumi.staging.yaml");
            const text = readFileSync("Pulumi.staging.yaml", "utf8");
            writeFileSync(file, `${text}\n  pglog:elasticsearchPassword:\n    secure: ${ciphertext}\n`);
            const { snapshot, missing } = await takeSnapshot("staging", file);
            assert.deepEqual(missing, []);
            return snapshot.resources.find(({ name }) => name === "elasticsearch-credentials")!.objectName;
        };
        assert.equal(await names("v1:a"), await names("v1:a"));
        assert.notEqual(await names("v1:a"), await names("v1:b"));
    });

    it("is written whole, and replaces a render and nothing else", () => {
        const out = join(directory, "out");
        assert.equal(render("--stack", "dev", "--out", out).status, 0);
        assert.equal(readSnapshot(out).stack, "dev");
        assert.equal(render("--stack", "staging", "--out", out).status, 0);
        assert.equal(readSnapshot(out).stack, "staging");
        const refused = render("--stack", "dev", "--out", "docs");
        assert.equal(refused.status, 1);
        assert.match(refused.stderr, /docs has files that are not a render's/);
    });

    it("refuses a stack that there is not, and a setting that is encrypted", async () => {
        assert.match(
            render("--stack", "nope", "--out", join(directory, "x")).stderr,
            /there is no Pulumi\.nope\.yaml here/,
        );
        const file = join(directory, "Pulumi.encrypted.yaml");
        writeFileSync(file, "config:\n  pglog:postgresMemory:\n    secure: v1:a\n");
        await assert.rejects(takeSnapshot("dev", file), /pglog:postgresMemory is encrypted .* Run: pulumi config set/);
    });
});
