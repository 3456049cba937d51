import assert from "node:assert/strict";
import { dataKeepsItsCLibrary, imagesArePinned } from "../../policy/images";
import { loadBalancerIsNotForEveryone, loadBalancerNamesItsClients } from "../../policy/loadBalancer";
import { namesAreFixed, selectorsAreFixed } from "../../policy/names";
import { namespaceIsRestricted } from "../../policy/namespace";
import { clientsProveWhoTheyAre } from "../../policy/pgHba";
import { memoryIsBounded, oneWriterPerVolume, podsAreRestricted, podsAreSealed } from "../../policy/pods";
import { dataIsProtected } from "../../policy/protection";
import { message, type Config as PolicyConfig, type Resource, type Rule } from "../../policy/rule";
import { rules } from "../../policy/rules";
import { credentialsAreFiles, secretsStayInSecrets } from "../../policy/secrets";
import { shipperDropsNothing } from "../../policy/shipper";
import type { Config } from "../../render/engine/evaluate";
import { generatedPassword, Secret, type Registered } from "../../render/engine/monitor";
import { loadConfig } from "../../stacks/config";
import { logDatabase } from "../../stacks/logDatabase";
import { deploy } from "../support/deploy";
import { configOf, dummySecrets, stackFile, stacks } from "../support/stackFile";

const login = { elasticsearchPassword: "dummy-elasticsearch-password" };
const external = { elasticsearchHost: "es.example.com", elasticsearchUser: "writer" };

/** The configurations of test/stacks/rules.test.ts, for cases that the committed stacks leave out, and one more. */
const others: Record<string, Config> = {
    "without a shipper": configOf({ shipper: "none" }),
    "without a shipper, unprotected, with every Service": configOf({
        shipper: "none",
        protectData: false,
        services: ["LoadBalancer", "NodePort", "Headless", "ClusterIP"],
        nodePort: 30432,
        loadBalancerSourceRanges: ["10.0.0.0/8"],
        loadBalancerAnnotations: { "example.com/internal": "true" },
    }),
    "with Elasticsearch at an address, and a different certificate name": configOf(
        {
            ...external,
            elasticsearchHost: "192.0.2.7",
            elasticsearchServerName: "es.internal",
            elasticsearchCa: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        },
        login,
    ),
    "with Elasticsearch at an IPv6 address": configOf({ ...external, elasticsearchHost: "2001:db8::7" }, login),
    "with an Elasticsearch that asks for nothing": configOf({
        elasticsearchHost: "es.example.com",
        elasticsearchAuth: "none",
        elasticsearchScheme: "http",
    }),
    "with an API key": configOf(
        { elasticsearchHost: "es.example.com", elasticsearchAuth: "apiKey", elasticsearchTarget: "index" },
        { elasticsearchApiKey: "dummy-elasticsearch-api-key" },
    ),
    "with a Secret that is there": configOf({
        elasticsearchHost: "es.example.com",
        elasticsearchSecret: "elasticsearch-login",
    }),
    "with an Elasticsearch of its own, protected, for a data stream": configOf({
        elasticsearchMode: "in-cluster",
        elasticsearchRetentionDays: 0,
    }),
    "of PostgreSQL 15, with a large log volume and its volumes of a class": configOf(
        {
            ...external,
            postgresVersion: 15,
            logVolumeSize: "20Gi",
            logOutage: "12h",
            storageClass: "fast",
            storageAccessMode: "ReadWriteOncePod",
        },
        login,
    ),
    "of PostgreSQL 18, with settings and images of its own": configOf(
        {
            ...external,
            postgresVersion: 18,
            postgresSettings: { jit: false },
            images: {
                postgres: "registry.example.com:5000/postgres:18.6-bookworm",
                curl: "registry.example.com/curl:8",
            },
            namespace: "orders",
            database: "orders",
        },
        login,
    ),
    "with public names as long as passwords": configOf(
        { ...external, database: "warehouse", elasticsearchUser: "warehouse" },
        login,
    ),
};

/** A stack as the rules see it. */
interface Stack {
    resources: Resource[];
    config: PolicyConfig;
}

