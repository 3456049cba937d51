import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
    collection,
    dnsVersion,
    engineVersion,
    kubernetesVersion,
    requiredVersion,
} from "../../../local/build/goPrograms";

/** The version of each module that a module's go.mod requires, replaced ones included. */
function versions(text: string) {
    const entries = text.matchAll(/^\t?(?:\S+ => )?(\S+\.\S+) (v\S+)(?: \/\/ indirect)?$/gm);
    return [...entries].map(([, name, version]) => [name!, version!] as const);
}

describe("the programs that are built from Go modules", () => {
    const goMod = readFileSync("local/go/programs/go.mod", "utf8");

    it("have the versions that the module requires", () => {
        for (const version of [kubernetesVersion, dnsVersion, engineVersion]) {
            assert.match(version, /^v\d+\.\d+\.\d+$/);
            assert.ok(goMod.includes(version));
        }
        assert.throws(() => requiredVersion("programs", "example.com/none"), {
            message: "local/go/programs/go.mod does not require example.com/none",
        });
    });

    it("include the engine in the version of the SDK", () => {
        const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
            dependencies: Record<string, string>;
        };
        assert.equal(engineVersion, `v${dependencies["@pulumi/pulumi"]}`);
    });

    it("have the same version for all parts of Kubernetes", () => {
        const parts = versions(goMod.slice(goMod.indexOf("replace"))).filter(([name]) => name.startsWith("k8s.io/"));
        assert.ok(parts.length > 20);
        for (const [name, version] of parts)
            assert.equal(version, kubernetesVersion.replace(/^v1/, "v0"), `${name} is of ${version}`);
    });
});

describe("the memory of the compilers", () => {
    const gibibyte = 2 ** 30;
    for (const [what, available, cores, expected] of [
        ["8 GiB for two cores", 8 * gibibyte, 2, { GOGC: "off", GOMEMLIMIT: String(2 * gibibyte) }],
        ["8 GiB for sixteen cores", 8 * gibibyte, 16, {}],
    ] as const)
        it(`${what}: ${"GOGC" in expected ? "half of it, before they collect garbage" : "by Go's defaults"}`, () => {
            assert.deepEqual(collection(available, cores), expected);
        });
});
