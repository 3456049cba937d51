import assert from "node:assert/strict";
import { Postgres, type ElasticsearchEndpoint, type PostgresArgs } from "../../../components";
import { serviceKinds, type ServiceKind } from "../../../components/postgres/services";
import { renderLua } from "../../../components/logs/document";
import { renderFluentBit } from "../../../components/shipper/fluentBit";
import { labels } from "../../../components/kubernetes/labels";
import { logKeeper } from "../../../components/logs/keeper";
import { logVolume } from "../../../components/logs/volume";
import { memoryBudget } from "../../../components/postgres/memoryBudget";
import { postgresFiles, renderLoggingConf } from "../../../components/postgres/config";
import { Gi, Mi } from "../../../components/kubernetes/quantity";
import { podScripts } from "../../../components/postgres/pod";
import { scramVerifier } from "../../../components/postgres/scram";
import { scripts } from "../../../components/kubernetes/script";
import { evaluate, type EvaluateOptions } from "../../../render/engine/evaluate";
import { deploy, type Deployment } from "../../support/deploy";
import { inputs, resource, workload } from "../../support/find";
import { chosenNodePort, generatedPassword, objectName, Secret } from "../../../render/engine/monitor";

const args: PostgresArgs = {
    namespace: "orders",
    version: 17,
    image: "postgres:17.11-bookworm",
    cpu: "500m",
    memory: "1Gi",
    parameters: { jit: false },
    database: "app",
    passwordVersion: 1,
    storage: { size: "10Gi", accessMode: "ReadWriteOnce" },
    logging: { statement: "ddl", minDuration: 250 },
    logVolumeSize: "1Gi",
    services: { kinds: ["ClusterIP"], loadBalancerSourceRanges: [], loadBalancerAnnotations: {} },
    scrapeAnnotations: false,
    protect: true,
    requirements: { scheduling: {}, imagePullSecrets: [] },
};
const endpoint: ElasticsearchEndpoint = {
    inCluster: false,
    scheme: "https",
    host: "es.example.com",
    port: 9200,
    serverName: "es.example.com",
    auth: "basic",
    credentials: "es-credentials",
    ca: "es-ca",
    target: "data-stream",
    index: "logs",
};
const shipper = {
    image: "fluent/fluent-bit:5.1.1",
    logLevel: "info",
    endpoint,
} satisfies PostgresArgs["shipper"];

const made = (change: Partial<PostgresArgs> = {}, options: EvaluateOptions = {}): Promise<Deployment> =>
    deploy(() => {
        const { addresses, credentials, password, revision } = new Postgres({ ...args, ...change });
        return { addresses, credentials, password, revision };
    }, options);

const names = ({ resources }: Deployment) => resources.map(({ name }) => name).toSorted();
const metadata = { namespace: "orders", labels: labels("postgres") };
const kept = { protect: true, retainOnDelete: true };

