import * as pulumi from "@pulumi/pulumi";
import { closest } from "fastest-levenshtein";
import { isIP } from "node:net";
import * as runtimeConfig from "@pulumi/pulumi/runtime/config";
import { z } from "zod";
import {
    elasticsearchAuths,
    elasticsearchTargets,
    schemes,
    type ElasticsearchTarget,
} from "../components/elasticsearch/endpoint";
import type { ElasticsearchArgs } from "../components/elasticsearch/elasticsearch";
import { refusal } from "../components/errors";
import { exposures } from "../components/postgres/services";
import { fluentBitLogLevels } from "../components/shipper/fluentBit";
import { neededLogVolume, smallestLogVolume } from "../components/logs/volume";
import { smallestMemory } from "../components/postgres/memoryBudget";
import type { PostgresArgs } from "../components/postgres/postgres";
import { logStatements, postgresVersions, refusedSetting, type PostgresVersion } from "../components/postgres/config";
import { bytesOf, cpusOf, Gi, mebibytes, Mi, secondsOf } from "../components/kubernetes/quantity";

/** What one stack is, checked as a whole. */
export interface Settings {
    stack: string;
    namespace: string;
    protect: boolean;
    curlImage: string;
    elasticsearch: Pick<ElasticsearchArgs, "server" | "target" | "index" | "retentionDays">;
    postgres: Omit<PostgresArgs, "namespace" | "shipping" | "protect">;
    /** None: `shipper: none`. */
    shipper?: NonNullable<PostgresArgs["shipping"]>["shipper"];
    /** Seconds. */
    deliveryTimeout: number;
}

/**
 * The official images. PostgreSQL's are Debian's, of one release: another C library sorts text differently, and an
 * index built under the first is wrong under the second.
 */
export const postgresImages: Record<PostgresVersion, string> = {
    15: "postgres:15.18-bookworm",
    16: "postgres:16.14-bookworm",
    17: "postgres:17.11-bookworm",
    18: "postgres:18.6-bookworm",
};
export const otherImages = {
    fluentBit: "fluent/fluent-bit:5.1.1",
    elasticsearch: "elasticsearch:8.19.21",
    curl: "curlimages/curl:8.9.1",
};

/** Whether a value is stored as a secret. The SDK goes by this function and leaves it out of its types. */
const { isConfigSecret } = runtimeConfig as unknown as { isConfigSecret: (key: string) => boolean };

/**
 * How one key is read, what it must be in the words of an error, and a value that would do. The engine takes lists and
 * objects by their members only, so the example of such a key is a path and the value at it.
 */
interface Key<Schema extends z.ZodType = z.ZodType> {
    schema: Schema;
    must: string;
    example: string;
    /** Never shown, and refused in clear text. */
    secret?: true;
}

function key<Schema extends z.ZodType>(schema: Schema, must: string, example: string): Key<Schema> {
    return { schema, must, example };
}

