import fc from "fast-check";
import { keyNames, type KeyName } from "../../../stacks/keys";
import { bases, type Values } from "../edits";

/** A certificate authority; only its text matters. */
const authority = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;

/** Values of each key, for every stack. Undefined leaves the default. */
export const candidates: Record<KeyName, readonly Values[string][]> = {
    namespace: [undefined, "elsewhere"],
    protectData: [false, false, true],
    postgresVersion: [15, 16, 17, 18],
    images: [
        undefined,
        { postgres: "postgres:17.10-bookworm" },
        { postgres: "postgres:17.11-trixie" },
        { postgres: "mirror.example.com/postgres:17.11-bookworm" },
        { postgres: `postgres@sha256:${"0".repeat(64)}` },
        { fluentBit: "fluent/fluent-bit:5.1.2" },
        { fluentBit: "fluent/fluent-bit:5.0.0" },
        { elasticsearch: "elasticsearch:8.19.20" },
        { elasticsearch: "elasticsearch:7.17.29" },
        { elasticsearch: "elasticsearch:9.1.0" },
        { curl: "curlimages/curl:8.10.0" },
    ],
    imagePullSecrets: [[], ["registry-login"]],
    scheduling: [
        undefined,
        { nodeSelector: { disk: "fast" } },
        { tolerations: [{ key: "dedicated", operator: "Equal", value: "postgres", effect: "NoSchedule" }] },
        { affinity: { nodeAffinity: {} } },
    ],
    postgresCpu: ["50m", "1"],
    postgresMemory: ["256Mi", "512Mi", "1Gi", "8Gi"],
    postgresSettings: [
        undefined,
        { random_page_cost: "1.1" },
        { statement_timeout: "30s" },
        { statement_timeout: "2min", temp_file_limit: "1GB" },
        { synchronous_commit: "off" },
        { synchronous_commit: "local" },
        { wal_level: "logical" },
        { log_lock_waits: "off" },
        { reserved_connections: "2" },
        { "pg_stat_statements.max": "100" },
    ],
    database: [undefined, "orders"],
    passwordVersion: [1, 2],
    storageSize: ["1Gi", "2Gi", "20Gi"],
    storageClass: [undefined, "fast-ssd"],
    storageAccessMode: ["ReadWriteOnce", "ReadWriteOncePod"],
    logStatement: ["none", "ddl", "mod"],
    logMinDuration: [-1, 0, 250],
    logPeakRate: [1, 64, 256],
    logOutage: ["10m", "1h", "3h"],
    logVolumeSize: [undefined, "8Gi", "16Gi"],
    shipper: ["fluent-bit", "fluent-bit", "none"],
    fluentBitLogLevel: ["info", "debug"],
    deliveryTimeout: [120, 180],
    monitoring: ["none", "annotations", "operator"],
    elasticsearchMode: ["external", "in-cluster"],
    elasticsearchHost: [undefined, "es.example.com", "es2.example.com", "192.0.2.7", "192.0.2.8"],
    elasticsearchPort: [9200, 9243],
    elasticsearchScheme: ["https", "http"],
    elasticsearchServerName: [undefined, "name.example.com"],
    elasticsearchCa: [undefined, authority("one"), authority("one") + authority("two")],
    elasticsearchAuth: ["basic", "apiKey", "none"],
    elasticsearchUser: [undefined, "pglog", "logs"],
    // Rendered as placeholders, which differ with the ciphertext.
    elasticsearchPassword: [undefined, { secure: "v1:one" }, { secure: "v1:two" }],
    elasticsearchApiKey: [undefined, { secure: "v1:one" }, { secure: "v1:two" }],
    elasticsearchSecret: [undefined, "elasticsearch-login"],
    elasticsearchTarget: ["data-stream", "index"],
    elasticsearchIndex: [undefined, "orders-logs"],
    elasticsearchRetentionDays: [0, 7, 30],
    services: [
        ["ClusterIP"],
        ["NodePort", "ClusterIP"],
        ["ClusterIP", "Headless"],
        ["ClusterIP", "LoadBalancer"],
        ["ClusterIP", "NodePort", "LoadBalancer"],
    ],
    nodePort: [0, 30544],
    loadBalancerSourceRanges: [
        [],
        ["198.51.100.0/24"],
        ["198.51.100.0/25"],
        ["198.51.100.0/24", "203.0.113.0/24"],
        ["0.0.0.0/0"],
        ["0.0.0.0/1", "128.0.0.0/1"],
    ],
    loadBalancerAnnotations: [undefined, { "example.com/internal": "true" }],
};

/** Keys whose values depend on each other, so that a single change of one would mostly be refused. */
const companions: Values[] = [
    {
        elasticsearchAuth: "none",
        elasticsearchUser: undefined,
        elasticsearchPassword: undefined,
        elasticsearchApiKey: undefined,
        elasticsearchSecret: undefined,
    },
    {
        elasticsearchAuth: "basic",
        elasticsearchUser: "pglog",
        elasticsearchApiKey: undefined,
        elasticsearchSecret: undefined,
    },
    {
        elasticsearchAuth: "apiKey",
        elasticsearchTarget: "index",
        elasticsearchUser: undefined,
        elasticsearchPassword: undefined,
        elasticsearchSecret: undefined,
    },
    {
        elasticsearchMode: "in-cluster",
        elasticsearchHost: undefined,
        elasticsearchCa: undefined,
        elasticsearchServerName: undefined,
        elasticsearchUser: undefined,
        elasticsearchPassword: undefined,
        elasticsearchApiKey: undefined,
        elasticsearchSecret: undefined,
    },
    { elasticsearchMode: "external", elasticsearchHost: "es.example.com" },
    { services: ["ClusterIP", "LoadBalancer"], loadBalancerSourceRanges: ["198.51.100.0/24"] },
    { services: ["ClusterIP"], loadBalancerSourceRanges: [], loadBalancerAnnotations: undefined, nodePort: 0 },
    {
        services: ["ClusterIP", "NodePort"],
        nodePort: 30544,
        loadBalancerSourceRanges: [],
        loadBalancerAnnotations: undefined,
    },
];

/** One step of an edit: values of one key, or of keys that belong together. */
const change: fc.Arbitrary<Values> = fc.oneof(
    {
        weight: 4,
        arbitrary: fc
            .constantFrom(...keyNames)
            .chain((key) => fc.constantFrom(...candidates[key]).map((value) => ({ [key]: value }))),
    },
    { weight: 1, arbitrary: fc.constantFrom(...companions) },
);

/** A configuration, and one to five changes of it. It may be one that the program refuses. */
export interface Edited {
    before: Values;
    changes: Values[];
}

export const edited: fc.Arbitrary<Edited> = fc
    .tuple(
        fc.constantFrom(...Object.values(bases as Record<string, Values>)),
        fc.array(change, { maxLength: 4 }),
        fc.array(change, { minLength: 1, maxLength: 5 }),
    )
    .map(([base, more, changes]) => ({ before: Object.assign({}, base, ...more) as Values, changes }));