/** The program's resources for a configuration. */
async function made(config: Config, stack = "test"): Promise<Stack> {
    const { resources } = await deploy(() => logDatabase(loadConfig()), { config, stack });
    return {
        resources: resources.map(asPoliciesSee),
        config: { protectData: config.values["pglog:protectData"] === "true" },
    };
}

function asPoliciesSee({ urn, type, name, parent, inputs, options }: Registered): Resource {
    const generated = type.endsWith(":RandomPassword") ? { result: generatedPassword({ name, inputs }) } : {};
    return {
        urn,
        type,
        name,
        props: { ...(unwrapped(inputs) as object), ...generated },
        opts: { protect: options.protect === true, parent },
    };
}

function unwrapped(value: unknown): unknown {
    if (value instanceof Secret) return unwrapped(value.value);
    if (Array.isArray(value)) return value.map(unwrapped);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unwrapped(member)]));
}

/** The violations in a stack, each with its rule's name. */
function violations({ resources, config }: Stack): string[] {
    return rules.flatMap((rule) => {
        const findings =
            "check" in rule
                ? resources.flatMap((resource) => [...rule.check(resource)].map((one) => ({ resource, ...one })))
                : [...rule.checkStack(resources, config)];
        return findings.map(({ resource, ...finding }) => `${rule.name}: ${message(rule, resource, finding)}`);
    });
}

type Change = (resource: Resource) => Resource;
/** @param all the resources of the stack, that one among them */
type Edit = (resource: Resource, all: Resource[]) => Resource;

/**
 * Sets a property, or removes it. Members of a list go by their names. A path is a text with dots, or a list if a name
 * contains dots.
 */
function set(path: string | string[], value: unknown): Change {
    return change(path, () => value);
}

/** Adds to a list. */
function add(path: string, value: unknown): Change {
    return change(path, (list) => [...(list as unknown[]), value]);
}

type Members = Record<string, unknown>;

function change(path: string | string[], to: (value: unknown) => unknown): Change {
    const steps = typeof path === "string" ? path.split(".") : path;
    const last = steps.at(-1)!;
    return (resource) => {
        const props = structuredClone(resource.props);
        const holder = steps.slice(0, -1).reduce(member, props as Members);
        holder[last] = to(holder[last]);
        if (holder[last] === undefined) Reflect.deleteProperty(holder, last);
        return { ...resource, props };
    };
}

function member(object: Members, step: string): Members {
    const found = Array.isArray(object)
        ? (object as { name?: string }[]).find(({ name }) => name === step)
        : (object[step] ??= {});
    assert.ok(found !== undefined, `there is no ${step}`);
    return found as Members;
}

/** Replaces a text within a value of a ConfigMap. */
function replace(key: string, from: string, to: string): Change {
    return (resource) => {
        const { data } = resource.props as { data: Record<string, string> };
        const text = data[key] ?? "";
        assert.ok(text.includes(from), `${key} has no ${from}`);
        return set(["data", key], text.replace(from, to))(resource);
    };
}

/** The provider's default name for an object without a name. */
const autonamed: Edit = (resource) =>
    set(
        ["metadata", "annotations", "pulumi.com/autonamed"],
        "true",
    )(set("metadata.name", "postgres-data-0a1b2c3d")(resource));

/** A password's output for a rule over the stack, once the password exists. */
const withPassword: Edit = (resource, all) => {
    const { result } = all.find(({ name }) => name === "postgres-password")!.props as { result: string };
    return set(["data", "app.conf"], `password = ${result}\n`)(resource);
};

/** A password's output for a rule over the stack, before the password is generated. */
const madeFromPassword: Edit = (resource) => {
    const type = "random:index/randomPassword:RandomPassword";
    const source = { urn: "", type, name: "postgres-password", props: {}, opts: { protect: true } };
    return { ...resource, madeFrom: { data: [source] } };
};

/** A Deployment that the program does not have. */
const exporter: Edit = (resource) => ({
    ...resource,
    type: "kubernetes:apps/v1:Deployment",
    props: { metadata: { name: "exporter", namespace: "pglog-prod" } },
});

