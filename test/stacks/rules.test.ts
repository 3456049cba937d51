import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { realmFiles } from "../../components/elasticsearch/node";
import { labels } from "../../components/kubernetes/labels";
import { scramVerifier } from "../../components/postgres/scram";
import { loadConfig } from "../../stacks/config";
import { logDatabase } from "../../stacks/logDatabase";
import { evaluate, type Config } from "../../render/engine/evaluate";
import type { Deployment } from "../support/deploy";
import { objectOf, resource, workloads, type Workload } from "../support/find";
import { generatedPassword, objectName, Secret } from "../../render/engine/monitor";
import { configOf, dummySecrets, stackFile, stacks } from "../support/stackFile";

type Values = Record<string, unknown>;
const login = { elasticsearchPassword: "dummy-elasticsearch-password" };
const apiKey = { elasticsearchApiKey: "dummy-elasticsearch-api-key" };
const external = { elasticsearchHost: "es.example.com", elasticsearchUser: "writer" };
const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** Configurations for cases that the committed stacks leave out. */
const others: Record<string, [values: Values, secrets?: Record<string, string>]> = {
    "without a shipper": [{ shipper: "none" }],
    "without a shipper, unprotected, with every Service": [
        {
            shipper: "none",
            protectData: false,
            services: ["LoadBalancer", "NodePort", "Headless", "ClusterIP"],
            nodePort: 30432,
            loadBalancerSourceRanges: ["10.0.0.0/8"],
            loadBalancerAnnotations: { "example.com/internal": "true" },
        },
    ],
    "with Elasticsearch at an address, and a different certificate name": [
        { ...external, elasticsearchHost: "192.0.2.7", elasticsearchServerName: "es.internal", elasticsearchCa: ca },
        login,
    ],
    "with Elasticsearch at an IPv6 address": [{ ...external, elasticsearchHost: "2001:db8::7" }, login],
    "with an Elasticsearch that asks for nothing": [
        { elasticsearchHost: "es.example.com", elasticsearchAuth: "none", elasticsearchScheme: "http" },
    ],
    "with an API key": [
        { elasticsearchHost: "es.example.com", elasticsearchAuth: "apiKey", elasticsearchTarget: "index" },
        apiKey,
    ],
    "with a Secret that is there": [
        { elasticsearchHost: "es.example.com", elasticsearchSecret: "elasticsearch-login" },
    ],
    "with an Elasticsearch of its own, protected, for a data stream": [
        { elasticsearchMode: "in-cluster", elasticsearchRetentionDays: 0 },
    ],
    "of PostgreSQL 15, with a large log volume and its volumes of a class": [
        {
            ...external,
            postgresVersion: 15,
            logVolumeSize: "20Gi",
            logOutage: "12h",
            storageClass: "fast",
            storageAccessMode: "ReadWriteOncePod",
        },
        login,
    ],
    "of PostgreSQL 18, with settings and images of its own": [
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
    ],
};

interface Stack extends Deployment {
    label: string;
    config: Config;
    failures: unknown[];
    protect: boolean;
    /** Names of Secrets that the stack's owner created. */
    existing: string[];
    namespace: string;
}

const all: [label: string, stack: string, config: Config][] = [
    ...stacks.map((stack): [string, string, Config] => [stack, stack, stackFile(stack)]),
    ...Object.entries(others).map(([label, [values, secrets]]): [string, string, Config] => [
        label,
        "test",
        configOf(values, secrets),
    ]),
];

