import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { engineVersion, kubernetesVersion, requiredVersion } from "../../../local/build/goPrograms";

describe("the programs that are built from Go modules", () => {
    it("are of the versions that the modules require", () => {
        assert.match(kubernetesVersion, /^v1\.\d+\.\d+$/);
        assert.match(engineVersion, /^v3\.\d+\.\d+$/);
        assert.throws(() => requiredVersion("kube", "example.com/none"), {
            message: "local/go/kube/go.mod does not require example.com/none",
        });
    });

    it("are of the engine whose SDK the program uses", () => {
        const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
            dependencies: Record<string, string>;
        };
        assert.equal(engineVersion, `v${dependencies["@pulumi/pulumi"]}`);
    });
});