const pod = "spec.template.spec";
const main = `${pod}.containers.postgres`;
const security = `${main}.securityContext`;
const inMessage = `${pod}.containers[postgres]`;
const labelsOf = (name: string) => ({ "app.kubernetes.io/instance": name, "app.kubernetes.io/name": name });
const selector = JSON.stringify(labelsOf("postgres"));
const enforce = "pod-security.kubernetes.io/enforce";
const apiKey = dummySecrets.prod["pglog:elasticsearchApiKey"]!;
const claims = "one of postgres-data, postgres-log-queue, elasticsearch-data";
const services =
    "one of postgres, postgres-headless, postgres-nodeport, postgres-loadbalancer, fluent-bit, elasticsearch";
const sources = "one of configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret";
const networkLine = "host    all       all       all      scram-sha-256";

/**
 * A violation of each rule: a resource as the program registers it, one edit, and the expected message, up to the
 * advice.
 * The stack is prod, or dev for what only dev has.
 */
const broken: [rule: Rule, resource: string, what: string, edit: Edit, says: string][] = [
    ...["namespace", "postgres-data", "postgres-log-queue", "postgres-password"].map(
        (resource): (typeof broken)[number] => [
            dataIsProtected,
            resource,
            "no protection",
            (one) => ({ ...one, opts: { ...one.opts, protect: false } }),
            "the option protect is false; it must be true in a stack with protectData.",
        ],
    ),
    [
        dataKeepsItsCLibrary,
        "postgres-deployment",
        "an image of Alpine",
        set(`${main}.image`, "postgres:17.11-alpine"),
        `${inMessage}.image is "postgres:17.11-alpine"; it must be a Debian image.`,
    ],
    [
        oneWriterPerVolume,
        "postgres-deployment",
        "a rolling update",
        set("spec.strategy.type", "RollingUpdate"),
        `spec.strategy.type is "RollingUpdate"; it must be "Recreate".`,
    ],
    [
        oneWriterPerVolume,
        "elasticsearch-deployment",
        "no strategy",
        set("spec.strategy", undefined),
        `spec.strategy.type is not set, so RollingUpdate; it must be "Recreate".`,
    ],
    [
        oneWriterPerVolume,
        "postgres-deployment",
        "two replicas",
        set("spec.replicas", 2),
        "spec.replicas is 2; it must be 1.",
    ],
    [
        namesAreFixed,
        "postgres-data",
        "no name",
        set("metadata.name", undefined),
        `metadata.name is left to Pulumi; it must be ${claims}.`,
    ],
    [
        namesAreFixed,
        "postgres-data",
        "the name that the provider makes up",
        autonamed,
        `metadata.name is left to Pulumi; it must be ${claims}.`,
    ],
    [
        namesAreFixed,
        "postgres-clusterip",
        "a different name",
        set("metadata.name", "database"),
        `metadata.name is "database"; it must be ${services}.`,
    ],
    [
        namesAreFixed,
        "delivery-proof-job",
        "a Deployment in its place",
        exporter,
        `metadata.name is "exporter"; it must be one of postgres, elasticsearch.`,
    ],
    [
        selectorsAreFixed,
        "postgres-deployment",
        "an extra label in its selector",
        set("spec.selector.matchLabels", { ...labelsOf("postgres"), version: "17" }),
        `spec.selector is {"matchLabels":${selector.slice(0, -1)},"version":"17"}}; it must be {"matchLabels":${selector}}.`,
    ],
    [
        selectorsAreFixed,
        "postgres-deployment",
        "an expression beside its labels",
        set("spec.selector", { matchLabels: labelsOf("postgres"), matchExpressions: [] }),
        `spec.selector is {"matchLabels":${selector},"matchExpressions":[]}; it must be {"matchLabels":${selector}}.`,
    ],
    [
        selectorsAreFixed,
        "postgres-fluent-bit",
        "the labels of no Pod",
        set("spec.selector", labelsOf("fluent-bit")),
        `spec.selector is ${JSON.stringify(labelsOf("fluent-bit"))}; it must be ${selector}.`,
    ],
    [
        shipperDropsNothing,
        "postgres-log-config",
        "chunks in memory",
        replace("fluent-bit.yaml", "storage.type: filesystem", "storage.type: memory"),
        `data["fluent-bit.yaml"], inputs[postgresql_jsonlog].storage.type is "memory"; it must be "filesystem".`,
    ],
    [
        shipperDropsNothing,
        "postgres-log-config",
        "one retry",
        replace("fluent-bit.yaml", "retry_limit: no_limits", "retry_limit: 1"),
        `data["fluent-bit.yaml"], outputs[elasticsearch].retry_limit is 1; it must be "no_limits".`,
    ],
    [
        shipperDropsNothing,
        "postgres-log-config",
        "a limit for what waits",
        replace("fluent-bit.yaml", "      retry_limit:", "      storage.total_limit_size: 1G\n      retry_limit:"),
        `data["fluent-bit.yaml"], outputs[elasticsearch].storage.total_limit_size is "1G"; it must be not set: it deletes the oldest lines.`,
    ],
    [
        secretsStayInSecrets,
        "postgres-config",
        "the generated password",
        withPassword,
        `data["app.conf"] is a text with password of Secret "postgres-credentials" (its value is not shown); it must be free of secrets.`,
    ],
    [
        secretsStayInSecrets,
        "postgres-deployment",
        "an API key of the configuration in its command, encoded",
        set(`${main}.args`, ["--key", Buffer.from(apiKey).toString("base64")]),
        `${pod}.containers[0].args[1] is a text with apiKey of Secret "elasticsearch-credentials" (its value is not shown); it must be free of secrets.`,
    ],
    [
        secretsStayInSecrets,
        "postgres-config",
        "a password that is yet to be generated",
        madeFromPassword,
        `data is made from RandomPassword "postgres-password"; it must be free of secrets.`,
    ],
    [
        credentialsAreFiles,
        "postgres-deployment",
        "a password in a variable",
        add(`${main}.env`, { name: "POSTGRES_PASSWORD", value: "hunter2" }),
        `${inMessage}.env[POSTGRES_PASSWORD] is set (its value is not shown); it must be no credential.`,
    ],
    [
        credentialsAreFiles,
        "postgres-deployment",
        "a variable from a Secret",
        add(`${main}.env`, { name: "LOGIN", valueFrom: { secretKeyRef: { name: "login", key: "password" } } }),
        `${inMessage}.env[LOGIN] is from Secret "login"; it must be no credential.`,
    ],
    [
        credentialsAreFiles,
        "postgres-deployment",
        "all of a Secret as variables of an init container",
        set(`${pod}.initContainers.initialise.envFrom`, [{ secretRef: { name: "login" } }]),
        `${pod}.initContainers[initialise].envFrom is Secret "login"; it must be free of Secrets.`,
    ],
    [
        credentialsAreFiles,
        "postgres-deployment",
        "credentials that every user can read",
        set(`${pod}.volumes.credentials.secret.defaultMode`, 0o444),
        `${pod}.volumes[credentials].secret.defaultMode is 0o444; it must be 0o440, which other users cannot read.`,
    ],
    [
        credentialsAreFiles,
        "elasticsearch-setup",
        "credentials of no given mode",
        set(`${pod}.volumes.credentials.secret.defaultMode`, undefined),
        `${pod}.volumes[credentials].secret.defaultMode is not set, so 0o644; it must be 0o440, which other users cannot read.`,
    ],
    [
        clientsProveWhoTheyAre,
        "postgres-config",
        "trust for the network",
        replace("pg_hba.conf", networkLine, "host all all all trust"),
        `data["pg_hba.conf"], line 4 is host with method "trust"; it must be scram-sha-256 or reject.`,
    ],
    [
        clientsProveWhoTheyAre,
        "postgres-config",
        "md5 for an address with a mask",
        replace("pg_hba.conf", "local ", `hostssl "all", app all 10.0.0.0 255.0.0.0 "md5" # old\nlocal `),
        `data["pg_hba.conf"], line 2 is hostssl with method "md5"; it must be scram-sha-256 or reject.`,
    ],
    [
        clientsProveWhoTheyAre,
        "postgres-config",
        "trust for the socket",
        replace("pg_hba.conf", "peer", "trust"),
        `data["pg_hba.conf"], line 2 is local with method "trust"; it must be peer or scram-sha-256 or reject.`,
    ],
    [
        clientsProveWhoTheyAre,
        "postgres-config",
        "a file that it includes",
        replace("pg_hba.conf", "local ", "include more.conf\nlocal "),
        `data["pg_hba.conf"], line 2 is "include"; it must be a line of type host or local, because an include could add any rule.`,
    ],
    [
        loadBalancerNamesItsClients,
        "postgres-loadbalancer",
        "no ranges",
        set("spec.loadBalancerSourceRanges", undefined),
        "spec.loadBalancerSourceRanges is empty; it must be the networks that may connect.",
    ],
    ...(
        [
            [4, ["0.0.0.0/0"]],
            [4, ["0.0.0.0/1", "128.0.0.0/1"]],
            [4, ["0.0.0.0/24", "0.0.0.0/2", "64.0.0.0/3", "64.0.0.0/3", "96.0.0.0/3"]],
            [6, ["::/0"]],
            [6, ["10.0.0.0/8", "2000::/4", "2400::/8"]],
        ] as const
    ).map(([family, ranges]): (typeof broken)[number] => [
        loadBalancerIsNotForEveryone,
        "postgres-loadbalancer",
        ranges.join(" and "),
        set("spec.loadBalancerSourceRanges", ranges),
        `spec.loadBalancerSourceRanges is ${JSON.stringify(ranges)}; it must be less than half of all addresses of IPv${family}.`,
    ]),
    [
        namespaceIsRestricted,
        "namespace",
        "a weaker standard",
        set(["metadata", "labels", enforce], "baseline"),
        `metadata.labels["${enforce}"] is "baseline"; it must be "restricted".`,
    ],
    [
        namespaceIsRestricted,
        "namespace",
        "no labels",
        set("metadata.labels", undefined),
        `metadata.labels["${enforce}"] is not set; it must be "restricted".`,
    ],
    [
        namespaceIsRestricted,
        "postgres-config",
        "no namespace",
        set("metadata.namespace", undefined),
        "metadata.namespace is not set; it must be the stack's own.",
    ],
    [
        namespaceIsRestricted,
        "postgres-config",
        "the namespace that the provider fills in",
        set("metadata.namespace", "default"),
        `metadata.namespace is "default"; it must be the stack's own.`,
    ],
    ...["hostNetwork", "hostPID", "hostIPC"].map((field): (typeof broken)[number] => [
        podsAreRestricted,
        "postgres-deployment",
        field,
        set(`${pod}.${field}`, true),
        `${pod}.${field} is true; it must be not set.`,
    ]),
    [
        podsAreRestricted,
        "postgres-deployment",
        "a directory of the node",
        add(`${pod}.volumes`, { name: "node", hostPath: { path: "/" } }),
        `${pod}.volumes[node] is hostPath; it must be ${sources}.`,
    ],
    [
        podsAreRestricted,
        "delivery-proof-job",
        "root allowed",
        set(`${pod}.securityContext.runAsNonRoot`, undefined),
        `${pod}.securityContext.runAsNonRoot is not set; it must be true.`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "root",
        set(`${pod}.securityContext.runAsUser`, 0),
        `${pod}.securityContext.runAsUser is 0; it must be a user other than root.`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "no seccomp",
        set(`${pod}.securityContext.seccompProfile.type`, "Unconfined"),
        `${pod}.securityContext.seccompProfile.type is "Unconfined"; it must be "RuntimeDefault".`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "a privileged container",
        set(`${security}.privileged`, true),
        `${inMessage}.securityContext.privileged is true; it must be not set.`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "escalation not forbidden",
        set(`${security}.allowPrivilegeEscalation`, undefined),
        `${inMessage}.securityContext.allowPrivilegeEscalation is not set; it must be false.`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "capabilities kept",
        set(`${security}.capabilities.drop`, ["NET_RAW"]),
        `${inMessage}.securityContext.capabilities.drop is ["NET_RAW"]; it must be ["ALL"].`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "a capability added",
        set(`${security}.capabilities.add`, ["CHOWN"]),
        `${inMessage}.securityContext.capabilities.add is ["CHOWN"]; it must be not set.`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "a container that may be root",
        set(`${security}.runAsNonRoot`, false),
        `${inMessage}.securityContext.runAsNonRoot is false; it must be not set, as the Pod's is true.`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "a container that is root",
        set(`${pod}.initContainers.initialise.securityContext.runAsUser`, 0),
        `${pod}.initContainers[initialise].securityContext.runAsUser is 0; it must be a user other than root.`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "a container without seccomp",
        set(`${security}.seccompProfile`, { type: "Unconfined" }),
        `${inMessage}.securityContext.seccompProfile.type is "Unconfined"; it must be "RuntimeDefault".`,
    ],
    [
        podsAreRestricted,
        "postgres-deployment",
        "a port of the node",
        add(`${main}.ports`, { containerPort: 5433, hostPort: 5432 }),
        `${inMessage}.ports.hostPort is 5432; it must be not set.`,
    ],
    [
        podsAreSealed,
        "postgres-deployment",
        "a token for Kubernetes",
        set(`${pod}.automountServiceAccountToken`, undefined),
        `${pod}.automountServiceAccountToken is not set; it must be false.`,
    ],
    [
        podsAreSealed,
        "postgres-deployment",
        "a token for Kubernetes as a volume",
        add(`${pod}.volumes`, { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }),
        `${pod}.volumes[token] is a service account token; it must be none.`,
    ],
    [
        podsAreSealed,
        "postgres-deployment",
        "processes in sight of each other",
        set(`${pod}.shareProcessNamespace`, true),
        `${pod}.shareProcessNamespace is true; it must be not set.`,
    ],
    [
        podsAreSealed,
        "postgres-deployment",
        "a container that can change its own programs",
        set(`${security}.readOnlyRootFilesystem`, undefined),
        `${inMessage}.securityContext.readOnlyRootFilesystem is not set; it must be true.`,
    ],
    ...["postgres:latest", "registry.example.com:5000/postgres", "postgres@sha256:1234"].map(
        (image): (typeof broken)[number] => [
            imagesArePinned,
            "postgres-deployment",
            `the image ${image}`,
            set(`${main}.image`, image),
            `${inMessage}.image is "${image}"; it must be an image with a tag other than latest, or a digest.`,
        ],
    ),
    [
        memoryIsBounded,
        "elasticsearch-setup",
        "no request for memory",
        set(`${pod}.containers.setup.resources.requests.memory`, undefined),
        `${pod}.containers[setup].resources.requests.memory is not set; it must be the memory that it uses.`,
    ],
    [
        memoryIsBounded,
        "postgres-deployment",
        "no limit on memory",
        set(`${pod}.initContainers.fluent-bit.resources.limits`, undefined),
        `${pod}.initContainers[fluent-bit].resources.limits.memory is not set; it must be the most memory that it may use.`,
    ],
    [
        memoryIsBounded,
        "postgres-deployment",
        "more memory for the database than it requests",
        set(`${main}.resources.limits.memory`, "16Gi"),
        `${inMessage}.resources.limits.memory is "16Gi"; it must be the request, "8Gi".`,
    ],
];

