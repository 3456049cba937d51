import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ConfigError, loadConfig, type Settings } from "../../stacks/config";
import { keyNames } from "../../stacks/keys";
import { otherImages, postgresImages } from "../../stacks/versions";
import { logDatabase } from "../../stacks/logDatabase";
import { configure, evaluate, type Config } from "../../render/engine/evaluate";
import { configOf } from "../support/stackFile";

/** The minimal configuration for the default mode and authentication. */
const least = { elasticsearchHost: "es.example.com", elasticsearchUser: "writer" };
const password = { elasticsearchPassword: "dummy-password" };
/** For tests that are not about Elasticsearch. */
const noShipper = { shipper: "none" };

type Values = Record<string, unknown>;

/** The value of a secret setting, such as a password; empty if it is not set. */
const secretValue = (value: pulumi.Input<string> | undefined): Promise<string> =>
    new Promise((resolve) => {
        pulumi.output(value).apply((known) => {
            resolve(known ?? "");
        });
    });

async function load(config: Config, stack = "test"): Promise<Settings> {
    await configure({ config, stack });
    return loadConfig();
}

/** The problems of a refused configuration; none if it is accepted. */
async function problems(config: Config, stack = "test"): Promise<readonly string[]> {
    try {
        await load(config, stack);
        return [];
    } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        assert.ok(pulumi.RunError.isInstance(error), "Pulumi shows the message without a stack trace");
        const messages = error.problems.map(({ message }) => message);
        const count = error.problems.length === 1 ? "1 problem" : `${error.problems.length} problems`;
        assert.equal(
            error.message,
            [
                `the configuration of stack ${stack} has ${count}; nothing was changed`,
                ...messages.map((message) => `  - ${message}`),
                "",
            ].join("\n"),
            "the message is its problems",
        );
        return messages;
    }
}

/** All settings of a stack as one value, with the values of its Outputs. */
async function shown(settings: Settings): Promise<unknown> {
    const { server, ...elasticsearch } = settings.elasticsearch;
    const known =
        server.mode === "external"
            ? { ...server, password: await secretValue(server.password), apiKey: await secretValue(server.apiKey) }
            : server;
    return JSON.parse(JSON.stringify({ ...settings, elasticsearch: { ...elasticsearch, server: known } }));
}

const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const label63 = "a".repeat(63);
const dns253 = Array(4).fill("a".repeat(62)).join(".") + ".b"; // 253

/** One key: its value if all is well, and the values that are refused. */
interface Case {
    /** Its place in the settings. */
    of: (settings: Settings) => unknown;
    /** The given value, the resulting settings, and other keys that it needs. */
    accepted: [given: unknown, read: unknown, others?: Values][];
    refused: unknown[];
    must: string;
    example: string;
}

const external = ({ elasticsearch }: Settings) => {
    const { server } = elasticsearch;
    assert.ok(server.mode === "external");
    return server;
};
const whole = (min: number, max: number, example: number) => ({
    must: `a whole number from ${min} to ${max}`,
    example: String(example),
});
const notWhole = ["", "1.5", "1e3", " 5", "5 ", "five", "0x10", "99999999999"];
const oneOf = (...values: string[]) => ({ must: `one of ${values.join(", ")}`, example: values[0]! });
const size = (least: string, example: string) => ({ must: `a Kubernetes quantity of at least ${least}`, example });
const notASize = ["", "0", "1Kib", "big", "-1Gi"];
const dnsLabelRule = "a DNS label: lower-case letters, digits and dashes, at most 63";

