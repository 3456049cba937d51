import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { Stack } from "../../../local/environment/stack";
import type { Environment } from "../../../local/environment/environment";

describe("a stack's file in an environment", () => {
    let directory = "";
    const file = () => join(directory, "Pulumi.dev.yaml");
    const config = () => (parse(readFileSync(file(), "utf8")) as { config: Record<string, unknown> }).config;
    const ofTheProject = (parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: Record<string, unknown> }).config;
    const prepare = (settings: Record<string, unknown> = {}) => {
        const environment: Environment = {
            name: "test",
            directory,
            pulumi: "/usr/bin/pulumi",
            variables: { PGLOG_PROJECT: directory },
            settings,
            parts: [],
        };
        new Stack("dev", environment).prepare();
    };
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "pglog-stack-"))));
    afterEach(() => {
        rmSync(directory, { recursive: true });
    });

    it("is the project's, and over it what the environment needs", () => {
        prepare({ elasticsearchRetentionDays: 0, images: { postgres: "one:1" } });
        assert.deepEqual(config(), {
            ...ofTheProject,
            "pglog:elasticsearchRetentionDays": 0,
            "pglog:images": { postgres: "one:1" },
        });
    });

    it("keeps what was set there, and the salt of its encryption", () => {
        prepare();
        writeFileSync(
            file(),
            stringify({
                encryptionsalt: "v1:salt",
                config: { ...config(), "pglog:logMinDuration": 100, "pglog:database": "other" },
            }),
        );
        prepare();
        assert.deepEqual(config(), { ...ofTheProject, "pglog:logMinDuration": 100, "pglog:database": "other" });
        assert.match(readFileSync(file(), "utf8"), /^encryptionsalt: v1:salt$/m);
    });

    it("takes away what the environment needed before, and gives back what the project's file says", () => {
        prepare({ images: { postgres: "one:1" }, elasticsearchRetentionDays: 0, shipper: "none" });
        prepare({ images: { postgres: "one:2" } });
        assert.deepEqual(config(), { ...ofTheProject, "pglog:images": { postgres: "one:2" } });
        prepare();
        assert.deepEqual(config(), ofTheProject);
    });

    it("leaves what somebody has set there in the place of what the environment needed", () => {
        prepare({ elasticsearchRetentionDays: 0 });
        writeFileSync(file(), stringify({ config: { ...config(), "pglog:elasticsearchRetentionDays": 3 } }));
        prepare();
        assert.deepEqual(config(), { ...ofTheProject, "pglog:elasticsearchRetentionDays": 3 });
    });

    it("takes what has changed in the project's file since", () => {
        prepare();
        const before = { ...ofTheProject, "pglog:logMinDuration": 5, "pglog:gone": "a key" };
        writeFileSync(join(directory, "last-dev.yaml"), stringify({ config: before }));
        writeFileSync(
            file(),
            stringify({ config: { ...before, "pglog:logMinDuration": 7, "pglog:storageSize": "2Gi" } }),
        );
        prepare();
        assert.deepEqual(config(), { ...ofTheProject, "pglog:storageSize": "2Gi" });
    });
});
