import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { subset } from "semver";
import { parse } from "yaml";
import { loadConfig } from "../stacks/config";
import { keyNames } from "../stacks/keys";
import { configSection, configTable, withConfigTable } from "./support/configTable";
import { parseDocument } from "./support/docsCommands";
import { conflictingExamples, refusalsOf, refusalsSection, withRefusalsTable } from "./support/refusalsTable";
import { configure } from "../render/engine/evaluate";
import { asText, declaredKeys, isEncrypted, stackConfig, type DeclaredKey } from "../render/stackFile";
import { configOf, dummySecrets, stackFile, stacks } from "./support/stackFile";
import { updateGolden } from "./support/updateGolden";

const own = Object.entries(declaredKeys()).filter(([name]) => !name.includes(":"));
const read = (path: string) => readFileSync(path, "utf8");

interface Package {
    engines: Record<string, string>;
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
    optionalDependencies: Record<string, string>;
}
interface Lock {
    packages: Record<string, { version: string; resolved?: string } & Partial<Package>>;
}

describe("Pulumi.yaml", () => {
    it("declares the keys that the program reads, in the same order, and no more than a reader can take in", () => {
        assert.deepEqual(
            own.map(([name]) => name),
            keyNames,
        );
        assert.ok(keyNames.length <= 41, `${keyNames.length} keys`);
    });

    const fits: Record<DeclaredKey["type"], (value: unknown) => boolean> = {
        string: (value) => typeof value === "string",
        integer: Number.isInteger,
        boolean: (value) => typeof value === "boolean",
        array: Array.isArray,
        object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    };
    it("gives each key a type, a default of that type, and a sentence as description", () => {
        for (const [name, { type, default: given, description = "" }] of own) {
            assert.ok(fits[type](given), `${name}: ${JSON.stringify(given)} is the default of a ${type}`);
            assert.match(description, /^\S.*\.$/, name);
            assert.ok(description.length <= 140, `${name}: ${description.length} characters`);
        }
    });

    it("has defaults that the program accepts, each and all together", async () => {
        await configure({ config: configOf({ shipper: "none" }) });
        assert.doesNotThrow(loadConfig);
        await configure({ config: configOf({ elasticsearchHost: "es.example.com", elasticsearchAuth: "none" }) });
        assert.doesNotThrow(loadConfig, "all but the address of Elasticsearch and its credentials");
    });

    it("declares no key as a secret: Pulumi allows no default for one", () => {
        // "must be encrypted as it's secret"; so the program refuses clear text itself
        assert.deepEqual(
            own.filter(([, key]) => "secret" in key),
            [],
        );
    });

    it("has ConfigMaps changed in place; the checksums on the Pods rely on this", () => {
        assert.deepEqual(declaredKeys()["kubernetes:enableConfigMapMutable"], { value: "true" });
    });
});

for (const stack of stacks)
    describe(`Pulumi.${stack}.yaml`, () => {
        it("has only keys of this program", () => {
            for (const name of Object.keys(stackConfig(`Pulumi.${stack}.yaml`)))
                assert.ok(
                    keyNames.some((key) => name === `pglog:${key}`),
                    name,
                );
        });

        it("is accepted once its secrets are set, and not before", async () => {
            const config = stackFile(stack);
            await configure({ config, stack });
            assert.doesNotThrow(loadConfig);
            const secrets = Object.keys(dummySecrets[stack]);
            if (secrets.length === 0) return;
            const values = Object.fromEntries(
                Object.entries(config.values).map(([name, value]) => [name, secrets.includes(name) ? "" : value]),
            );
            await configure({ config: { values }, stack });
            assert.throws(loadConfig, new RegExp(secrets.map((name) => `${name} is not set`).join("|")));
        });

        it("holds no secret in clear text", () => {
            for (const [name, value] of Object.entries(stackConfig(`Pulumi.${stack}.yaml`))) {
                assert.doesNotMatch(name, /password$|apiKey$/i, `${name} is for the one who owns the stack to set`);
                assert.doesNotMatch(asText(value), /BEGIN [A-Z ]*PRIVATE KEY|password|token/i, name);
            }
        });
    });