/** An empty text is what Pulumi.yaml gives for a key that is not set: it cannot say "optional" otherwise. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
    z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
    key(z.enum(values), `one of ${values.join(", ")}`, values[0]);

const whole = (min: number, max: number, example: number) =>
    key(
        z
            .string()
            .regex(/^-?\d+$/)
            .transform(Number)
            .pipe(z.number().min(min).max(max)),
        `a whole number from ${min} to ${max}`,
        String(example),
    );

const size = (min: number, example: string) =>
    key(
        z.string().refine((text) => (bytesOf(text) ?? 0) >= min),
        `a Kubernetes quantity of at least ${mebibytes(min)}`,
        example,
    );

const yesOrNo = key(z.stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive" }), "true or false", "true");

const json = <Schema extends z.ZodType>(schema: Schema) =>
    z
        .string()
        .transform((text, context) => {
            try {
                return JSON.parse(text) as unknown;
            } catch {
                context.addIssue("not JSON");
                return z.NEVER;
            }
        })
        .pipe(schema);

const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const dnsName = z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i);
const host = z
    .string()
    .refine((text) => isIP(text) !== 0 || (dnsName.safeParse(text).success && !/^[\d.]+$/.test(text)));
/** A tag that names a version, or a digest: `latest` is another image tomorrow. */
const image = z
    .string()
    .regex(/^[\w.\-/]+(:\d+\/[\w.\-/]+)?(:(?!latest$)[\w.-]+(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/);
const firstRange = "--path 'loadBalancerSourceRanges[0]' 203.0.113.0/24";
const cidr = z.union([z.cidrv4(), z.cidrv6()]);
const secret = (must: string) => ({
    ...key(optional(z.string().regex(/^[\x20-\x7e]+$/)), must, "…"),
    secret: true as const,
});

/** Every key of the configuration. Pulumi.yaml declares the same ones, with their types, defaults and descriptions. */
const keys = {
    namespace: key(optional(dnsLabel), "a DNS label: lower-case letters, digits and dashes, at most 63", "orders-db"),
    protectData: yesOrNo,

    postgresVersion: key(
        z
            .string()
            .transform(Number)
            .pipe(z.literal([...postgresVersions])),
        `one of ${postgresVersions.join(", ")}`,
        "17",
    ),
    images: key(
        json(
            z.strictObject({
                postgres: image.refine((name) => !name.includes("alpine")).optional(),
                fluentBit: image.optional(),
                elasticsearch: image.optional(),
                curl: image.optional(),
            }),
        ),
        "an object with postgres (Debian, not Alpine), fluentBit, elasticsearch and curl, each an image with a tag other than latest, or with a digest",
        "--path images.postgres postgres:17.11-bookworm",
    ),
    postgresCpu: key(
        z.string().refine((text) => (cpusOf(text) ?? 0) >= 0.05),
        "a Kubernetes quantity of at least 50m",
        "500m",
    ),
    postgresMemory: size(smallestMemory, "1Gi"),
    postgresSettings: key(
        json(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
        "an object of PostgreSQL settings, each a text, a number or a boolean",
        "--path postgresSettings.random_page_cost 1.1",
    ),
    database: key(
        z
            .string()
            .regex(/^[a-z_][a-z0-9_]{0,62}$/)
            .refine((name) => !/^(postgres|template[01]|pg_.*|public)$/.test(name)),
        "a name of lower-case letters, digits and underscores, at most 63, and none of PostgreSQL's own",
        "app",
    ),
    passwordVersion: whole(1, 1_000_000, 2),
    storageSize: size(1024 * Mi, "10Gi"),
    storageClass: key(optional(dnsName), "the name of a StorageClass", "fast-ssd"),
    storageAccessMode: oneOf(["ReadWriteOnce", "ReadWriteOncePod"]),

    logStatement: oneOf(logStatements),
    logMinDuration: whole(-1, 2_147_483_647, 250),
    logPeakRate: whole(1, 1_000_000, 64),
    logOutage: key(
        z
            .string()
            .refine((text) => (secondsOf(text) ?? 0) >= 600 && secondsOf(text)! <= 30 * 86400)
            .transform((text) => secondsOf(text)!),
        "minutes, hours or days from 10m to 30d",
        "6h",
    ),
    logVolumeSize: key(
        optional(z.string().refine((text) => (bytesOf(text) ?? 0) >= smallestLogVolume)),
        `a Kubernetes quantity of at least ${mebibytes(smallestLogVolume)}`,
        "2Gi",
    ),

    shipper: oneOf(["fluent-bit", "none"]),
    fluentBitLogLevel: oneOf(fluentBitLogLevels),
    deliveryTimeout: whole(10, 1800, 120),

    elasticsearchMode: oneOf(["external", "in-cluster"]),
    elasticsearchHost: key(optional(host), "a DNS name or an IP address, without scheme and port", "es.example.com"),
    elasticsearchPort: whole(1, 65535, 9200),
    elasticsearchScheme: oneOf(schemes),
    elasticsearchServerName: key(optional(dnsName), "a DNS name", "es.example.com"),
    elasticsearchCa: key(
        optional(z.string().regex(/^-----BEGIN CERTIFICATE-----\n[\s\S]+\n-----END CERTIFICATE-----\n?$/)),
        "PEM certificates",
        `"$(cat ca.crt)"`,
    ),
    elasticsearchAuth: oneOf(elasticsearchAuths),
    elasticsearchUser: key(optional(z.string().regex(/^[^\s:]+$/)), "a user name without spaces and colons", "pglog"),
    elasticsearchPassword: secret("printable ASCII"),
    elasticsearchApiKey: secret("the `encoded` value that Elasticsearch gives with an API key"),
    elasticsearchSecret: key(optional(dnsName), "the name of a Secret in the namespace", "elasticsearch-login"),
    elasticsearchTarget: oneOf(elasticsearchTargets),
    elasticsearchIndex: key(
        optional(z.string().regex(/^(?![-_+.])[a-z0-9._-]{1,100}$/)),
        "a name of lower-case letters, digits, dots, dashes and underscores that begins with a letter or digit",
        "logs-postgresql.log-orders",
    ),
    elasticsearchRetentionDays: whole(0, 3650, 30),

    services: key(
        json(
            z
                .array(z.enum(exposures))
                .min(1)
                .refine((list) => new Set(list).size === list.length),
        ),
        `a list of at least one of ${exposures.join(", ")}, each once`,
        "--path 'services[0]' ClusterIP",
    ),
    nodePort: key(
        z
            .string()
            .regex(/^\d+$/)
            .transform(Number)
            .refine((port) => port === 0 || (port >= 30000 && port <= 32767)),
        "a port from 30000 to 32767, or 0 for one that Kubernetes chooses",
        "30432",
    ),
    loadBalancerSourceRanges: key(json(z.array(cidr)), "a list of CIDRs", firstRange),
    loadBalancerAnnotations: key(
        json(z.record(z.string(), z.string())),
        "an object of texts",
        `--path 'loadBalancerAnnotations["example.com/internal"]' true`,
    ),
} satisfies Record<string, Key>;

export type KeyName = keyof typeof keys;
export const keyNames = Object.keys(keys) as KeyName[];
/** The keys that are only ever stored as secrets. */
export const secretKeyNames = keyNames.filter((name) => (keys[name] as Key).secret);
type Values = { [K in KeyName]: z.output<(typeof keys)[K]["schema"]> };

/** Keys that earlier versions had, and what to use instead. */
const formerKeys: Record<string, string> = {
    logRetention: "log files are kept as long as logVolumeSize has room; say with logOutage what must be survived",
    logVolumeMedium: "log files are on the volume that outlives the Pod",
    logQueueSize: "log files and queue share one volume, whose size is logVolumeSize",
};

/** All that is wrong with a stack's configuration, in one error. */
export class ConfigError extends pulumi.RunError {
    constructor(
        stack: string,
        readonly problems: readonly string[],
        /** Secrets that the stack needs and does not have. */
        readonly missingSecrets: readonly KeyName[] = [],
    ) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        super(
            `the configuration of stack ${stack} has ${count}; nothing was changed\n${problems.map((p) => `  - ${p}\n`).join("")}`,
        );
    }
}

/**
 * Reads the stack's configuration.
 *
 * Pulumi itself accepts a key that does not exist and any text for a number, so every key, value and combination is
 * checked here, and all that is wrong is said at once.
 *
 * @throws ConfigError before any resource is registered
 */
export function loadConfig(): Settings {
    const project = pulumi.getProject();
    const stack = pulumi.getStack();
    const config = new pulumi.Config();
    const prefix = `${project}:`;
    const given = Object.keys(pulumi.runtime.allConfig())
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length));
    const command = (name: string, value: string, flags = "") =>
        `pulumi config set ${flags}${value.startsWith("--path ") ? value : `${name}${value && ` ${value}`}`} --stack ${stack}`;

    const problems = given
        .filter((name) => !keyNames.includes(name as KeyName))
        .map((name) => {
            const why = formerKeys[name] ?? `the nearest is ${closest(name, keyNames)}`;
            return `${prefix}${name} is not a key of this program; ${why}. Run: pulumi config rm ${name} --stack ${stack}`;
        });
    const values: Record<string, unknown> = {};
    for (const name of keyNames) {
        const { schema, must, example, secret } = keys[name] as Key;
        const fix = secret ? command(name, "", "--secret ") : command(name, example);
        const value = pulumi.runtime.getConfig(`${prefix}${name}`) ?? "";
        const isSecret = isConfigSecret(`${prefix}${name}`);
        const parsed = schema.safeParse(value);
        if (!parsed.success) {
            const shown = secret || isSecret ? "refused (its value is not shown)" : JSON.stringify(value);
            problems.push(refusal(`${prefix}${name}`, shown, must, fix));
        } else if (secret && value !== "" && !isSecret) {
            problems.push(
                refusal(`${prefix}${name}`, "stored in clear text (its value is not shown)", "encrypted", fix),
            );
        } else {
            values[name] = parsed.data;
        }
    }
    if (problems.length === 0) problems.push(...conflicts(values as Values, prefix, command));
    if (problems.length > 0)
        throw new ConfigError(
            stack,
            problems,
            secretKeyNames.filter((name) => problems.some((one) => one.startsWith(`${prefix}${name} is not set;`))),
        );
    return settings(values as Values, stack, config);
}