const cases: Record<Exclude<(typeof keyNames)[number], "elasticsearchPassword" | "elasticsearchApiKey">, Case> = {
    namespace: {
        of: ({ namespace }) => namespace,
        accepted: [
            ["", "pglog-test"],
            ["orders-db", "orders-db"],
            [label63, label63],
        ],
        refused: ["Orders", "-a", "a-", "a.b", "a_b", `${label63}a`, "a\nb"],
        must: dnsLabelRule,
        example: "orders-db",
    },
    protectData: {
        of: ({ protect }) => protect,
        accepted: [
            ["true", true],
            ["false", false],
        ],
        refused: ["", "True", "yes", "1", "0"],
        must: "true or false",
        example: "true",
    },
    postgresVersion: {
        of: ({ postgres }) => [postgres.version, postgres.image],
        accepted: [
            ["15", [15, postgresImages[15]]],
            ["16", [16, postgresImages[16]]],
            ["17", [17, postgresImages[17]]],
            ["18", [18, postgresImages[18]]],
        ],
        refused: ["", "14", "19", "17.1", "latest"],
        must: "one of 15, 16, 17, 18",
        example: "17",
    },
    images: {
        of: ({ postgres, shipper, elasticsearch, curlImage }) => ({
            postgres: postgres.image,
            fluentBit: shipper?.image,
            curl: curlImage,
            ...(elasticsearch.server.mode === "in-cluster" && { elasticsearch: elasticsearch.server.image }),
        }),
        accepted: [
            [
                {},
                {
                    postgres: postgresImages[17],
                    fluentBit: otherImages.fluentBit,
                    curl: otherImages.curl,
                },
            ],
            [
                {
                    postgres: `registry.example.com:5000/library/postgres:17.11-bookworm@${digest}`,
                    fluentBit: `fluent/fluent-bit@${digest}`,
                    elasticsearch: `elasticsearch:latest@${digest}`,
                    curl: "localhost/curl:8",
                },
                {
                    postgres: `registry.example.com:5000/library/postgres:17.11-bookworm@${digest}`,
                    fluentBit: `fluent/fluent-bit@${digest}`,
                    curl: "localhost/curl:8",
                    elasticsearch: `elasticsearch:latest@${digest}`,
                },
                { elasticsearchMode: "in-cluster", elasticsearchHost: "", elasticsearchUser: "" },
            ],
        ],
        refused: [
            "",
            "{",
            [],
            { postgres: "postgres" },
            { postgres: "postgres:latest" },
            { postgres: "postgres:17-alpine" },
            { postgres: "registry:5000/postgres" },
            { fluentBit: "fluent/fluent-bit@sha256:0123" },
            { curl: "curl:8 " },
            { redis: "redis:7" },
            { curl: 8 },
        ],
        must: "an object with postgres (Debian, not Alpine), fluentBit, elasticsearch and curl, each an image with a digest or with a tag other than latest",
        example: `--path images.postgres ${postgresImages[17]}`,
    },
    imagePullSecrets: {
        of: ({ requirements }) => requirements.imagePullSecrets,
        accepted: [
            ["[]", []],
            ['["registry-login","mirror.example.com"]', ["registry-login", "mirror.example.com"]],
        ],
        refused: ["registry-login", "{}", "[1]", '[""]', '["Registry Login"]', '[{"name":"registry-login"}]'],
        must: "a list of names of Secrets in the namespace",
        example: "--path 'imagePullSecrets[0]' registry-login",
    },
    scheduling: {
        of: ({ requirements }) => requirements.scheduling,
        accepted: [
            ["{}", {}],
            ['{"nodeSelector":{"disk":"fast"}}', { nodeSelector: { disk: "fast" } }],
            [
                '{"tolerations":[{"key":"dedicated","operator":"Exists","effect":"NoExecute","tolerationSeconds":30}]}',
                {
                    tolerations: [{ key: "dedicated", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 }],
                },
            ],
            ['{"affinity":{"nodeAffinity":{}}}', { affinity: { nodeAffinity: {} } }],
        ],
        refused: [
            "fast",
            "[]",
            '{"nodeName":"one"}',
            '{"nodeSelector":{"disk":1}}',
            '{"tolerations":{}}',
            '{"tolerations":[{"operator":"exists"}]}',
            '{"tolerations":[{"Key":"dedicated"}]}',
            '{"affinity":[]}',
        ],
        must: "an object with nodeSelector, tolerations and affinity, as in a Pod",
        example: "--path 'scheduling.nodeSelector[\"kubernetes.io/arch\"]' amd64",
    },
    postgresCpu: {
        of: ({ postgres }) => postgres.cpu,
        accepted: [
            ["50m", "50m"],
            ["2", "2"],
            ["0.5", "0.5"],
        ],
        refused: ["", "0", "49m", "1Gi", "one"],
        must: "a Kubernetes quantity of at least 50m",
        example: "500m",
    },
    postgresMemory: {
        of: ({ postgres }) => postgres.memory,
        accepted: [
            ["256Mi", "256Mi"],
            ["1.5Gi", "1.5Gi"],
            ["64Gi", "64Gi"],
        ],
        refused: [...notASize, "255Mi", "256M"],
        ...size("256Mi", "1Gi"),
    },
    postgresSettings: {
        of: ({ postgres }) => postgres.parameters,
        accepted: [
            [{}, {}],
            [
                { random_page_cost: 1.1, jit: false, search_path: "a" },
                { random_page_cost: 1.1, jit: false, search_path: "a" },
            ],
        ],
        refused: ["", "jit=off", [], { jit: null }, { jit: ["off"] }],
        must: "an object of PostgreSQL parameters, each a text, a number or a boolean",
        example: "--path postgresSettings.random_page_cost 1.1",
    },
    database: {
        of: ({ postgres }) => postgres.database,
        accepted: [
            ["app", "app"],
            ["_orders_2", "_orders_2"],
            ["a".repeat(63), "a".repeat(63)],
        ],
        refused: ["", "App", "1a", "a-b", "a b", 'a"b', "a".repeat(64), "postgres", "template1", "pg_x", "public"],
        must: "a name of lower-case letters, digits and underscores, at most 63, that PostgreSQL does not use itself",
        example: "app",
    },
    passwordVersion: {
        of: ({ postgres }) => postgres.passwordVersion,
        accepted: [
            ["1", 1],
            ["1000000", 1_000_000],
        ],
        refused: [...notWhole, "0", "-1", "1000001"],
        ...whole(1, 1_000_000, 2),
    },
    storageSize: {
        of: ({ postgres }) => postgres.storage.size,
        accepted: [
            ["1Gi", "1Gi"],
            ["2T", "2T"],
        ],
        refused: [...notASize, "1G", "1023Mi"],
        ...size("1024Mi", "10Gi"),
    },
    storageClass: {
        of: ({ postgres }) => postgres.storage.className,
        accepted: [
            ["", undefined],
            ["fast-ssd", "fast-ssd"],
            ["csi.example.com", "csi.example.com"],
        ],
        refused: ["-fast", "fast ssd", "a..b", "fast_ssd"],
        must: "the name of a StorageClass",
        example: "fast-ssd",
    },
    storageAccessMode: {
        of: ({ postgres }) => postgres.storage.accessMode,
        accepted: [
            ["ReadWriteOnce", "ReadWriteOnce"],
            ["ReadWriteOncePod", "ReadWriteOncePod"],
        ],
        refused: ["", "ReadWriteMany", "readwriteonce"],
        ...oneOf("ReadWriteOnce", "ReadWriteOncePod"),
    },
    logStatement: {
        of: ({ postgres }) => postgres.logging.statement,
        accepted: [
            ["none", "none"],
            ["ddl", "ddl"],
            ["mod", "mod"],
            ["all", "all", { logPeakRate: 1024 }],
        ],
        refused: ["", "off", "ALL"],
        ...oneOf("none", "ddl", "mod", "all"),
    },
    logMinDuration: {
        of: ({ postgres }) => postgres.logging.minDuration,
        accepted: [
            ["-1", -1],
            ["0", 0],
            ["2147483647", 2_147_483_647],
        ],
        refused: [...notWhole, "-2", "2147483648", "250ms"],
        ...whole(-1, 2_147_483_647, 250),
    },
    logOutage: {
        of: ({ postgres }) => postgres.logVolumeSize,
        accepted: [
            ["10m", "1Gi"],
            ["60m", "1Gi"],
            ["1h", "1Gi"],
            ["8h", "8Gi"],
            ["30d", "633Gi"],
            ["10m", "64Mi", { logPeakRate: 1, logVolumeSize: "64Mi" }],
        ],
        refused: ["", "0m", "9m", "31d", "721h", "1", "60", "1.5h", "-1h", "1H", "3600s", "1h ", "1h30m"],
        must: "minutes, hours or days from 10m to 30d",
        example: "6h",
    },
    logPeakRate: {
        of: ({ postgres }) => postgres.logVolumeSize,
        accepted: [
            ["1", "1Gi"],
            ["64", "1Gi"],
            ["100", "2Gi"],
            ["1000000", "13733Gi"],
            ["1000000", "20Ti", { logVolumeSize: "20Ti" }],
        ],
        refused: [...notWhole, "0", "1000001"],
        ...whole(1, 1_000_000, 64),
    },
    logVolumeSize: {
        of: ({ postgres }) => postgres.logVolumeSize,
        accepted: [
            ["", "1Gi"],
            ["64Mi", "64Mi", { logPeakRate: 1 }],
            ["10Gi", "10Gi"],
        ],
        refused: [...notASize.filter((text) => text !== ""), "63Mi", "64M"],
        ...size("64Mi", "2Gi"),
    },
    shipper: {
        of: ({ shipper }) => shipper,
        accepted: [
            ["fluent-bit", { image: otherImages.fluentBit, logLevel: "info" }],
            ["none", undefined],
        ],
        refused: ["", "fluentd", "None"],
        ...oneOf("fluent-bit", "none"),
    },
    fluentBitLogLevel: {
        of: ({ shipper }) => shipper?.logLevel,
        accepted: ["error", "warn", "info", "debug", "trace"].map((level) => [level, level]),
        refused: ["", "warning", "INFO", "off"],
        ...oneOf("error", "warn", "info", "debug", "trace"),
    },
    deliveryTimeout: {
        of: ({ deliveryTimeout }) => deliveryTimeout,
        accepted: [
            ["10", 10],
            ["1800", 1800],
        ],
        refused: [...notWhole, "9", "1801"],
        ...whole(10, 1800, 120),
    },
    elasticsearchMode: {
        of: ({ elasticsearch }) => elasticsearch.server.mode,
        accepted: [
            ["external", "external"],
            ["in-cluster", "in-cluster", { elasticsearchHost: "", elasticsearchUser: "" }],
        ],
        refused: ["", "incluster", "External"],
        ...oneOf("external", "in-cluster"),
    },
    elasticsearchHost: {
        of: (settings) => external(settings).host,
        accepted: [
            ["es.example.com", "es.example.com"],
            ["ES", "ES"],
            [dns253, dns253],
            ["192.0.2.7", "192.0.2.7"],
            ["2001:db8::7", "2001:db8::7"],
        ],
        refused: [
            "https://es.example.com",
            "es.example.com:9200",
            "es.example.com/",
            "192.0.2",
            "192.0.2.256",
            "[2001:db8::7]",
            "-es",
            "es..com",
            "es example",
            `${dns253}.c`,
        ],
        must: "a DNS name or an IP address, without scheme and port",
        example: "es.example.com",
    },
    elasticsearchPort: {
        of: (settings) => external(settings).port,
        accepted: [
            ["1", 1],
            ["65535", 65535],
        ],
        refused: [...notWhole, "0", "65536"],
        ...whole(1, 65535, 9200),
    },
    elasticsearchScheme: {
        of: (settings) => external(settings).scheme,
        accepted: [
            ["https", "https"],
            ["http", "http", { protectData: false }],
        ],
        refused: ["", "HTTPS", "https://"],
        ...oneOf("https", "http"),
    },
    elasticsearchServerName: {
        of: (settings) => external(settings).serverName,
        accepted: [
            ["", undefined],
            ["es.internal", "es.internal"],
        ],
        refused: ["es.internal:9200", "es internal", "-es"],
        must: "a DNS name",
        example: "es.example.com",
    },
    elasticsearchCa: {
        of: (settings) => external(settings).ca,
        accepted: [
            ["", undefined],
            [ca, ca],
            [ca + ca, ca + ca],
            [ca.trimEnd(), ca.trimEnd()],
        ],
        refused: ["ca.crt", "-----BEGIN CERTIFICATE-----", ` ${ca}`, `${ca} x`],
        must: "PEM certificates",
        example: `"$(cat ca.crt)"`,
    },
    elasticsearchAuth: {
        of: (settings) => external(settings).auth,
        accepted: [
            ["basic", "basic", { elasticsearchUser: "", elasticsearchSecret: "login" }],
            ["apiKey", "apiKey", { elasticsearchUser: "", elasticsearchSecret: "login", elasticsearchTarget: "index" }],
            ["none", "none", { elasticsearchUser: "" }],
        ],
        refused: ["", "apikey", "token"],
        ...oneOf("basic", "apiKey", "none"),
    },
    elasticsearchUser: {
        of: (settings) => external(settings).username,
        accepted: [["log_writer@example.com", "log_writer@example.com"]],
        refused: ["a b", "a:b", "a\tb"],
        must: "a user name without spaces and colons",
        example: "pglog",
    },
    elasticsearchSecret: {
        of: (settings) => external(settings).existingSecret,
        accepted: [
            ["", undefined],
            ["elasticsearch-login", "elasticsearch-login", { elasticsearchUser: "" }],
        ],
        refused: ["Login?", "a b", "-a"],
        must: "the name of a Secret in the namespace",
        example: "elasticsearch-login",
    },
    monitoring: {
        of: ({ monitoring, postgres }) => [monitoring, postgres.scrapeAnnotations],
        accepted: [
            ["none", [undefined, false]],
            ["annotations", [undefined, true]],
            ["operator", [{ outage: 21_600 }, false], { logOutage: "6h", logPeakRate: 1 }],
            ["operator", [undefined, false], { shipper: "none" }],
        ],
        refused: ["", "true", "prometheus"],
        ...oneOf("none", "annotations", "operator"),
    },
    elasticsearchTarget: {
        of: ({ elasticsearch }) => [elasticsearch.target, elasticsearch.index],
        accepted: [
            ["data-stream", ["data-stream", "logs-postgresql.log-test"]],
            ["index", ["index", "postgresql-logs-test"]],
        ],
        refused: ["", "datastream", "alias"],
        ...oneOf("data-stream", "index"),
    },
    elasticsearchIndex: {
        of: ({ elasticsearch }) => elasticsearch.index,
        accepted: [
            ["", "logs-postgresql.log-test"],
            ["logs-orders.log-eu_1", "logs-orders.log-eu_1"],
            ["a".repeat(100), "a".repeat(100)],
        ],
        refused: ["Logs", "-logs", "_logs", "+logs", ".logs", "logs*", "logs,more", "a".repeat(101), "logs/x"],
        must: "a name of lower-case letters, digits, dots, dashes and underscores that begins with a letter or digit",
        example: "logs-postgresql.log-orders",
    },
    elasticsearchRetentionDays: {
        of: ({ elasticsearch }) => elasticsearch.retentionDays,
        accepted: [
            ["0", 0],
            ["3650", 3650],
        ],
        refused: [...notWhole, "-1", "3651", "30d"],
        ...whole(0, 3650, 30),
    },
    services: {
        of: ({ postgres }) => postgres.services.kinds,
        accepted: [
            [["ClusterIP"], ["ClusterIP"]],
            [
                ["LoadBalancer", "NodePort", "Headless", "ClusterIP"],
                ["LoadBalancer", "NodePort", "Headless", "ClusterIP"],
                { loadBalancerSourceRanges: ["0.0.0.0/0"] },
            ],
        ],
        refused: ["", "ClusterIP", [], ["ClusterIP", "ClusterIP"], ["clusterip"], ["ExternalName"], {}],
        must: "a list of at least one of ClusterIP, Headless, NodePort, LoadBalancer, each once",
        example: "--path 'services[0]' ClusterIP",
    },
    nodePort: {
        of: ({ postgres }) => postgres.services.nodePort,
        accepted: [
            ["0", undefined],
            ["30000", 30000, { services: ["NodePort"] }],
            ["32767", 32767, { services: ["NodePort"] }],
        ],
        refused: ["", "29999", "32768", "-1", "5432", "30000.5", "3e4"],
        must: "a port from 30000 to 32767, or 0 to let Kubernetes choose",
        example: "30432",
    },
    loadBalancerSourceRanges: {
        of: ({ postgres }) => postgres.services.loadBalancerSourceRanges,
        accepted: [
            [[], []],
            [["203.0.113.0/24", "2001:db8::/32"], ["203.0.113.0/24", "2001:db8::/32"], { services: ["LoadBalancer"] }],
        ],
        refused: ["", "203.0.113.0/24", ["203.0.113.0"], ["203.0.113.0/33"], ["all"], [1]],
        must: "a list of CIDRs",
        example: "--path 'loadBalancerSourceRanges[0]' 203.0.113.0/24",
    },
    loadBalancerAnnotations: {
        of: ({ postgres }) => postgres.services.loadBalancerAnnotations,
        accepted: [
            [{}, {}],
            [
                { "example.com/internal": "true" },
                { "example.com/internal": "true" },
                { services: ["LoadBalancer"], loadBalancerSourceRanges: ["10.0.0.0/8"] },
            ],
        ],
        refused: ["", "internal", [], { internal: true }],
        must: "an object of texts",
        example: `--path 'loadBalancerAnnotations["example.com/internal"]' true`,
    },
};

