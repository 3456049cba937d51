import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { settingsFor } from "../../../local/environment/local";
import { Stack } from "../../../local/environment/stack";
import type { Environment } from "../../../local/environment/environment";

describe("a stack file in an environment", () => {
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

    it("is the project's file, overridden by what the environment needs", () => {
        prepare({ elasticsearchRetentionDays: 0, images: { postgres: "one:1" } });
        assert.deepEqual(config(), {
            ...ofTheProject,
            "pglog:elasticsearchRetentionDays": 0,
            "pglog:images": { postgres: "one:1" },
        });
    });

    it("keeps settings that were made there, and the salt of its encryption", () => {
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

    it("drops what the environment no longer needs, and restores the project's value", () => {
        prepare({ images: { postgres: "one:1" }, elasticsearchRetentionDays: 0, shipper: "none" });
        prepare({ images: { postgres: "one:2" } });
        assert.deepEqual(config(), { ...ofTheProject, "pglog:images": { postgres: "one:2" } });
        prepare();
        assert.deepEqual(config(), ofTheProject);
    });

    it("keeps a user's value in place of what the environment needed", () => {
        prepare({ elasticsearchRetentionDays: 0 });
        writeFileSync(file(), stringify({ config: { ...config(), "pglog:elasticsearchRetentionDays": 3 } }));
        prepare();
        assert.deepEqual(config(), { ...ofTheProject, "pglog:elasticsearchRetentionDays": 3 });
    });

    it("takes over changes of the project's file", () => {
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

    describe("when the machine's images change", () => {
        const image = (reference: string) => ({ reference, layers: [], config: { Entrypoint: [] } });
        const built = (fluentBit: string) =>
            settingsFor({
                fetched: false,
                stack: {
                    postgres: image("pglog.local/postgres:17"),
                    curl: image("pglog.local/curl:7"),
                    fluentBit: image(fluentBit),
                    elasticsearch: image("pglog.local/elasticsearch:8"),
                },
            });
        const real = "pglog.local/fluent-bit:5.1.1";
        const standIn = "pglog.local/fluent-bit:5.1.1-stand-in";
        const official = settingsFor({ fetched: true });
        const imagesOf = (fluentBit: string) => ({ ...(built(fluentBit).images as object), mine: "mine:1" });
        /**
         * Settings that a user makes in a shell of the environment: a key, and a member of a key that the environment
         * sets too.
         */
        const setThere = () => {
            const images = { ...(config()["pglog:images"] as object), mine: "mine:1" };
            const set = { ...config(), "pglog:logMinDuration": 100, "pglog:images": images };
            writeFileSync(file(), stringify({ config: set }));
        };
        const set = { ...ofTheProject, "pglog:logMinDuration": 100 };

        it("switches to a Fluent Bit that was installed later, and keeps the user's settings", () => {
            prepare(built(standIn));
            setThere();
            prepare(built(real));
            assert.deepEqual(config(), {
                ...set,
                "pglog:images": imagesOf(real),
                "pglog:elasticsearchRetentionDays": 0,
            });
        });

        it("switches to the stand-in after Fluent Bit was removed, and keeps the user's settings", () => {
            prepare(built(real));
            setThere();
            prepare(built(standIn));
            assert.deepEqual(config(), {
                ...set,
                "pglog:images": imagesOf(standIn),
                "pglog:elasticsearchRetentionDays": 0,
            });
        });

        it("names no image once the official ones are available, except a user's own", () => {
            prepare(built(standIn));
            setThere();
            prepare(official);
            assert.deepEqual(config(), { ...set, "pglog:images": { mine: "mine:1" } });
        });

        it("keeps a user's image in place of the environment's, and none of the others", () => {
            prepare(built(standIn));
            const images = { ...(built(standIn).images as object), postgres: "mine:17" };
            writeFileSync(file(), stringify({ config: { ...config(), "pglog:images": images } }));
            prepare(official);
            assert.deepEqual(config(), { ...ofTheProject, "pglog:images": { postgres: "mine:17" } });
        });
    });
});