/** Resources that look like violations but are allowed. */
const allowed: [resource: string, what: string, edit: Edit][] = [
    [
        "postgres-loadbalancer",
        "many ranges, some inside others, and some that are invalid",
        set("spec.loadBalancerSourceRanges", [
            "0.0.0.0/2",
            "10.0.0.0/8",
            "64.0.0.0/3",
            "64.0.0.0/3",
            "64.1.0.0/16",
            "::/5",
            "192.0.2.0/98",
            "192.0.2.0/99",
            "all/0",
        ]),
    ],
    ["postgres-deployment", "the one replica that is the default", set("spec.replicas", undefined)],
    ["postgres-deployment", "a digest", set(`${main}.image`, `registry.example.com:5000/pg@sha256:${"0".repeat(64)}`)],
    ["delivery-proof-job", "Alpine for a client", set(`${pod}.initContainers.log-marker.image`, "postgres:17-alpine")],
    ["postgres-deployment", "a path in a variable", add(`${main}.env`, { name: "PASSWORD_FILE", value: "/run/x" })],
    ["postgres-config", "fewer clients", replace("pg_hba.conf", networkLine, "host all all ::1/128 scram-sha-256")],
    ["postgres-credentials", "a value that is in many texts", set("stringData.password", "app")],
];

describe("the policies", () => {
    const found = new Map<string, Stack>();
    before(async () => {
        for (const stack of stacks) found.set(stack, await made(stackFile(stack), stack));
        for (const [label, config] of Object.entries(others)) found.set(label, await made(config));
    });

    for (const label of [...stacks, ...Object.keys(others)])
        it(`find nothing in a stack ${label}`, () => {
            assert.deepEqual(violations(found.get(label)!), []);
        });

    /** The stack with one resource, edited; nothing else. */
    const edited = (name: string, edit: Edit): Stack => {
        const has = ({ resources }: Stack) => resources.some((one) => one.name === name);
        const { resources, config } = [found.get("prod")!, found.get("dev")!].find(has)!;
        return { config, resources: resources.map((one) => (one.name === name ? edit(one, resources) : one)) };
    };

    for (const [rule, name, what, edit, says] of broken)
        it(`find ${name} with ${what}, by ${rule.name} alone`, () => {
            const stack = edited(name, edit);
            const kind = stack.resources.find((one) => one.name === name)!.type.replace(/^.*[:/]/, "");
            assert.deepEqual(violations(stack), [`${rule.name}: ${kind} "${name}": ${says} ${rule.remediation}`]);
        });

    for (const [name, what, edit] of allowed)
        it(`find nothing in ${name} with ${what}`, () => {
            assert.deepEqual(violations(edited(name, edit)), []);
        });

    it("each have a resource here that breaks them", () => {
        assert.deepEqual(new Set(broken.map(([rule]) => rule.name)), new Set(rules.map(({ name }) => name)));
    });

    it("treat a stack as protected if the configuration is unknown and one resource is protected", () => {
        const unknown = { protectData: undefined };
        const bare: Change = (one) => ({ ...one, opts: { ...one.opts, protect: false } });
        const { resources } = edited("postgres-data", bare);
        assert.equal([...dataIsProtected.checkStack(resources, unknown)].length, 1);
        assert.equal([...dataIsProtected.checkStack(resources.map(bare), unknown)].length, 0);
        assert.equal([...dataIsProtected.checkStack(resources.map(bare), { protectData: false })].length, 0);
        assert.equal([...dataIsProtected.checkStack(resources.map(bare), { protectData: true })].length, 4);
    });

    it("check everything that runs Pods, of any kind", () => {
        const spec = { hostNetwork: true };
        const kinds: [type: string, spec: object, path: string][] = [
            ["kubernetes:core/v1:Pod", spec, "spec"],
            ["kubernetes:apps/v1:StatefulSet", { template: { spec } }, "spec.template.spec"],
            [
                "kubernetes:batch/v1:CronJob",
                { jobTemplate: { spec: { template: { spec } } } },
                "spec.jobTemplate.spec.template.spec",
            ],
        ];
        for (const [type, of, path] of kinds) {
            const resource = { urn: "", type, name: "one", props: { spec: of }, opts: { protect: false } };
            const fields = [...podsAreRestricted.check(resource)].map(({ field }) => field);
            assert.deepEqual(fields[0], `${path}.hostNetwork`, type);
        }
    });

    it("each say in one sentence what they require and why, and what to do", () => {
        assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
        for (const { name, description, remediation } of rules) {
            assert.match(name, /^[a-z]+(-[a-z]+)+$/);
            assert.match(description, /^[A-Z](?!.*\. ).*,? (since|because) .*\.$/, name);
            assert.match(remediation, /^[A-Z].*\S$/, name);
        }
    });
});
