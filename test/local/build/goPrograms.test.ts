import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
    collection,
    dnsVersion,
    engineVersion,
    kubernetesVersion,
    requiredVersion,
} from "../../../local/build/goPrograms";

/** The version that go.mod of a module has for each of its modules, those it replaces included. */
function versions(text: string) {
    const entries = text.matchAll(/^\t?(?:\S+ => )?(\S+\.\S+) (v\S+)(?: \/\/ indirect)?$/gm);
    return [...entries].map(([, name, version]) => [name!, version!] as const);
}

describe("the programs that are built from Go modules", () => {
    const goMod = readFileSync("local/go/programs/go.mod", "utf8");

    it("are of the versions that the module requires", () => {
        for (const version of [kubernetesVersion, dnsVersion, engineVersion]) {
            assert.match(version, /^v\d+\.\d+\.\d+$/);
            assert.ok(goMod.includes(version));
        }
        assert.throws(() => requiredVersion("programs", "example.com/none"), {
            message: "local/go/programs/go.mod does not require example.com/none",
        });
    });

    it("are of the engine whose SDK the program uses", () => {
        const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
            dependencies: Record<string, string>;
        };
        assert.equal(engineVersion, `v${dependencies["@pulumi/pulumi"]}`);
    });

    it("have every part of Kubernetes in the version of Kubernetes", () => {
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
        it(`${what}: ${"GOGC" in expected ? "half of it, before they collect garbage" : "as they always do"}`, () => {
            assert.deepEqual(collection(available, cores), expected);
        });
});
