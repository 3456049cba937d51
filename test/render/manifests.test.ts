import assert from "node:assert/strict";
import { manifests } from "../../render/manifests";
import { snapshotOf } from "../support/snapshots";

describe("the manifests of a render", () => {
    it("are the same for the same program, without fields that only Pulumi reads", async () => {
        const files = manifests(await snapshotOf("dev"));
        assert.deepEqual(files, manifests(await snapshotOf("dev")));
        for (const [path, text] of files) assert.doesNotMatch(text, /pulumi\.com\//, path);
        assert.match(files.get("2-postgres/deployment-postgres.yaml")!, /^apiVersion: apps\/v1\nkind: Deployment\n/);
    });

    it("keep Secrets in a separate directory, with placeholders, so no database gets a known password", async () => {
        const files = [...manifests(await snapshotOf("dev"))];
        const secrets = files.filter(([, text]) => text.includes("kind: Secret\n"));
        assert.equal(secrets.length, 3);
        for (const [path, text] of secrets) {
            assert.match(path, /^secrets\//);
            assert.match(text, /password: "\[secret [0-9a-f]{8}\]"|users: "\[secret [0-9a-f]{8}\]"/);
        }
    });
});