type Command = (name: KeyName, value: string, flags?: string) => string;

/** What does not go together, though each value would do. */
function conflicts(values: Values, prefix: string, command: Command): string[] {
    const problems: string[] = [];
    const refuse = (name: KeyName, came: string, must: string, fix: string) =>
        problems.push(refusal(`${prefix}${name}`, came, must, fix));
    const set = (name: KeyName) => values[name] !== undefined;
    const unset = (name: KeyName, member?: string) =>
        command(name, "")
            .replace("config set", "config rm")
            .replace(name, member ? `--path ${name}.${member}` : name);

    for (const [name, value] of Object.entries(values.postgresSettings)) {
        const why = refusedSetting(name, value);
        if (why !== undefined)
            problems.push(
                `${prefix}postgresSettings has ${name}${isConfigSecret(`${prefix}postgresSettings`) ? "" : ` = ${JSON.stringify(value)}`}; ${name} ${why}. Run: ${unset("postgresSettings", name)}`,
            );
    }
    const room = Math.ceil(neededLogVolume(values.logPeakRate, values.logOutage) / Mi);
    if (values.logVolumeSize !== undefined && bytesOf(values.logVolumeSize)! < room * Mi)
        refuse(
            "logVolumeSize",
            `"${values.logVolumeSize}"`,
            `at least ${room}Mi: ${values.logPeakRate} KiB/s (logPeakRate) for ${values.logOutage / 60} minutes (logOutage), as files or as queue`,
            `${command("logVolumeSize", `${room}Mi`)}, or set a shorter logOutage`,
        );
    if (values.logStatement === "all" && values.logPeakRate < 1024)
        refuse(
            "logPeakRate",
            String(values.logPeakRate),
            "at least 1024 (KiB/s) with logStatement all: a database that logs each statement writes megabytes a second",
            command("logStatement", "ddl"),
        );

    const loadBalancer = values.services.includes("LoadBalancer");
    if (loadBalancer && values.loadBalancerSourceRanges.length === 0)
        refuse(
            "loadBalancerSourceRanges",
            "empty",
            "the networks that may connect, with LoadBalancer among the services; everyone is 0.0.0.0/0",
            command("loadBalancerSourceRanges", firstRange),
        );
    if (
        !loadBalancer &&
        values.loadBalancerSourceRanges.length + Object.keys(values.loadBalancerAnnotations).length > 0
    )
        refuse(
            "services",
            JSON.stringify(values.services),
            "one with LoadBalancer, for the load balancer's settings",
            command("services", `--path 'services[${values.services.length}]' LoadBalancer`),
        );
    if (values.nodePort !== 0 && !values.services.includes("NodePort"))
        refuse(
            "services",
            JSON.stringify(values.services),
            `one with NodePort, for nodePort ${values.nodePort}`,
            command("services", `--path 'services[${values.services.length}]' NodePort`),
        );
    if (values.shipper === "none") return problems;

    if (values.elasticsearchMode === "in-cluster") {
        const external: KeyName[] = [
            "elasticsearchHost",
            "elasticsearchServerName",
            "elasticsearchCa",
            "elasticsearchUser",
            "elasticsearchPassword",
            "elasticsearchApiKey",
            "elasticsearchSecret",
        ];
        for (const name of external.filter(set))
            refuse(name, "set", "unset with elasticsearchMode in-cluster, which makes its own", unset(name));
        return problems;
    }
    if (!set("elasticsearchHost"))
        refuse(
            "elasticsearchHost",
            "not set",
            "the DNS name or address of an Elasticsearch, with elasticsearchMode external",
            `${command("elasticsearchHost", "es.example.com")}, or ${command("elasticsearchMode", "in-cluster")}`,
        );
    const inline: Record<Values["elasticsearchAuth"], KeyName[]> = {
        basic: ["elasticsearchUser", "elasticsearchPassword"],
        apiKey: ["elasticsearchApiKey"],
        none: [],
    };
    const needed = inline[values.elasticsearchAuth];
    const secretWithAuth = values.elasticsearchAuth === "none" ? [] : (["elasticsearchSecret"] as const);
    for (const name of [...Object.values(inline).flat(), "elasticsearchSecret" as const]) {
        if (
            set(name) &&
            (!([...needed, ...secretWithAuth] as KeyName[]).includes(name) ||
                (set("elasticsearchSecret") && name !== "elasticsearchSecret"))
        )
            refuse(
                name,
                "set",
                set("elasticsearchSecret") && name !== "elasticsearchSecret"
                    ? "unset with elasticsearchSecret, which holds the credentials"
                    : `unset with elasticsearchAuth ${values.elasticsearchAuth}`,
                unset(name),
            );
        if (!set(name) && needed.includes(name) && !set("elasticsearchSecret"))
            refuse(
                name,
                "not set",
                `set with elasticsearchAuth ${values.elasticsearchAuth}, unless elasticsearchSecret names a Secret`,
                keysOf(name).secret ? command(name, "", "--secret ") : command(name, keysOf(name).example),
            );
    }
    if (values.elasticsearchAuth !== "none" && values.elasticsearchScheme === "http" && values.protectData)
        refuse(
            "elasticsearchScheme",
            `"http"`,
            "https in a stack with protectData: credentials would cross the network in clear text",
            command("elasticsearchScheme", "https"),
        );
    if (values.elasticsearchScheme === "http")
        for (const name of (["elasticsearchCa", "elasticsearchServerName"] as const).filter(set))
            refuse(name, "set", "unset with elasticsearchScheme http, which has no certificates", unset(name));
    if (values.elasticsearchAuth === "apiKey" && values.elasticsearchTarget === "data-stream")
        refuse(
            "elasticsearchTarget",
            `"data-stream"`,
            "index with elasticsearchAuth apiKey: Fluent Bit 5.1.1 sends API keys only from its output es, which repeats a request for ever once a data stream has its documents",
            command("elasticsearchTarget", "index"),
        );
    return problems;
}

