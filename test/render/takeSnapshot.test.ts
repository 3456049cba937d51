import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeSnapshot } from "../../render/takeSnapshot";

describe("the snapshot of a stack", () => {
    const directory = mkdtempSync(join(tmpdir(), "pglog-snapshot-"));
    after(() => {
        rmSync(directory, { recursive: true });
    });

    it("has a new placeholder for a new ciphertext, and so a new Secret", async () => {
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

    it("is refused if an encrypted setting decides which objects exist", async () => {
        const file = join(directory, "Pulumi.encrypted.yaml");
        writeFileSync(file, "config:\n  pglog:postgresMemory:\n    secure: v1:a\n");
        await assert.rejects(takeSnapshot("dev", file), /pglog:postgresMemory is encrypted .* Run: pulumi config set/);
    });
});
