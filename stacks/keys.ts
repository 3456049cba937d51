import { isIP } from "node:net";
import { z } from "zod";
import { elasticsearchAuths, elasticsearchTargets, schemes } from "../components/elasticsearch/endpoint";
import type { schedulingFields } from "../components/kubernetes/podSpec";
import { bytesOf, cpusOf, mebibytes, Mi, secondsOf } from "../components/kubernetes/quantity";
import { smallestLogVolume } from "../components/logs/volume";
import { logStatements, postgresVersions } from "../components/postgres/config";
import { smallestMemory } from "../components/postgres/memoryBudget";
import { serviceKinds } from "../components/postgres/services";
import { fluentBitLogLevels } from "../components/shipper/fluentBit";
import { postgresImages } from "./versions";

/** One key of the configuration. */
export interface Key<Schema extends z.ZodType = z.ZodType> {
    /** Turns the text that the engine passes into the key's value. */
    schema: Schema;
    /** The rule, in the words of an error. */
    must: string;
    /** A valid value. For a list or an object: a path and a value, because the engine sets these one member at a time. */
    example: string;
    /** The value is never printed, and it must be stored encrypted. */
    secret?: true;
}

function key<Schema extends z.ZodType>(schema: Schema, must: string, example: string): Key<Schema> {
    return { schema, must, example };
}

/** Accepts the empty text, which is the default in Pulumi.yaml of a key that may stay unset. */
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

const secret = (must: string) => ({
    ...key(optional(z.string().regex(/^[\x20-\x7e]+$/)), must, ""),
    secret: true as const,
});

const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const dnsName = z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i);
const host = z
    .string()
    .refine((text) => isIP(text) !== 0 || (dnsName.safeParse(text).success && !/^[\d.]+$/.test(text)));
/** A name with a tag or a digest. `latest` is refused, because the image behind it changes. */
const image = z
    .string()
    .regex(/^[\w.\-/]+(:\d+\/[\w.\-/]+)?(:(?!latest$)[\w.-]+(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/);
/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
const toleration = z.strictObject({
    key: z.string().optional(),
    operator: z.enum(["Exists", "Equal"]).optional(),
    value: z.string().optional(),
    effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
    tolerationSeconds: z.number().int().optional(),
});
const cidr = z.union([z.cidrv4(), z.cidrv6()]);

/** Every key of the configuration. Pulumi.yaml declares the same keys with their types, defaults and descriptions. */
export const keys = {
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
        "an object with postgres (Debian, not Alpine), fluentBit, elasticsearch and curl, each an image with a digest or with a tag other than latest",
        `--path images.postgres ${postgresImages[17]}`,
    ),
    imagePullSecrets: key(
        json(z.array(dnsName)),
        "a list of names of Secrets in the namespace",
        "--path 'imagePullSecrets[0]' registry-login",
    ),
    scheduling: key(
        json(
            z.strictObject({
                nodeSelector: z.record(z.string(), z.string()).optional(),
                tolerations: z.array(toleration).optional(),
                affinity: z.record(z.string(), z.unknown()).optional(),
            } satisfies Record<(typeof schedulingFields)[number], z.ZodType>),
        ),
        "an object with nodeSelector, tolerations and affinity, as in a Pod",
        "--path 'scheduling.nodeSelector[\"kubernetes.io/arch\"]' amd64",
    ),
    postgresCpu: key(
        z.string().refine((text) => (cpusOf(text) ?? 0) >= 0.05),
        "a Kubernetes quantity of at least 50m",
        "500m",
    ),
    postgresMemory: size(smallestMemory, "1Gi"),
    postgresSettings: key(
        json(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
        "an object of PostgreSQL parameters, each a text, a number or a boolean",
        "--path postgresSettings.random_page_cost 1.1",
    ),
    database: key(
        z
            .string()
            .regex(/^[a-z_][a-z0-9_]{0,62}$/)
            .refine((name) => !/^(postgres|template[01]|pg_.*|public)$/.test(name)),
        "a name of lower-case letters, digits and underscores, at most 63, that PostgreSQL does not use itself",
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
    monitoring: oneOf(["none", "annotations", "operator"]),

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
    elasticsearchApiKey: secret("the `encoded` value that Elasticsearch returns with an API key"),
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
                .array(z.enum(serviceKinds))
                .min(1)
                .refine((list) => new Set(list).size === list.length),
        ),
        `a list of at least one of ${serviceKinds.join(", ")}, each once`,
        "--path 'services[0]' ClusterIP",
    ),
    nodePort: key(
        z
            .string()
            .regex(/^\d+$/)
            .transform(Number)
            .refine((port) => port === 0 || (port >= 30000 && port <= 32767)),
        "a port from 30000 to 32767, or 0 to let Kubernetes choose",
        "30432",
    ),
    loadBalancerSourceRanges: key(
        json(z.array(cidr)),
        "a list of CIDRs",
        "--path 'loadBalancerSourceRanges[0]' 203.0.113.0/24",
    ),
    loadBalancerAnnotations: key(
        json(z.record(z.string(), z.string())),
        "an object of texts",
        `--path 'loadBalancerAnnotations["example.com/internal"]' true`,
    ),
} satisfies Record<string, Key>;

export type KeyName = keyof typeof keys;
export const keyNames = Object.keys(keys) as KeyName[];

/** The keys whose values must be stored encrypted. */
export const secretKeyNames = keyNames.filter((name) => (keys[name] as Key).secret);

/** The values of all keys, each valid alone. */
export type Values = { [K in KeyName]: z.output<(typeof keys)[K]["schema"]> };

/** Keys that earlier versions had, and their replacement. */
export const formerKeys: Record<string, string> = {
    logRetention: "log files now stay as long as logVolumeSize has room; set logOutage to the outage to survive",
    logVolumeMedium: "log files are now on a volume that outlives the Pod",
    logQueueSize: "log files and queue now share one volume; set logVolumeSize to its size",
};

/**
 * Arguments of `pulumi config` that set a key.
 *
 * @param value @default the key's example
 */
export function setKey(name: KeyName, value?: string): string {
    const { example, secret: isSecret } = keys[name] as Key;
    if (isSecret) return `set --secret ${name}`; // prompts for the value
    const text = value ?? example;
    return text.startsWith("--path ") ? `set ${text}` : `set ${name} ${text}`;
}

/** Arguments of `pulumi config` that remove a key, or one member of its object. */
export function removeKey(name: string, member?: string): string {
    return member === undefined ? `rm ${name}` : `rm --path ${name}.${member}`;
}
