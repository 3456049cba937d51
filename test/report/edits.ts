import type { Level } from "../../report/effect";

/** A configuration as it stands in a stack's file, without the prefix. */
export type Values = Record<string, string | number | boolean | string[] | Record<string, unknown> | undefined>;

/** A placeholder for the name of the default StorageClass, which depends on the cluster. */
export const defaultClass = "default-class";

const small: Values = {
    postgresCpu: "50m",
    postgresMemory: "256Mi",
    storageSize: "2Gi",
    services: ["ClusterIP", "NodePort"],
    elasticsearchRetentionDays: 0,
};
const external: Values = {
    ...small,
    protectData: false,
    elasticsearchHost: "es.example.com",
    elasticsearchAuth: "none",
    elasticsearchTarget: "index",
    elasticsearchRetentionDays: 30,
};

/** The stacks that the edits change. */
export const bases = {
    /** PostgreSQL alone. */
    database: { ...small, protectData: false, shipper: "none" },
    protected: { ...small, protectData: true, shipper: "none" },
    /** With the shipper and an Elasticsearch of its own. */
    shipping: { ...small, protectData: false, elasticsearchMode: "in-cluster", elasticsearchTarget: "index" },
    /** Shipping to an Elasticsearch that is there, with its lifecycle management. */
    external,
} satisfies Record<string, Values>;

/** A proposed change and its expected report. */
export interface Edit {
    name: string;
    base: keyof typeof bases;
    /** Settings that differ from the base before the edit. */
    before?: Values;
    /** Settings that the edit changes. */
    settings?: Values;
    /** Changes of the program: file, old text, new text. */
    program?: [file: string, from: string, to: string][];
    /** Without "none". */
    levels: Level[];
    /** The reason why no cluster shows it; undefined if the end-to-end tests make the edit. */
    notShown?: string;
    /** A result that differs from the levels: a risk that only a crash shows, or a class of volumes that cannot grow. */
    really?: "not at once" | "fails";
}

const ranges = (...loadBalancerSourceRanges: string[]): Values => ({
    services: ["ClusterIP", "NodePort", "Headless", "LoadBalancer"],
    loadBalancerSourceRanges,
});
const noImage = "the tests have one image per version";
const noOther = "the tests have one class of volumes";
const lifecycle = "needs index lifecycle management, which the core server of Elasticsearch lacks";
const secondElasticsearch = "needs an Elasticsearch in addition to the stack's own";

/**
 * Realistic edits of every kind. Each is reported without a cluster, and made on a cluster if one can show it.
 *
 * The order is that of the end-to-end tests: a setting stays changed for the edits after it.
 */