describe("config", () => {
    it("reads the defaults from a minimal configuration", async () => {
        assert.deepEqual(await shown(await load(configOf(least, password))), {
            stack: "test",
            namespace: "pglog-test",
            protect: true,
            curlImage: otherImages.curl,
            requirements: { scheduling: {}, imagePullSecrets: [] },
            elasticsearch: {
                server: {
                    mode: "external",
                    host: "es.example.com",
                    port: 9200,
                    scheme: "https",
                    auth: "basic",
                    username: "writer",
                    password: "dummy-password",
                    apiKey: "",
                },
                target: "data-stream",
                index: "logs-postgresql.log-test",
                retentionDays: 30,
            },
            postgres: {
                version: 17,
                image: postgresImages[17],
                cpu: "1",
                memory: "1Gi",
                parameters: {},
                database: "app",
                passwordVersion: 1,
                storage: { size: "10Gi", accessMode: "ReadWriteOnce" },
                logging: { statement: "ddl", minDuration: 250 },
                logVolumeSize: "1Gi",
                services: { kinds: ["ClusterIP"], loadBalancerSourceRanges: [], loadBalancerAnnotations: {} },
                scrapeAnnotations: false,
            },
            shipper: { image: otherImages.fluentBit, logLevel: "info" },
            deliveryTimeout: 120,
        });
    });

    const indices: [string, string, string][] = [
        ["test", "data-stream", "logs-postgresql.log-test"],
        ["Eu-West-1", "data-stream", "logs-postgresql.log-eu_west_1"], // a hyphen would end the namespace of the data stream
        ["Eu-West-1", "index", "postgresql-logs-eu-west-1"],
    ];
    for (const [stack, target, index] of indices)
        it(`stack ${stack} writes to ${index} if no name is given`, async () => {
            const { elasticsearch } = await load(configOf({ ...least, elasticsearchTarget: target }, password), stack);
            assert.equal(elasticsearch.index, index);
        });

    it("has a case for each key", () => {
        assert.deepEqual(
            [...Object.keys(cases), "elasticsearchPassword", "elasticsearchApiKey"].toSorted(),
            keyNames.toSorted(),
        );
    });

    for (const [key, { of, accepted, refused, must, example }] of Object.entries(cases)) {
        it(`${key}: accepts ${accepted.map(([given]) => brief(given)).join(", ")}`, async () => {
            for (const [given, read, others] of accepted) {
                const values = { ...least, ...others, [key]: given };
                const secrets = values.elasticsearchUser === "" ? {} : password;
                const needed = key === "elasticsearchSecret" && given === "" ? { ...values, ...least } : values;
                const settings = await load(configOf(needed, secrets));
                assert.deepEqual(of(settings), read, `${key} = ${brief(given)}`);
            }
        });

        it(`${key}: refuses ${refused.map(brief).join(", ")}`, async () => {
            for (const given of refused) {
                const text = typeof given === "string" ? given : JSON.stringify(given);
                const fix = example.startsWith("--path ") ? example : `${key} ${example}`;
                assert.deepEqual(await problems(configOf({ ...least, [key]: given }, password)), [
                    `pglog:${key} is ${JSON.stringify(text)}; it must be ${must}. Run: pulumi config set ${fix} --stack test`,
                ]);
            }
        });
    }

    const secrets: [string, Values, string][] = [
        ["elasticsearchPassword", least, "printable ASCII"],
        [
            "elasticsearchApiKey",
            { elasticsearchHost: "es.example.com", elasticsearchAuth: "apiKey", elasticsearchTarget: "index" },
            "the `encoded` value that Elasticsearch returns with an API key",
        ],
    ];
    for (const [key, others, must] of secrets) {
        it(`${key}: accepts every printable character, and hands it on as a secret`, async () => {
            const printable = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).join("");
            const settings = external(await load(configOf(others, { [key]: printable })));
            const read = key === "elasticsearchPassword" ? settings.password : settings.apiKey;
            assert.equal(await secretValue(read), printable);
            assert.equal(await pulumi.isSecret(read as pulumi.Output<string>), true);
        });

        it(`${key}: refuses what could not be sent, and shows none of it`, async () => {
            for (const given of ["pässword", "two\nlines", "a\tb", "\u0000"])
                assert.deepEqual(await problems(configOf(others, { [key]: given })), [
                    `pglog:${key} is refused (its value is not shown); it must be ${must}. Run: pulumi config set --secret ${key} --stack test`,
                ]);
        });

        it(`${key}: refuses a value in clear text, and shows none of it`, async () => {
            assert.deepEqual(await problems(configOf({ ...others, [key]: "open" })), [
                `pglog:${key} is stored in clear text (its value is not shown); it must be encrypted. Run: pulumi config set --secret ${key} --stack test`,
            ]);
            assert.deepEqual(
                await problems(configOf({ ...others, [key]: "öpen" })),
                [
                    `pglog:${key} is refused (its value is not shown); it must be ${must}. Run: pulumi config set --secret ${key} --stack test`,
                ],
                "also not a wrong one",
            );
        });
    }

    it("never shows a value that is stored as a secret, for any key", async () => {
        assert.deepEqual(await problems(configOf(least, { ...password, elasticsearchUser: "not to:be seen" })), [
            "pglog:elasticsearchUser is refused (its value is not shown); it must be a user name without spaces and colons. Run: pulumi config set elasticsearchUser pglog --stack test",
        ]);
    });

    it("shows no value of postgresSettings if these are stored as a secret", async () => {
        const postgresSettings = JSON.stringify({ fsync: "not to be seen" });
        const found = await problems(configOf(noShipper, { postgresSettings }));
        assert.equal(found.length, 1);
        assert.doesNotMatch(found[0]!, /not to be seen/);
    });

    const unknown: [string, string][] = [
        ["postgresMemroy", "postgresMemory"],
        ["service", "services"],
        ["elasticSearchHost", "elasticsearchHost"],
        ["passwordVersions", "passwordVersion"],
    ];
    for (const [key, nearest] of unknown)
        it(`refuses the unknown key ${key}, and names the nearest`, async () => {
            assert.deepEqual(await problems(configOf({ ...least, [key]: "hidden" }, password)), [
                `pglog:${key} is not a key of this program; the nearest key is ${nearest}. Run: pulumi config rm ${key} --stack test`,
            ]);
        });

    const former: [string, unknown, string][] = [
        [
            "logRetention",
            "24h",
            "log files now stay as long as logVolumeSize has room; set logOutage to the outage to survive",
        ],
        ["logVolumeMedium", "memory", "log files are now on a volume that outlives the Pod"],
        ["logQueueSize", "4Gi", "log files and queue now share one volume; set logVolumeSize to its size"],
    ];
    for (const [key, value, why] of former)
        it(`refuses the former key ${key}, and names its replacement`, async () => {
            assert.ok(!(keyNames as readonly string[]).includes(key));
            assert.deepEqual(await problems(configOf({ ...least, [key]: value }, password)), [
                `pglog:${key} is not a key of this program; ${why}. Run: pulumi config rm ${key} --stack test`,
            ]);
        });

    it("names only existing keys in place of a former one", () => {
        for (const [, , why] of former)
            for (const [name] of why.matchAll(/\blog[A-Z]\w+/g)) assert.ok(keyNames.includes(name as never), name);
    });

    it("leaves the keys of providers and of Pulumi to them", async () => {
        const { values, ...rest } = configOf(least, password);
        const others = { "kubernetes:context": "kind", "pulumi:tags": "{}", "pglog2:namespace": "X" };
        assert.deepEqual(await problems({ values: { ...values, ...others }, ...rest }), []);
    });

    it("reports all problems at once, with the name of the stack", async () => {
        const config = configOf({ ...least, services: [], namspace: "a", nodePort: 1 }, password);
        assert.deepEqual(await problems(config, "prod"), [
            "pglog:namspace is not a key of this program; the nearest key is namespace. Run: pulumi config rm namspace --stack prod",
            `pglog:services is "[]"; it must be a list of at least one of ClusterIP, Headless, NodePort, LoadBalancer, each once. Run: pulumi config set --path 'services[0]' ClusterIP --stack prod`,
            `pglog:nodePort is "1"; it must be a port from 30000 to 32767, or 0 to let Kubernetes choose. Run: pulumi config set nodePort 30432 --stack prod`,
        ]);
    });

    const run = (command: string) => `Run: pulumi config ${command} --stack test`;
    const set = (key: string, because: string) =>
        `pglog:${key} is set; it must be unset with ${because}. ${run(`rm ${key}`)}`;
    const missing = (key: string, auth: string, command: string) =>
        `pglog:${key} is not set; it must be set with elasticsearchAuth ${auth}, unless elasticsearchSecret names a Secret. ${run(command)}`;
    const inCluster = { elasticsearchMode: "in-cluster" };
    const host = { elasticsearchHost: "es.example.com" };
    const apiKey = { ...host, elasticsearchAuth: "apiKey", elasticsearchTarget: "index" };
    const none = { ...host, elasticsearchAuth: "none" };
    const dummyKey = { elasticsearchApiKey: "dummy-key" };
    const conflicts: [what: string, values: Values, secrets: Record<string, string>, problems: string[]][] = [
        [
            "settings of PostgreSQL that belong to the program",
            { ...noShipper, postgresSettings: { work_mem: "64MB", fsync: false, jit: true } },
            {},
            [
                `pglog:postgresSettings.work_mem is "64MB"; it must be unset: it is derived from postgresMemory. Run: pulumi config rm --path postgresSettings.work_mem --stack test`,
                `pglog:postgresSettings.fsync is false; it must be unset: the Pod or the shipper relies on the program's own value. Run: pulumi config rm --path postgresSettings.fsync --stack test`,
            ],
        ],
        [
            "a log volume too small for an outage at the expected rate",
            { ...noShipper, logVolumeSize: "1Gi", logPeakRate: 128 },
            {},
            [
                `pglog:logVolumeSize is "1Gi"; it must be at least 1800Mi, to hold 128 KiB/s (logPeakRate) for 60 minutes (logOutage) as files or as queue. ${run("set logVolumeSize 1800Mi")}`,
            ],
        ],
        [
            "a log volume that holds an outage of an hour, but not of a day",
            { ...noShipper, logVolumeSize: "899Mi", logOutage: "1d" },
            {},
            [
                `pglog:logVolumeSize is "899Mi"; it must be at least 21600Mi, to hold 64 KiB/s (logPeakRate) for 1440 minutes (logOutage) as files or as queue. ${run("set logVolumeSize 21600Mi")}`,
            ],
        ],
        [
            "every statement in the log, at the rate of a quiet database",
            { ...noShipper, logStatement: "all" },
            {},
            [
                `pglog:logPeakRate is 64; it must be at least 1024 (KiB/s) with logStatement all: a database that logs every statement writes megabytes per second. ${run("set logStatement ddl")}`,
            ],
        ],
        [
            "a load balancer without allowed networks",
            { ...noShipper, services: ["LoadBalancer"] },
            {},
            [
                `pglog:loadBalancerSourceRanges is []; it must be the networks that may connect, because services has LoadBalancer; 0.0.0.0/0 lets everyone connect. ${run(`set --path 'loadBalancerSourceRanges[0]' 203.0.113.0/24`)}`,
            ],
        ],
        ...[{ loadBalancerSourceRanges: ["10.0.0.0/8"] }, { loadBalancerAnnotations: { internal: "true" } }].map(
            (settings): [string, Values, Record<string, string>, string[]] => [
                `${Object.keys(settings).join()} without a load balancer`,
                { ...noShipper, services: ["ClusterIP", "NodePort"], ...settings },
                {},
                [
                    `pglog:services is ["ClusterIP","NodePort"]; it must be a list with LoadBalancer, because keys of the load balancer are set. ${run(`set --path 'services[2]' LoadBalancer`)}`,
                ],
            ],
        ),
        [
            "a node port without a NodePort Service",
            { ...noShipper, nodePort: 30432 },
            {},
            [
                `pglog:services is ["ClusterIP"]; it must be a list with NodePort, because nodePort is 30432. ${run(`set --path 'services[1]' NodePort`)}`,
            ],
        ],
        [
            "an in-cluster Elasticsearch with settings for an external one",
            {
                ...inCluster,
                ...least,
                elasticsearchServerName: "es.internal",
                elasticsearchCa: ca,
                elasticsearchSecret: "login",
            },
            { ...password, ...dummyKey },
            [
                "elasticsearchHost",
                "elasticsearchServerName",
                "elasticsearchCa",
                "elasticsearchUser",
                "elasticsearchPassword",
                "elasticsearchApiKey",
                "elasticsearchSecret",
            ].map((key) => set(key, "elasticsearchMode in-cluster, which creates its own Elasticsearch")),
        ],
        [
            "no Elasticsearch at all",
            {},
            {},
            [
                `pglog:elasticsearchHost is not set; it must be the DNS name or address of an Elasticsearch, with elasticsearchMode external. Run: pulumi config set elasticsearchHost es.example.com --stack test, or pulumi config set elasticsearchMode in-cluster --stack test`,
                missing("elasticsearchUser", "basic", "set elasticsearchUser pglog"),
                missing("elasticsearchPassword", "basic", "set --secret elasticsearchPassword"),
            ],
        ],
        [
            "a user without a password",
            least,
            {},
            [missing("elasticsearchPassword", "basic", "set --secret elasticsearchPassword")],
        ],
        [
            "a password without a user",
            host,
            password,
            [missing("elasticsearchUser", "basic", "set elasticsearchUser pglog")],
        ],
        [
            "a password and an API key",
            least,
            { ...password, ...dummyKey },
            [set("elasticsearchApiKey", "elasticsearchAuth basic")],
        ],
        [
            "no API key, with elasticsearchAuth apiKey",
            apiKey,
            {},
            [missing("elasticsearchApiKey", "apiKey", "set --secret elasticsearchApiKey")],
        ],
        [
            "user and password, with elasticsearchAuth apiKey",
            { ...apiKey, ...least },
            { ...password, ...dummyKey },
            [
                set("elasticsearchUser", "elasticsearchAuth apiKey"),
                set("elasticsearchPassword", "elasticsearchAuth apiKey"),
            ],
        ],
        [
            "credentials in addition to a Secret that contains them",
            { ...least, elasticsearchSecret: "login" },
            password,
            [
                set("elasticsearchUser", "elasticsearchSecret, which holds the credentials"),
                set("elasticsearchPassword", "elasticsearchSecret, which holds the credentials"),
            ],
        ],
        [
            "credentials for an Elasticsearch without authentication",
            { ...none, ...least },
            { ...password, ...dummyKey },
            ["elasticsearchUser", "elasticsearchPassword", "elasticsearchApiKey"].map((key) =>
                set(key, "elasticsearchAuth none"),
            ),
        ],
        [
            "a Secret for an Elasticsearch without authentication",
            { ...none, elasticsearchSecret: "login" },
            {},
            [set("elasticsearchSecret", "elasticsearchAuth none")],
        ],
        [
            "credentials in clear text over the network of a protected stack",
            { ...least, elasticsearchScheme: "http" },
            password,
            [
                `pglog:elasticsearchScheme is "http"; it must be https with protectData: http sends the credentials across the network in clear text. ${run("set elasticsearchScheme https")}`,
            ],
        ],
        [
            "certificates without TLS",
            { ...none, elasticsearchScheme: "http", elasticsearchCa: ca, elasticsearchServerName: "es.internal" },
            {},
            ["elasticsearchCa", "elasticsearchServerName"].map((key) =>
                set(key, "elasticsearchScheme http, which has no certificates"),
            ),
        ],
        [
            "an API key for a data stream",
            { ...apiKey, elasticsearchTarget: "data-stream" },
            dummyKey,
            [
                `pglog:elasticsearchTarget is "data-stream"; it must be index with elasticsearchAuth apiKey: Fluent Bit 5.1.1 sends API keys only from its output es, which repeats a request to a data stream for ever once its documents are there. ${run("set elasticsearchTarget index")}`,
            ],
        ],
    ];
    for (const [what, values, secrets, expected] of conflicts)
        it(`refuses ${what}`, async () => {
            assert.deepEqual(await problems(configOf(values, secrets)), expected);
        });

    const together: [what: string, values: Values, secrets?: Record<string, string>][] = [
        ["no shipper, whatever the settings of Elasticsearch", { ...noShipper, ...least, elasticsearchAuth: "none" }],
        ["an in-cluster Elasticsearch, and no settings for an external one", inCluster],
        ["an API key for daily indices", apiKey, dummyKey],
        ["a Secret with the credentials", { ...host, elasticsearchSecret: "login" }],
        ["no credentials, also without TLS", { ...none, elasticsearchScheme: "http" }],
        [
            "a password without TLS, in a stack for development",
            { ...least, elasticsearchScheme: "http", protectData: false },
            password,
        ],
        ["the smallest volume that holds the outage", { ...noShipper, logVolumeSize: "900Mi" }],
        ["the smallest volume of all, for a quiet database", { ...noShipper, logVolumeSize: "64Mi", logPeakRate: 4 }],
        [
            "everyone at the load balancer, on purpose",
            { ...noShipper, services: ["LoadBalancer"], loadBalancerSourceRanges: ["0.0.0.0/0", "::/0"] },
        ],
    ];
    for (const [what, values, secrets] of together)
        it(`accepts ${what}`, async () => {
            assert.deepEqual(await problems(configOf(values, secrets)), []);
        });

    const broken: Values[] = [
        {},
        { ...noShipper, namspace: "a" },
        { ...noShipper, postgresMemory: "1" },
        { ...noShipper, nodePort: 30432 },
    ];
    for (const values of broken)
        it(`registers nothing before it refuses ${brief(values)}`, async () => {
            const { resources, outputs, failures } = await evaluate(() => logDatabase(loadConfig()), {
                config: configOf(values),
            });
            assert.deepEqual({ resources, outputs }, { resources: [], outputs: {} });
            assert.ok(failures[0] instanceof ConfigError);
        });
});

/** A value in a test's name, shortened if it is long. */
function brief(value: unknown): string {
    const text = JSON.stringify(value);
    return text.length > 44 ? `${text.slice(0, 40)}…` : text;
}