describe("Postgres", () => {
    it("consists of a password, two volumes, its configuration, a Pod and a Service, without a shipper", async () => {
        const deployment = await made();
        assert.deepEqual(names(deployment), [
            "postgres",
            "postgres-clusterip",
            "postgres-config",
            "postgres-credentials",
            "postgres-data",
            "postgres-deployment",
            "postgres-log-config",
            "postgres-log-queue",
            "postgres-password",
            "postgres-settings-check",
        ]);
        const password = generatedPassword(resource(deployment, "postgres-password"));
        assert.deepEqual(inputs(deployment, "postgres-credentials"), {
            apiVersion: "v1",
            kind: "Secret",
            metadata,
            stringData: new Secret({
                username: "app",
                database: "app",
                password,
                verifier: scramVerifier(password),
            }),
        });
        assert.deepEqual(inputs(deployment, "postgres-data"), {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { ...metadata, name: "postgres-data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
        });
        assert.deepEqual(inputs(deployment, "postgres-config").data, {
            ...postgresFiles(memoryBudget(1024 * Mi)!, 10 * 1024 * Mi, { jit: false }, 17),
            ...scripts(...podScripts, "await-settings.sh"),
        });
        assert.deepEqual(inputs(deployment, "postgres-log-queue"), {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { ...metadata, name: "postgres-log-queue" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
        });
        assert.deepEqual(inputs(deployment, "postgres-log-config").data, {
            "logging.conf": renderLoggingConf({ ...args.logging, fileSize: logVolume(Gi).fileSize }, 17),
        });
        const { containers, pod } = workload(deployment, "postgres-deployment");
        assert.deepEqual(
            containers.map(({ name }) => name),
            ["log-keeper", "initialise", "postgres"],
        );
        assert.deepEqual(containers[0], logKeeper(args.image, Gi));
        assert.deepEqual(
            pod.volumes.map(({ name }) => name),
            ["data", "config", "scripts", "credentials", "postgres-logs", "log-keeper", "run", "tmp", "shared-memory"],
        );
    });

    it("keeps its log files on a volume that outlives the Pod, in the directory that the log keeper creates", async () => {
        for (const change of [{}, { shipper }]) {
            const { containers, pod } = workload(await made(change), "postgres-deployment");
            assert.deepEqual(
                pod.volumes.find(({ name }) => name === "postgres-logs"),
                { name: "postgres-logs", persistentVolumeClaim: { claimName: "postgres-log-queue" } },
            );
            const logs = containers
                .at(-1)!
                .volumeMounts.filter(({ name }) => name === "postgres-logs")
                .map(({ mountPath, subPath }) => ({ mountPath, subPath }));
            // Without the subdirectory PostgreSQL could write to the shipper's offsets and chunks.
            assert.deepEqual(logs, [{ mountPath: "/var/log/postgresql", subPath: "logs" }]);
            assert.deepEqual(
                containers
                    .find(({ name }) => name === "initialise")!
                    .volumeMounts.filter(({ name }) => name.includes("log")),
                [],
            );
        }
    });

    it("keeps log lines out of the node's memory and disk", async () => {
        const deployment = await made();
        const { containers } = workload(deployment, "postgres-deployment");
        for (const { name, resources } of containers.filter(({ name }) => name !== "log-keeper"))
            assert.deepEqual(resources, { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } }, name);
        const conf = (inputs(deployment, "postgres-config").data as Record<string, string>)["postgresql.conf"]!;
        assert.match(conf, new RegExp(`^max_connections = ${memoryBudget(1024 * Mi)!.maxConnections}$`, "m"));
    });

    it("has a shipper that starts first, does not block other containers, and keeps its queue on the log volume", async () => {
        const deployment = await made({ shipper });
        assert.deepEqual(
            names(deployment).filter((name) => name !== "postgres-fluent-bit"),
            names(await made()),
        );
        const { containers } = workload(deployment, "postgres-deployment");
        assert.deepEqual(
            containers.map(({ name }) => name),
            ["log-keeper", "fluent-bit", "initialise", "postgres"],
        );
        const [keeper, container] = containers;
        assert.deepEqual(keeper, logKeeper(args.image, Gi), "the shipper waits until it holds the queue's lock");
        assert.equal(container!.restartPolicy, "Always", "an init container that keeps running");
        for (const probe of ["startupProbe", "readinessProbe"])
            assert.equal(probe in container!, false, `no ${probe}: the database is ready without it`);
        assert.deepEqual(container!.volumeMounts, [
            { mountPath: "/var/log/postgresql", name: "postgres-logs", subPath: "logs", readOnly: true },
            { mountPath: "/fluent-bit/queue", name: "postgres-logs" },
            { mountPath: "/fluent-bit/etc/pglog", name: "fluent-bit-config", readOnly: true },
            { mountPath: "/fluent-bit/credentials", name: "elasticsearch-credentials", readOnly: true },
            { mountPath: "/fluent-bit/ca", name: "elasticsearch-ca", readOnly: true },
        ]);
        assert.deepEqual(
            container!.env.filter(({ name }) => name === "POSITIONS"),
            [{ name: "POSITIONS", value: "/fluent-bit/queue/state/positions" }],
        );
        assert.deepEqual(inputs(deployment, "postgres-log-config").data, {
            "logging.conf": renderLoggingConf({ ...args.logging, fileSize: logVolume(Gi).fileSize }, 17),
            "fluent-bit.yaml": renderFluentBit({ ...endpoint, logLevel: "info", volumeSize: Gi, ownCa: true }),
            "document.lua": renderLua(),
        });
    });

    it("mounts no credentials and no authority for an Elasticsearch that has neither", async () => {
        const open = { ...endpoint, auth: "none" as const, credentials: undefined, ca: undefined };
        const { containers, pod } = workload(
            await made({ shipper: { ...shipper, endpoint: open } }),
            "postgres-deployment",
        );
        const about = (name: string) => name.startsWith("elasticsearch-");
        assert.equal(containers[1]!.name, "fluent-bit");
        assert.deepEqual(containers[1]!.volumeMounts.map(({ name }) => name).filter(about), []);
        assert.deepEqual(pod.volumes.map(({ name }) => name).filter(about), []);
    });

    const keptOrNot: [boolean, object][] = [
        [true, kept],
        [false, {}],
    ];
    for (const [protect, options] of keptOrNot)
        it(`${protect ? "keeps" : "does not keep"} volumes and password from deletion when protect is ${protect}`, async () => {
            const deployment = await made({ protect });
            const protectedOnes = deployment.resources.filter(
                (one) => one.options.protect === true || one.options.retainOnDelete === true,
            );
            assert.deepEqual(
                protectedOnes.map(({ name }) => name).toSorted(),
                protect ? ["postgres-data", "postgres-log-queue", "postgres-password"] : [],
            );
            assert.deepEqual(resource(deployment, "postgres-data").options, options);
            assert.deepEqual(resource(deployment, "postgres-log-queue").options, options);
            assert.deepEqual(resource(deployment, "postgres-password").options, options);
        });

    it("requests the stack's storage class and access mode for both volumes", async () => {
        const storage = { size: "20Gi", className: "fast", accessMode: "ReadWriteOncePod" as const };
        const deployment = await made({ storage, logVolumeSize: "6Gi" });
        const spec = (size: string) => ({
            accessModes: ["ReadWriteOncePod"],
            storageClassName: "fast",
            resources: { requests: { storage: size } },
        });
        assert.deepEqual(inputs(deployment, "postgres-data").spec, spec("20Gi"));
        assert.deepEqual(inputs(deployment, "postgres-log-queue").spec, spec("6Gi"));
    });

    it("makes a new password for a new passwordVersion", async () => {
        const keepers = async (passwordVersion: number) =>
            inputs(await made({ passwordVersion }), "postgres-password").keepers;
        assert.deepEqual([await keepers(1), await keepers(2)], [{ version: "1" }, { version: "2" }]);
    });

    const addresses: Record<ServiceKind, object> = {
        ClusterIP: { host: "postgres.orders.svc", port: 5432 },
        Headless: { host: "postgres-headless.orders.svc", port: 5432 },
        NodePort: { host: null, port: chosenNodePort },
        LoadBalancer: { host: "203.0.113.10", port: 5432 },
    };
    const services = (...kinds: ServiceKind[]) => ({
        kinds,
        loadBalancerSourceRanges: ["10.0.0.0/8"],
        loadBalancerAnnotations: { internal: "true" },
    });
    for (const kind of serviceKinds)
        it(`creates a Service ${kind} after the Pod, and gives its address`, async () => {
            const deployment = await made({ services: services(kind) });
            const name = `postgres-${kind.toLowerCase()}`;
            assert.deepEqual(
                names(deployment).filter((one) =>
                    serviceKinds.some((other) => one === `postgres-${other.toLowerCase()}`),
                ),
                [name],
            );
            assert.deepEqual(resource(deployment, name).options.dependsOn, ["postgres-deployment"]);
            assert.deepEqual(deployment.outputs.addresses, { [kind]: addresses[kind] });
        });

    it("gives the address of each of several Services", async () => {
        const deployment = await made({ services: { ...services(...serviceKinds), nodePort: 30432 } });
        assert.deepEqual(deployment.outputs.addresses, {
            ...addresses,
            NodePort: { host: null, port: 30432 },
        });
    });

    const ingresses: [string, object, string][] = [
        ["an address", { ip: "198.51.100.4" }, "198.51.100.4"],
        ["a name, as on AWS", { hostname: "lb.example.com" }, "lb.example.com"],
        ["both", { ip: "198.51.100.4", hostname: "lb.example.com" }, "198.51.100.4"],
    ];
    for (const [what, ingress, host] of ingresses)
        it(`finds a load balancer that has ${what}`, async () => {
            const { outputs } = await made({ services: services("LoadBalancer") }, { ingress });
            assert.deepEqual(outputs.addresses, { LoadBalancer: { host, port: 5432 } });
        });

    it("is probed over TCP, in the application's name", async () => {
        const { containers } = workload(await made(), "postgres-deployment");
        const { startupProbe, livenessProbe, readinessProbe } = containers.at(-1)!;
        const ask = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", "5432", "-U", "app", "-d", "app"];
        assert.deepEqual(readinessProbe.exec.command, ask);
        const alive = ["bash", "-c", `${ask.join(" ")}; [ $? -le 1 ]`];
        assert.deepEqual([startupProbe.exec.command, livenessProbe.exec.command], [alive, alive]);
    });

    const otherPods: [string, Partial<PostgresArgs>][] = [
        ["a new image", { image: "postgres:17.12-bookworm" }],
        ["a new parameter", { parameters: { jit: true } }],
        ["a different way of logging", { logging: { ...args.logging, statement: "mod" } }],
        ["more memory", { memory: "2Gi" }],
        ["a larger log volume", { logVolumeSize: "2Gi" }],
        ["a different Elasticsearch", { shipper: { ...shipper, endpoint: { ...endpoint, host: "other" } } }],
        ["other credentials", { shipper: { ...shipper, endpoint: { ...endpoint, credentials: "other" } } }],
        ["a different log level", { shipper: { ...shipper, logLevel: "debug" } }],
        ["no shipper", { shipper: undefined }],
    ];
    const samePods: [string, Partial<PostgresArgs>][] = [
        ["nothing else", {}],
        ["one more Service", { services: services("ClusterIP", "NodePort") }],
        ["a different storage class", { storage: { ...args.storage, className: "fast" } }],
        ["no protection", { protect: false }],
    ];
    const revisionOf = async (change: Partial<PostgresArgs>) => (await made({ shipper, ...change })).outputs.revision;
    for (const [what, change] of otherPods)
        it(`has a new revision with ${what}`, async () => {
            assert.notEqual(await revisionOf(change), await revisionOf({}));
        });
    for (const [what, change] of samePods)
        it(`has the same revision with ${what}`, async () => {
            const revision = await revisionOf(change);
            assert.match(String(revision), /^[0-9a-f]{16}$/, "in plain text in an annotation");
            assert.equal(revision, await revisionOf({}));
        });

    it("returns the password as a secret, and the name of the Secret that contains it", async () => {
        const deployment = await made();
        const { outputs } = deployment;
        assert.deepEqual(outputs.password, new Secret(generatedPassword(resource(deployment, "postgres-password"))));
        assert.equal(outputs.credentials, objectName(resource(deployment, "postgres-credentials")));
    });

    it("refuses too little memory before it creates anything", async () => {
        const { failures, resources } = await evaluate(() => new Postgres({ ...args, memory: "255Mi" }));
        assert.equal(
            (failures[0] as Error).message,
            `the memory of Postgres is "255Mi"; it must be at least 256Mi, and enough for its parameters`,
        );
        assert.deepEqual(
            resources.map(({ name }) => name),
            ["postgres"],
        );
    });
});