describe("rules", () => {
    const made: Stack[] = [];
    before(async () => {
        for (const [label, stack, config] of all) {
            const deployment = await evaluate(() => logDatabase(loadConfig()), { config, stack });
            const given = (key: string) => [config.values[`pglog:${key}`]!].filter((value) => value !== "");
            made.push({
                ...deployment,
                label,
                config,
                protect: config.values["pglog:protectData"] === "true",
                existing: given("elasticsearchSecret"),
                namespace: given("namespace")[0] ?? `pglog-${stack}`,
            });
        }
    });

    /** A rule for each stack. It returns the names of everything that breaks it. */
    const rule = (name: string, violations: (stack: Stack) => Iterable<string>) =>
        it(name, () => {
            assert.equal(made.length, all.length);
            const found = made.flatMap((stack) =>
                [...violations(stack)].map((what) => `stack ${stack.label}: ${what}`),
            );
            assert.deepEqual(found, []);
        });
    /** A rule for each container of each Pod. */
    const containerRule = (
        name: string,
        broken: (container: types.output.core.v1.Container, workload: Workload, stack: Stack) => unknown,
    ) =>
        rule(name, (stack) =>
            workloads(stack).flatMap((one) =>
                one.containers
                    .filter((container) => broken(container, one, stack))
                    .map((container) => `${one.name}, container ${container.name}`),
            ),
        );
    const kubernetes = ({ resources }: Stack) => resources.filter(({ type }) => type.startsWith("kubernetes:"));
    const services = (stack: Stack) =>
        stack.resources
            .filter(({ type }) => type === "kubernetes:core/v1:Service")
            .map((one) => ({ name: one.name, spec: one.inputs.spec as types.output.core.v1.ServiceSpec }));

    rule("every stack is created without an error or a warning", ({ failures }) => failures.map(String));

    rule(
        "every child's name begins with its component's name, and its URN shows the component",
        function* ({ resources }) {
            for (const { urn, name, parent } of resources) {
                if (parent === undefined) continue;
                const component = parent.split("::")[3]!;
                if (!name.startsWith(`${component}-`)) yield `${name} is a child of ${component}`;
                if (!urn.includes(`${parent.split("::")[2]!}$`)) yield `${urn} does not show ${parent}`;
            }
        },
    );

    rule("only the components and the namespace have no parent", ({ resources }) =>
        resources
            .filter(({ parent, custom, name }) => parent === undefined && custom && name !== "namespace")
            .map(({ name }) => name),
    );

    rule("every object is in the stack's namespace and has all labels", function* (stack) {
        for (const one of kubernetes(stack)) {
            const { kind, metadata } = objectOf(one);
            const { namespace, name } = metadata;
            if (kind === "Namespace" ? name !== stack.namespace : namespace !== stack.namespace)
                yield `${one.name} is in ${namespace ?? "the default namespace"}`;
            const missing = Object.entries(labels(metadata.labels?.["app.kubernetes.io/name"] ?? "?")).filter(
                ([label, value]) => metadata.labels?.[label] !== value,
            );
            for (const [label] of missing) yield `${one.name} has no label ${label}`;
        }
    });

    rule("no two objects of a kind have the same name", function* (stack) {
        const seen = new Set<string>();
        for (const one of kubernetes(stack)) {
            const object = `${objectOf(one).kind} ${objectName(one)}`;
            if (seen.has(object)) yield object;
            seen.add(object);
        }
    });

    rule("volumes, and the names of volumes and Services, are fixed", (stack) =>
        kubernetes(stack)
            .filter((one) => ["PersistentVolumeClaim", "Service", "Deployment"].includes(objectOf(one).kind))
            .filter((one) => objectOf(one).metadata.name === undefined)
            .map(({ name }) => name),
    );

    rule("secrets are only in encrypted values", function* ({ resources, outputs, config }) {
        const given = (config.secretKeys ?? []).map((key) => config.values[key]!);
        const generated = resources.filter(({ type }) => type.startsWith("random:")).map(generatedPassword);
        const derived = generated.flatMap((password) => [
            scramVerifier(password),
            ...Object.values(realmFiles(password)).filter((file) => !file.startsWith("superuser:")),
        ]);
        const plain = [...given, ...generated, ...derived];
        const secrets = [...plain, ...plain.map((secret) => Buffer.from(secret).toString("base64"))];
        const places: [string, unknown][] = [
            ...resources.flatMap(({ name, inputs, outputs }): [string, unknown][] => [
                [`inputs of ${name}`, inputs],
                [`outputs of ${name}`, outputs],
            ]),
            ["outputs of the stack", outputs],
        ];
        for (const [place, value] of places)
            for (const text of texts(value))
                if (secrets.some((secret) => text.includes(secret))) yield `${place}: ${text.slice(0, 60)}`;
    });

    it("looks for secrets where there are some", () => {
        const hidden = (stack: Stack) => JSON.stringify(stack.resources.map(({ inputs }) => inputs));
        for (const stack of made) {
            assert.ok(hidden(stack).includes(generatedPassword(resource(stack, "postgres-password"))), stack.label);
            for (const key of stack.config.secretKeys ?? [])
                assert.ok(hidden(stack).includes(stack.config.values[key]!), `${stack.label}: ${key}`);
        }
    });

    rule("the URI with the password is a secret of the stack", ({ outputs }) =>
        outputs.connectionUri instanceof Secret ? [] : ["connectionUri"],
    );

    rule("no Pod runs as root, or with more rights than the standard 'restricted' allows", (stack) =>
        workloads(stack)
            .filter(({ pod }) => {
                const { securityContext, hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod;
                const { runAsNonRoot, runAsUser, runAsGroup, fsGroup, seccompProfile } = securityContext;
                return !(
                    runAsNonRoot &&
                    runAsUser > 0 &&
                    runAsGroup > 0 &&
                    fsGroup > 0 &&
                    seccompProfile.type === "RuntimeDefault" &&
                    !hostNetwork &&
                    !hostPID &&
                    !hostIPC &&
                    !shareProcessNamespace // otherwise one container could read what a different one has mounted
                );
            })
            .map(({ name }) => name),
    );

    rule("no Pod talks to the Kubernetes API", (stack) =>
        workloads(stack)
            .filter(({ pod }) => (pod.automountServiceAccountToken as boolean | undefined) !== false)
            .map(({ name }) => name),
    );

    containerRule("no container can gain privileges, or write anywhere but to its volumes", ({ securityContext }) => {
        const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities, ...more } = securityContext;
        return (
            allowPrivilegeEscalation ||
            !readOnlyRootFilesystem ||
            JSON.stringify(capabilities) !== '{"drop":["ALL"]}' ||
            Object.keys(more).length > 0
        );
    });

    containerRule("every container has resource requests and a memory limit", ({ resources }) => {
        const { requests, limits } = resources;
        return !requests.cpu || !requests.memory || !limits.memory;
    });

    containerRule(
        "every image is pinned",
        ({ image }) => !/:(?!latest$)[\w.-]+$|@sha256:[0-9a-f]{64}$/.test(image.replace(/^[^/]+:\d+\//, "")),
    );

    containerRule("no secret is in an environment variable", ({ env }) =>
        // Undefined if there are none; the types do not say so.
        ((env as typeof env | undefined) ?? []).some(
            ({ valueFrom }) => "secretKeyRef" in ((valueFrom as object | undefined) ?? {}),
        ),
    );

    containerRule("every mounted volume exists", ({ volumeMounts }, { pod }) =>
        volumeMounts.some(({ name }) => !pod.volumes.some((volume) => volume.name === name)),
    );

    containerRule("what comes from a ConfigMap or a Secret is mounted read-only", ({ volumeMounts }, { pod }) =>
        volumeMounts.some(({ name, readOnly }) => {
            const volume = pod.volumes.find((one) => one.name === name)!;
            return ["configMap", "secret", "projected"].some((source) => source in volume) && !readOnly;
        }),
    );

    rule("every volume of a Pod is mounted by one of its containers", function* (stack) {
        for (const { name, pod, containers } of workloads(stack))
            for (const volume of pod.volumes)
                if (!containers.some(({ volumeMounts }) => volumeMounts.some((mount) => mount.name === volume.name)))
                    yield `${name}, volume ${volume.name}`;
    });

    rule("every ConfigMap, Secret, claim and key that a Pod mounts exists", function* (stack) {
        const keysOf = (kind: string, name: string): string[] | undefined => {
            if (kind === "Secret" && stack.existing.includes(name)) return undefined;
            const found = kubernetes(stack).find((one) => objectOf(one).kind === kind && objectName(one) === name);
            if (found === undefined) return [];
            const { data, stringData } = found.inputs as { data?: object; stringData?: Secret };
            return ["", ...Object.keys(data ?? {}), ...Object.keys((stringData?.value as object | undefined) ?? {})];
        };
        for (const { name, pod } of workloads(stack))
            for (const source of pod.volumes.flatMap(sources)) {
                const keys = keysOf(source.kind, source.name);
                for (const key of ["", ...source.keys])
                    if (keys?.includes(key) === false) yield `${name}: ${source.kind} ${source.name} ${key}`;
            }
    });

    rule("the shipper sees only PostgreSQL's log, and PostgreSQL nothing of the shipper", function* (stack) {
        for (const { name, pod, containers } of workloads(stack)) {
            const sidecar = containers.find((container) => container.name === "fluent-bit");
            if (sidecar === undefined) continue;
            const mounts = sidecar.volumeMounts.map((mount) => mount.name);
            const allowed = ["postgres-logs", "fluent-bit-config", "elasticsearch-credentials", "elasticsearch-ca"];
            for (const mount of mounts.filter((one) => !allowed.includes(one)))
                yield `${name}: the shipper mounts ${mount}`;
            const logs = sidecar.volumeMounts.filter((mount) => mount.mountPath === "/var/log/postgresql");
            if (logs.length !== 1 || !logs[0]!.readOnly) yield `${name}: the shipper can write to the log`;
            for (const { volumeMounts } of containers.filter((container) => container.name === "postgres"))
                for (const mount of volumeMounts.filter((one) => one.name === "postgres-logs"))
                    if (mount.subPath !== "logs") yield `${name}: PostgreSQL sees the queue`;
            const postgresSecret = objectName(resource(stack, "postgres-credentials"));
            const visible = pod.volumes.filter((volume) => mounts.includes(volume.name)).flatMap(sources);
            if (visible.some((source) => source.name === postgresSecret))
                yield `${name}: the shipper sees the password`;
            for (const other of containers.filter(({ name }) => name !== "fluent-bit"))
                for (const mount of other.volumeMounts.filter((one) => /elasticsearch|fluent-bit/.test(one.name)))
                    yield `${name}: ${other.name} mounts ${mount.name}`;
        }
    });

    rule("PostgreSQL itself sees no password", (stack) =>
        workloads(stack)
            .filter(({ name }) => name === "postgres-deployment")
            .flatMap(({ pod, containers }) =>
                containers
                    .find(({ name }) => name === "postgres")!
                    .volumeMounts.filter((mount) => "secret" in pod.volumes.find(({ name }) => name === mount.name)!)
                    .map(({ name }) => name),
            ),
    );

    rule("no two Pods ever write to the same volume", (stack) =>
        workloads(stack)
            .filter(({ kind }) => kind === "Deployment")
            .filter(({ spec }) => spec.strategy.type !== "Recreate" || spec.replicas !== 1)
            .map(({ name }) => name),
    );

    rule("a Job fails at once, and replaces the previous one", (stack) =>
        workloads(stack)
            .filter(({ kind }) => kind === "Job")
            .filter(({ name, spec, pod }) => {
                const { metadata } = objectOf(resource(stack, name));
                return !(
                    spec.backoffLimit === 0 &&
                    pod.restartPolicy === "Never" &&
                    resource(stack, name).options.deleteBeforeReplace &&
                    metadata.annotations?.["pulumi.com/replaceUnready"] === "true"
                );
            })
            .map(({ name }) => name),
    );

    rule("volumes, namespace and password survive a protected stack, and nothing else does", function* (stack) {
        const kept = stack.resources.filter(({ options }) => options.protect && options.retainOnDelete);
        const half = stack.resources.filter(({ options }) => options.protect !== options.retainOnDelete);
        const expected = stack.protect ? ["namespace", "postgres-data", "postgres-log-queue", "postgres-password"] : [];
        for (const { name } of half) yield `${name} is protected by halves`;
        if (JSON.stringify(kept.map(({ name }) => name).toSorted()) !== JSON.stringify(expected))
            yield `kept: ${kept.map(({ name }) => name).join(", ")}`;
    });

    rule("Services and probes name their ports", function* (stack) {
        const declared = workloads(stack).flatMap(({ template, containers }) =>
            containers
                .flatMap(({ ports }) => (ports as typeof ports | undefined) ?? [])
                .map(({ name }) => ({ labels: template.metadata.labels, name })),
        );
        for (const { name, spec } of services(stack)) {
            const selector = spec.selector as Record<string, string> | undefined;
            if (selector === undefined) continue;
            for (const { targetPort } of spec.ports)
                if (!declared.some((port) => port.name === targetPort && matches(selector, port.labels)))
                    yield `${name} leads to port ${targetPort}`;
        }
        for (const { name, containers } of workloads(stack))
            for (const { startupProbe, livenessProbe, readinessProbe, ports } of containers)
                for (const probe of [startupProbe, livenessProbe, readinessProbe] as (
                    typeof startupProbe | undefined
                )[]) {
                    const asked = { ...probe?.httpGet, ...probe?.tcpSocket }.port;
                    if (asked !== undefined && !ports.some((port) => port.name === asked))
                        yield `${name} is asked at port ${asked}`;
                }
    });

    rule("selectors match the Pods that they are meant for, and no others", function* (stack) {
        const pods = workloads(stack).map(({ name, template }) => ({ name, labels: template.metadata.labels }));
        const selected = (selector: Record<string, string>) =>
            pods.filter((pod) => matches(selector, pod.labels)).map(({ name }) => name);
        for (const { name, spec } of services(stack)) {
            const selector = spec.selector as Record<string, string> | undefined;
            if (selector === undefined) continue;
            const component = name.split("-")[0]!;
            if (selected(selector).join() !== `${component}-deployment`) yield `${name}: ${selected(selector).join()}`;
        }
        for (const { name, kind, spec } of workloads(stack))
            if (kind === "Deployment" && selected(spec.selector.matchLabels).join() !== name)
                yield `${name}: ${selected(spec.selector.matchLabels).join()}`;
    });

    rule("a load balancer admits the networks that the stack names, and nobody if it names none", (stack) =>
        services(stack)
            .filter(({ spec }) => spec.type === "LoadBalancer")
            .filter(({ spec }) => !(spec.loadBalancerSourceRanges.length > 0 && spec.externalTrafficPolicy === "Local"))
            .map(({ name }) => name),
    );

    rule("every Pod depends on the content of the ConfigMaps that it mounts", (stack) =>
        workloads(stack)
            .filter(({ pod }) => pod.volumes.flatMap(sources).some(({ kind }) => kind === "ConfigMap"))
            .filter(({ template }) => !/^[0-9a-f]{16}$/.test(template.metadata.annotations["pglog/config"] ?? ""))
            .map(({ name }) => name),
    );

    rule("every component registers each of its public fields", function* ({ components, resources }) {
        for (const [urn, component] of components) {
            const own = Object.keys(component).filter((name) => !name.startsWith("__") && name !== "urn");
            const { outputs = {} } = resources.find((one) => one.urn === urn)!;
            const missing = own.filter((name) => !(name in outputs));
            const extra = Object.keys(outputs).filter((name) => !own.includes(name));
            if (own.length === 0) yield `${urn} has no fields`;
            for (const name of [...missing, ...extra]) yield `${urn}: ${name}`;
        }
    });

    it("covers every kind of resource that the program can create", () => {
        const kinds = new Set(
            made.flatMap(({ resources }) => resources.map(({ type }) => type.replace(/^.*[:/]/, ""))),
        );
        assert.deepEqual([...kinds].toSorted(), [
            "ConfigMap",
            "DeliveryProof",
            "Deployment",
            "Elasticsearch",
            "EndpointSlice",
            "Job",
            "Namespace",
            "PersistentVolumeClaim",
            "Postgres",
            "RandomPassword",
            "Secret",
            "Service",
        ]);
        assert.deepEqual(
            Object.values(dummySecrets).flatMap((secrets) => Object.values(secrets)),
            [login.elasticsearchPassword, apiKey.elasticsearchApiKey],
        );
    });
});

/** All texts in a value, except those in a secret. */
function texts(value: unknown): string[] {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null || value instanceof Secret) return [];
    return Object.entries(value).flatMap(([name, member]) => [name, ...texts(member)]);
}

function matches(selector: Record<string, string>, labels: Record<string, string>): boolean {
    return Object.entries(selector).every(([label, value]) => labels[label] === value);
}

interface Source {
    kind: string;
    name: string;
    keys: string[];
}

/** The objects that a volume's content comes from, with the used keys. */
function sources(volume: Partial<types.output.core.v1.Volume>): Source[] {
    const { configMap, secret, persistentVolumeClaim, projected } = volume;
    const keys = (items: { key: string }[] | undefined) => (items ?? []).map(({ key }) => key);
    return [
        ...(configMap ? [{ kind: "ConfigMap", name: configMap.name, keys: keys(configMap.items) }] : []),
        ...(secret ? [{ kind: "Secret", name: secret.secretName, keys: keys(secret.items) }] : []),
        ...(persistentVolumeClaim
            ? [{ kind: "PersistentVolumeClaim", name: persistentVolumeClaim.claimName, keys: [] }]
            : []),
        ...(projected?.sources ?? []).flatMap((source) => [
            ...sources({ configMap: source.configMap as types.output.core.v1.ConfigMapVolumeSource }),
        ]),
    ];
}