export const edits: Edit[] = [
    // What PostgreSQL gets, and how it is set.
    { name: "more memory", base: "database", settings: { postgresMemory: "320Mi" }, levels: ["restart"] },
    { name: "more CPU", base: "database", settings: { postgresCpu: "60m" }, levels: ["restart"] },
    {
        name: "a planner setting",
        base: "database",
        settings: { postgresSettings: { random_page_cost: "1.1" } },
        levels: ["reload"],
    },
    {
        name: "a timeout for statements",
        base: "database",
        settings: { postgresSettings: { random_page_cost: "1.1", statement_timeout: "30s" } },
        before: { postgresSettings: { random_page_cost: "1.1" } },
        levels: ["limits", "reload"],
    },
    {
        name: "a setting that the report does not know",
        base: "database",
        settings: { postgresSettings: { wal_level: "logical" } },
        levels: ["unknown", "restart"],
    },
    {
        name: "commits that do not wait for the disk",
        base: "database",
        before: { postgresSettings: { wal_level: "logical" } },
        settings: { postgresSettings: { wal_level: "logical", synchronous_commit: "off" } },
        levels: ["data-loss", "reload"],
        really: "not at once",
    },
    // What is logged, and the volume of its files.
    {
        name: "no statement logged",
        base: "database",
        settings: { logStatement: "none" },
        levels: ["logging", "reload"],
    },
    {
        name: "slow statements only",
        base: "database",
        settings: { logMinDuration: 500 },
        levels: ["logging", "reload"],
    },
    {
        name: "a longer outage, for which the log volume grows",
        base: "database",
        settings: { logOutage: "3h" },
        levels: ["unknown", "restart"],
        notShown: "not applied yet with the official provider",
    },
    { name: "a lower peak rate", base: "database", settings: { logPeakRate: 1 }, levels: [] },
    {
        name: "a larger log volume",
        base: "shipping",
        settings: { logVolumeSize: "2Gi" },
        levels: ["unknown", "restart"],
        notShown: "not applied yet with the official provider",
    },
    {
        name: "a log volume that shrinks",
        base: "database",
        before: { logVolumeSize: "2Gi" },
        settings: { logVolumeSize: "1Gi" },
        levels: ["refused", "restart"],
        notShown: "not applied yet with the official provider",
    },
    // How PostgreSQL is reached.
    {
        name: "a Service for Pod addresses",
        base: "database",
        settings: { services: ["ClusterIP", "NodePort", "Headless"] },
        levels: [],
    },
    { name: "a fixed port on the nodes", base: "database", settings: { nodePort: 30544 }, levels: ["address"] },
    {
        name: "a load balancer for one network",
        base: "database",
        settings: ranges("198.51.100.0/24"),
        levels: ["exposure"],
    },
    {
        name: "a second network",
        base: "database",
        before: ranges("198.51.100.0/24"),
        settings: ranges("198.51.100.0/24", "203.0.113.0/24"),
        levels: ["exposure"],
    },
    {
        name: "half of a network",
        base: "database",
        before: ranges("198.51.100.0/24", "203.0.113.0/24"),
        settings: ranges("198.51.100.0/25", "203.0.113.0/24"),
        levels: ["address"],
    },
    {
        name: "everyone, in two halves",
        base: "database",
        before: ranges("198.51.100.0/25", "203.0.113.0/24"),
        settings: ranges("0.0.0.0/1", "128.0.0.0/1"),
        levels: ["open"],
    },
    {
        name: "an annotation for the cloud's controller",
        base: "database",
        before: ranges("0.0.0.0/1", "128.0.0.0/1"),
        settings: { loadBalancerAnnotations: { "example.com/internal": "true" } },
        levels: ["unknown"],
    },
    {
        name: "no load balancer any more",
        base: "database",
        before: ranges("0.0.0.0/1", "128.0.0.0/1"),
        settings: {
            services: ["ClusterIP", "NodePort", "Headless"],
            loadBalancerSourceRanges: [],
            loadBalancerAnnotations: {},
        },
        levels: ["address"],
    },
    {
        name: "a load balancer for everyone",
        base: "database",
        settings: ranges("0.0.0.0/0"),
        levels: ["open"],
    },
    {
        name: "no port on the nodes any more",
        base: "database",
        before: { nodePort: 30544 },
        settings: { services: ["ClusterIP"], nodePort: 0, loadBalancerSourceRanges: [] },
        levels: ["address"],
    },
    // Who may connect, and to what.
    {
        name: "a new password",
        base: "database",
        settings: { passwordVersion: 2 },
        levels: ["credentials", "restart"],
    },
    {
        name: "a longer password",
        base: "database",
        program: [
            [
                "components/postgres/postgres.ts",
                "{ length: 32, special: false, keepers",
                "{ length: 40, special: false, keepers",
            ],
        ],
        levels: ["credentials", "restart"],
    },
    { name: "a new database", base: "database", settings: { database: "orders" }, levels: ["empty", "restart"] },
    {
        name: "connections without a password",
        base: "database",
        program: [
            [
                "components/postgres/config.ts",
                "all       all       all      scram-sha-256",
                "all       all       all      trust",
            ],
        ],
        levels: ["security", "reload"],
    },
    {
        name: "a container that may gain rights",
        base: "database",
        program: [
            ["components/kubernetes/hardening.ts", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"],
        ],
        levels: ["security", "restart"],
        notShown: "the namespace refuses such a Pod, and `pulumi up` waits ten minutes for it",
    },
    {
        name: "a namespace that lets in any Pod",
        base: "database",
        program: [["stacks/logDatabase.ts", '/enforce": "restricted"', '/enforce": "baseline"']],
        levels: ["security"],
    },
    // The program.
    {
        name: "one label more",
        base: "database",
        program: [
            [
                "components/kubernetes/labels.ts",
                '"app.kubernetes.io/managed-by": "pulumi"',
                '"app.kubernetes.io/managed-by": "pulumi", team: "data"',
            ],
        ],
        levels: ["unknown", "restart"],
    },
    {
        name: "a start script that does something more",
        base: "database",
        program: [["components/scripts/start.sh", "set -uo pipefail", "set -uo pipefail\necho starting"]],
        levels: ["unknown", "restart"],
    },
    {
        name: "a shorter time to shut down",
        base: "database",
        program: [["components/postgres/pod.ts", "const grace = 120", "const grace = 60"]],
        levels: ["unknown", "restart"],
    },
    {
        name: "no liveness probe",
        base: "database",
        program: [
            [
                "components/postgres/pod.ts",
                "livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },",
                "",
            ],
        ],
        levels: ["unknown", "restart"],
    },
    {
        name: "a rolling update",
        base: "database",
        program: [
            [
                "components/postgres/postgres.ts",
                'strategy: { type: "Recreate" }',
                'strategy: { type: "RollingUpdate" }',
            ],
        ],
        levels: ["unknown"],
        notShown: "Kubernetes refuses the way back, so the edits after it could not be made",
    },
    {
        name: "a renamed component without an alias",
        base: "database",
        program: [["components/postgres/postgres.ts", 'const name = "postgres"', 'const name = "database"']],
        // The Job under its new name has no rule.
        levels: ["refused", "credentials", "unknown"],
        really: "fails",
    },
    {
        name: "a renamed Service",
        base: "database",
        program: [
            ["components/postgres/services.ts", 'ClusterIP: { name: "postgres",', 'ClusterIP: { name: "database",'],
        ],
        levels: ["address"],
    },
    {
        name: "a different port for clients",
        base: "database",
        program: [["components/postgres/services.ts", "port: postgresPort, targetPort", "port: 5433, targetPort"]],
        levels: ["refused"],
    },
    {
        name: "a kind of object that is new here",
        base: "database",
        program: [
            [
                "stacks/logDatabase.ts",
                "    const { dnsName } = postgres;",
                '    new k8s.policy.v1.PodDisruptionBudget("budget", { metadata: { namespace: settings.namespace, name: "postgres" }, spec: { maxUnavailable: 0, selector: { matchLabels: labels("postgres") } } }, { dependsOn: postgres });\n    const { dnsName } = postgres;',
            ],
        ],
        levels: ["unknown"],
    },
    // What keeps the data.
    { name: "protection", base: "database", settings: { protectData: true }, levels: [] },
    {
        name: "a different class of volume, protected",
        base: "protected",
        settings: { storageClass: "fast-ssd" },
        levels: ["refused"],
    },
    {
        name: "a different namespace, protected",
        base: "protected",
        settings: { namespace: "elsewhere" },
        levels: ["refused", "address", "restart"],
    },
    {
        name: "a new password, protected",
        base: "protected",
        settings: { passwordVersion: 9 },
        levels: ["refused", "restart"],
    },
    { name: "no protection", base: "protected", settings: { protectData: false }, levels: ["security"] },
    {
        name: "no protection and a different class at once",
        base: "protected",
        settings: { protectData: false, storageClass: "fast-ssd" },
        levels: ["outage", "security", "restart"],
        notShown: noOther,
    },
    {
        name: "a volume that shrinks",
        base: "database",
        before: { storageSize: "2Gi" },
        settings: { storageSize: "1Gi" },
        levels: ["refused", "reload"],
        really: "fails",
    },
    {
        name: "a volume that grows",
        base: "database",
        settings: { storageSize: "3Gi" },
        levels: ["unknown", "reload"],
        really: "fails",
    },
    {
        name: "a different access mode",
        base: "database",
        settings: { storageAccessMode: "ReadWriteOncePod" },
        levels: ["data-loss", "log-loss", "restart"],
        notShown: "needs a CSI driver",
    },
    {
        name: "the default class of volumes by its name",
        base: "database",
        settings: { storageClass: defaultClass },
        levels: ["data-loss", "log-loss", "restart"],
    },
    {
        name: "a different namespace",
        base: "database",
        settings: { namespace: "pglog-moved" },
        levels: ["data-loss", "log-loss", "address", "restart"],
    },
    {
        name: "a renamed claim",
        base: "database",
        before: { namespace: "pglog-moved" },
        program: [["components/postgres/postgres.ts", '"postgres-data"', '"postgres-files"']],
        levels: ["data-loss", "restart"],
    },
    // What Pods need from the cluster.
    {
        name: "a Pod for nodes with a label that no node has",
        base: "database",
        settings: { scheduling: { nodeSelector: { disk: "fast" } } },
        levels: ["unknown", "restart"],
        notShown: "the Pod waits for a node, and `pulumi up` waits ten minutes for it",
    },
    {
        name: "a taint that the Pod tolerates",
        base: "shipping",
        settings: { scheduling: { tolerations: [{ key: "dedicated", operator: "Exists" }] } },
        levels: ["unknown", "restart", "delivery"],
        notShown: "not applied yet with the official provider",
    },
    {
        name: "a Secret of a registry",
        base: "database",
        settings: { imagePullSecrets: ["registry-login"] },
        levels: ["unknown", "restart"],
        notShown: noImage,
    },
    {
        name: "metrics for the Prometheus Operator",
        base: "shipping",
        settings: { monitoring: "operator" },
        levels: ["unknown"],
        notShown: "the tests have no Prometheus Operator",
    },
    {
        name: "annotations for Prometheus",
        base: "shipping",
        settings: { monitoring: "annotations" },
        levels: [],
        notShown: "not applied yet with the official provider",
    },
    // Images.
    {
        name: "a minor version of PostgreSQL",
        base: "external",
        before: { images: { postgres: "postgres:17.10-bookworm" } },
        settings: { images: { postgres: "postgres:17.11-bookworm" } },
        levels: ["restart"],
        notShown: noImage,
    },
    {
        name: "a different system in the image",
        base: "external",
        settings: { images: { postgres: "postgres:17.11-trixie" } },
        levels: ["unknown", "restart"],
        notShown: noImage,
    },
    {
        name: "a different version of the shipper",
        base: "external",
        settings: { images: { fluentBit: "fluent/fluent-bit:5.1.2" } },
        levels: ["restart"],
        notShown: noImage,
    },
    {
        name: "a different version of curl",
        base: "external",
        settings: { images: { curl: "curlimages/curl:8.10.0" } },
        levels: [],
        notShown: noImage,
    },
    {
        name: "a different version of Elasticsearch",
        base: "shipping",
        settings: { images: { elasticsearch: "elasticsearch:8.19.22" } },
        levels: ["delivery"],
        notShown: noImage,
    },
    // Where lines go.
    {
        name: "a shipper that says more",
        base: "shipping",
        settings: { fluentBitLogLevel: "debug" },
        levels: ["restart"],
    },
    { name: "a longer wait for delivery", base: "shipping", settings: { deliveryTimeout: 180 }, levels: [] },
    {
        name: "a different field type in the index template",
        base: "shipping",
        program: [
            [
                "components/logs/document.ts",
                '{ path: "process.pid", type: "long"',
                '{ path: "process.pid", type: "keyword"',
            ],
        ],
        levels: ["logging"],
    },
    {
        name: "one more object in a document",
        base: "shipping",
        program: [
            [
                "components/logs/document.ts",
                'constant("service.type", "postgresql"),',
                'constant("service.type", "postgresql"),\n    constant("service.name", "orders"),',
            ],
        ],
        levels: ["unknown", "restart", "logging"],
    },
    {
        name: "a different index",
        base: "shipping",
        settings: { elasticsearchIndex: "orders-logs" },
        levels: ["restart", "logging"],
    },
    {
        name: "a shipper that gives up",
        base: "shipping",
        program: [["components/shipper/fluentBit.ts", 'retry_limit: "no_limits"', "retry_limit: 3"]],
        levels: ["unknown", "restart"],
    },
    {
        name: "a replaced password of the stack's own Elasticsearch",
        base: "shipping",
        program: [
            [
                "components/elasticsearch/elasticsearch.ts",
                "{ length: 32, special: false }",
                "{ length: 40, special: false }",
            ],
        ],
        levels: ["restart", "delivery"],
    },
    {
        name: "no shipper",
        base: "shipping",
        settings: { shipper: "none" },
        levels: ["log-loss", "restart", "logging"],
    },
    {
        name: "a data stream",
        base: "external",
        settings: { elasticsearchTarget: "data-stream" },
        levels: ["restart", "logging"],
        notShown: lifecycle,
    },
    {
        name: "lines kept for a week",
        base: "external",
        settings: { elasticsearchRetentionDays: 7 },
        levels: ["log-loss"],
        notShown: lifecycle,
    },
    {
        name: "lines of a data stream kept for a week",
        base: "external",
        before: { elasticsearchTarget: "data-stream" },
        settings: { elasticsearchRetentionDays: 7 },
        levels: ["log-loss"],
        notShown: lifecycle,
    },
    {
        name: "lines kept for ever",
        base: "external",
        settings: { elasticsearchRetentionDays: 0 },
        levels: [],
        notShown: lifecycle,
    },
    {
        name: "lines that were kept for ever",
        base: "external",
        before: { elasticsearchRetentionDays: 0 },
        settings: { elasticsearchRetentionDays: 90 },
        levels: ["log-loss"],
        notShown: lifecycle,
    },
    {
        name: "a different Elasticsearch",
        base: "external",
        settings: { elasticsearchHost: "es2.example.com" },
        levels: ["restart", "logging"],
        notShown: secondElasticsearch,
    },
    {
        name: "the stack's own Elasticsearch given up",
        base: "external",
        before: { elasticsearchMode: "in-cluster", elasticsearchHost: undefined, elasticsearchAuth: "basic" },
        settings: { elasticsearchMode: "external", elasticsearchHost: "es.example.com", elasticsearchAuth: "none" },
        levels: ["log-loss", "security", "restart", "logging"],
        notShown: secondElasticsearch,
    },
    {
        name: "lines in clear text",
        base: "external",
        settings: { elasticsearchScheme: "http" },
        levels: ["security", "restart", "logging"],
        notShown: secondElasticsearch,
    },
    {
        name: "several settings at once",
        base: "external",
        settings: {
            ...ranges("203.0.113.0/24"),
            postgresMemory: "1Gi",
            logMinDuration: 100,
            elasticsearchRetentionDays: 14,
            storageClass: "fast-ssd",
            passwordVersion: 2,
        },
        levels: ["data-loss", "log-loss", "exposure", "credentials", "restart", "logging"],
        notShown: lifecycle,
    },
    // What stops PostgreSQL; the last, since little is left to look at.
    {
        name: "two Pods",
        base: "database",
        program: [["components/postgres/postgres.ts", "replicas: 1,", "replicas: 2,"]],
        levels: ["refused"],
        notShown: "`pulumi up` waits ten minutes for the second Pod",
    },
    {
        name: "no Pod",
        base: "database",
        program: [["components/postgres/postgres.ts", "replicas: 1,", "replicas: 0,"]],
        levels: ["outage"],
    },
    {
        name: "a different major version",
        base: "database",
        settings: { postgresVersion: 18 },
        levels: ["outage", "restart", "logging"],
        notShown: "`pulumi up` waits ten minutes for a Pod that refuses the data; the refusal has a test of its own",
    },
];
