import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { fluentBitVersion } from "../../stacks/versions";

const read = (path: string) => readFileSync(path, "utf8");

describe("Versions", () => {
    it("of Fluent Bit are the same in the stand-in and in every installation note", () => {
        for (const path of ["local/go/shipper/main.go", "docs/local.md", "docs/logs.md"]) {
            const named = [...read(path).matchAll(/(?:Fluent Bit|fluentBitVersion = "|version) ?(\d+\.\d+\.\d+)/g)];
            assert.ok(named.length > 0, `${path} names no version`);
            for (const [text, version] of named) assert.equal(version, fluentBitVersion, `${path}: ${text}`);
        }
    });

    it("of Pulumi's engine are the SDK's, in Pulumi.yaml and in the local environment", () => {
        const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
        const sdk = dependencies["@pulumi/pulumi"];
        const { requiredPulumiVersion } = parse(read("Pulumi.yaml")) as { requiredPulumiVersion: string };
        assert.equal(requiredPulumiVersion, `>=${sdk}`);
        assert.match(read("local/go/programs/go.mod"), new RegExp(`pulumi/pulumi/pkg/v3 v${sdk}\\b`));
    });
});