describe("package.json", () => {
    const { engines, dependencies, devDependencies, optionalDependencies } = JSON.parse(
        read("package.json"),
    ) as Package;
    const { packages } = JSON.parse(read("package-lock.json")) as Lock;

    it("has exact versions, which are in the lockfile", () => {
        for (const [name, version] of Object.entries({
            ...dependencies,
            ...devDependencies,
            ...optionalDependencies,
        })) {
            assert.match(version, /^\d+\.\d+\.\d+$/, name);
            assert.equal(packages[`node_modules/${name}`]?.version, version, `${name} in package-lock.json`);
        }
        assert.deepEqual(
            {
                dependencies: packages[""]!.dependencies,
                devDependencies: packages[""]!.devDependencies,
                optionalDependencies: packages[""]!.optionalDependencies,
            },
            { dependencies, devDependencies, optionalDependencies },
        );
    });

    it("requires a Node version that every package supports", () => {
        for (const [path, { engines: own }] of Object.entries(packages))
            if (own?.node !== undefined)
                assert.ok(subset(engines.node!, own.node), `${path} needs Node ${own.node}, and not ${engines.node}`);
    });

    it("has a lockfile without addresses, so that any registry works", () => {
        const addresses = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined);
        assert.deepEqual(
            addresses.map(([name]) => name),
            [],
        );
    });
});

describe("docs/configuration.md", () => {
    const file = "docs/configuration.md";

    it("has the table of keys from Pulumi.yaml", () => {
        const text = read(file);
        assert.notEqual(
            configSection(text),
            undefined,
            "there is no section <!-- config --> ... <!-- /config -->, each on a line between empty lines",
        );
        if (updateGolden()) writeFileSync(file, withConfigTable(text));
        assert.equal(configSection(read(file)), configTable(), "if Pulumi.yaml is right: UPDATE_GOLDEN=1 npm run unit");
    });

    it("has one row for each key, in Pulumi.yaml's order, as Markdown", async () => {
        assert.equal(await format(configTable(), { parser: "markdown", printWidth: 120 }), configTable());
        const [header, , ...rows] = configTable()
            .trimEnd()
            .split("\n")
            .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));
        assert.deepEqual(header, ["key", "type", "default", "meaning"]);
        assert.deepEqual(
            rows,
            own.map(([name, key]) => [
                `\`${name}\``,
                key.type,
                key.default === "" ? "" : `\`${asText(key.default)}\``,
                key
                    .description!.replace("<project>-<stack>", "\\<project>-\\<stack>")
                    .replaceAll("-<stack>", "-\\<stack>"),
            ]),
        );
    });

    it("is updated only between its markers", () => {
        const around = (table: string) => `# Keys\n\n<!-- config -->\n\n${table}\n<!-- /config -->\n\n## More\n`;
        assert.equal(withConfigTable(around("| old |\n")), around(configTable()));
        assert.equal(withConfigTable("# no markers\n"), "# no markers\n");
    });

    it("shows conflicts in the program's own words, one refusal for each example", async () => {
        for (const example of conflictingExamples)
            assert.equal((await refusalsOf(example)).length, 1, JSON.stringify(example));
        const asMeant = await format(await withRefusalsTable(read(file)), { parser: "markdown", printWidth: 120 });
        if (updateGolden()) writeFileSync(file, await withRefusalsTable(read(file)));
        assert.notEqual(refusalsSection(read(file)), undefined, "there is no section <!-- refused -->");
        assert.equal(
            await format(read(file), { parser: "markdown", printWidth: 120 }),
            asMeant,
            "if the loader is right: UPDATE_GOLDEN=1 npm run unit",
        );
    });

    it("shows stack files that the program accepts", async () => {
        const { examples } = parseDocument(file, read(file));
        const files = examples.filter(({ lang }) => lang === "yaml");
        assert.ok(files.length >= 6);
        for (const { text, line } of files) {
            const { config } = parse(text) as { config: Record<string, unknown> };
            const secrets = Object.keys(config).filter((name) => isEncrypted(config[name]));
            const plain = Object.entries(config).map(([name, value]) => [name, asText(value)] as const);
            const values = { ...configOf({}).values, ...Object.fromEntries(plain) };
            for (const name of secrets) values[name] = "dummy";
            await configure({ config: { values, secretKeys: secrets } });
            assert.doesNotThrow(loadConfig, `${file}:${line}`);
        }
    });
});

describe("a golden file", () => {
    it("is written only on request, and never in CI", () => {
        assert.equal(updateGolden({}), false);
        assert.equal(updateGolden({ CI: "true" }), false);
        assert.equal(updateGolden({ UPDATE_GOLDEN: "0" }), false);
        assert.equal(updateGolden({ UPDATE_GOLDEN: "1" }), true);
        assert.throws(() => updateGolden({ UPDATE_GOLDEN: "1", CI: "true" }), {
            message: "UPDATE_GOLDEN is not for CI: review and commit what it writes",
        });
    });

    it("exists for each committed stack", () => {
        for (const stack of stacks) {
            const { resources } = parse(read(`test/golden/${stack}.json`)) as { resources: object[] };
            assert.ok(resources.length > 10, stack);
        }
    });
});
