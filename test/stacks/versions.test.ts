import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { shipperContainer } from "../../components/shipper/shipper";
import { fluentBitVersion } from "../../stacks/versions";
import { plainEndpoint } from "../support/endpoint";

const read = (path: string) => readFileSync(path, "utf8");

describe("Versions", () => {
    it("of Fluent Bit are the same in the stand-in and in every installation note", () => {
        for (const path of ["local/go/shipper/main.go", "docs/local.md", "docs/logs.md"]) {
            const named = [...read(path).matchAll(/(?:Fluent Bit|fluentBitVersion = "|version) ?(\d+\.\d+\.\d+)/g)];
            assert.ok(named.length > 0, `${path} names no version`);
            for (const [text, version] of named) assert.equal(version, fluentBitVersion, `${path}: ${text}`);
        }
    });

    it("of Kubernetes that the docs ask for have the fields of the Pod", () => {
        const from = { sleep: 30, sidecar: 29 }; // minor versions of Kubernetes 1 in which each is on by default
        const { preStop } = shipperContainer({ image: "fluent-bit:1", logLevel: "info", endpoint: plainEndpoint })
            .lifecycle as {
            preStop: object;
        };
        const needed = "sleep" in preStop ? from.sleep : from.sidecar;
        const named = [
            /Kubernetes 1\.(\d+) or\s+newer/.exec(read("README.md")),
            /Kubernetes below 1\.(\d+) is not supported/.exec(read("docs/limits.md")),
        ].map((found) => Number(found?.[1]));
        assert.deepEqual(named, [needed, needed]);
    });

    it("of Pulumi's engine are the SDK's, in Pulumi.yaml and in the local environment", () => {
        const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
        const sdk = dependencies["@pulumi/pulumi"];
        const { requiredPulumiVersion } = parse(read("Pulumi.yaml")) as { requiredPulumiVersion: string };
        assert.equal(requiredPulumiVersion, `>=${sdk}`);
        assert.match(read("local/go/programs/go.mod"), new RegExp(`pulumi/pulumi/pkg/v3 v${sdk}\\b`));
    });
});