const keysOf = (name: KeyName): Key => keys[name];

function settings(values: Values, stack: string, config: pulumi.Config): Settings {
    const { images } = values;
    return {
        stack,
        namespace: values.namespace ?? `${pulumi.getProject()}-${stack}`,
        protect: values.protectData,
        curlImage: images.curl ?? otherImages.curl,
        elasticsearch: {
            server:
                values.elasticsearchMode === "in-cluster"
                    ? { mode: "in-cluster", image: images.elasticsearch ?? otherImages.elasticsearch }
                    : {
                          mode: "external",
                          host: values.elasticsearchHost ?? "",
                          port: values.elasticsearchPort,
                          scheme: values.elasticsearchScheme,
                          serverName: values.elasticsearchServerName,
                          ca: values.elasticsearchCa,
                          auth: values.elasticsearchAuth,
                          username: values.elasticsearchUser,
                          password: config.getSecret("elasticsearchPassword"),
                          apiKey: config.getSecret("elasticsearchApiKey"),
                          existingSecret: values.elasticsearchSecret,
                      },
            target: values.elasticsearchTarget,
            index: values.elasticsearchIndex ?? defaultIndex[values.elasticsearchTarget](stack.toLowerCase()),
            retentionDays: values.elasticsearchRetentionDays,
        },
        postgres: {
            version: values.postgresVersion,
            image: images.postgres ?? postgresImages[values.postgresVersion],
            cpu: values.postgresCpu,
            memory: values.postgresMemory,
            settings: values.postgresSettings,
            database: values.database,
            passwordVersion: values.passwordVersion,
            storage: {
                size: values.storageSize,
                className: values.storageClass,
                accessMode: values.storageAccessMode,
            },
            logging: {
                statement: values.logStatement,
                minDuration: values.logMinDuration,
            },
            logVolumeSize:
                values.logVolumeSize ?? `${Math.ceil(neededLogVolume(values.logPeakRate, values.logOutage) / Gi)}Gi`,
            services: values.services,
            exposure: {
                nodePort: values.nodePort === 0 ? undefined : values.nodePort,
                loadBalancerSourceRanges: values.loadBalancerSourceRanges,
                loadBalancerAnnotations: values.loadBalancerAnnotations,
            },
        },
        shipper:
            values.shipper === "none"
                ? undefined
                : {
                      image: images.fluentBit ?? otherImages.fluentBit,
                      logLevel: values.fluentBitLogLevel,
                  },
        deliveryTimeout: values.deliveryTimeout,
    };
}

/** A data stream by Elastic's naming scheme, type-dataset-namespace, so that its dashboards find it. */
const defaultIndex: Record<ElasticsearchTarget, (stack: string) => string> = {
    "data-stream": (stack) => `logs-postgresql.log-${stack.replaceAll("-", "_")}`,
    index: (stack) => `postgresql-logs-${stack}`,
};
