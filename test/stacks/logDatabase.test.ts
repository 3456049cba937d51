import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { alertGroups } from "../../components/shipper/alerts";
import { loadConfig } from "../../stacks/config";
import { logDatabase, type LogAccess } from "../../stacks/logDatabase";
import { deploy, type Deployment } from "../support/deploy";
import { inputs, resource, workloads } from "../support/find";
import { generatedPassword, Secret } from "../../render/engine/monitor";
import { configOf, stackFile, stacks } from "../support/stackFile";

const least = { elasticsearchHost: "es.example.com", elasticsearchUser: "writer" };
const secrets = { elasticsearchPassword: "dummy-password" };
const made = (values: Record<string, unknown> = {}): Promise<Deployment> =>
    deploy(() => logDatabase(loadConfig()), { config: configOf({ ...least, ...values }, secrets) });

const components = ({ resources }: Deployment) => resources.filter(({ custom }) => !custom).map(({ name }) => name);

/** An external Elasticsearch that is reached by name. */
const elsewhere = ({ outputs }: Deployment) => {
    const { credentials } = outputs.logs as { credentials: string };
    assert.match(credentials, /^elasticsearch-credentials-[0-9a-f]{8}$/);
    return {
        ...{ elasticsearch: "https://es.example.com:9200", inCluster: false, connectTo: null },
        ...{ credentials, ca: null },
    };
};

describe("logDatabase", () => {
    it("outputs the addresses of the database and its lines, and keeps the password secret", async () => {
        const deployment = await made();
        const { outputs } = deployment;
        const host = "postgres.pglog-test.svc";
        assert.deepEqual(outputs, {
            namespace: "pglog-test",
            dnsName: host,
            services: { ClusterIP: { host, port: 5432 } },
            connectionUri: new Secret(
                `postgresql://app:${generatedPassword(resource(deployment, "postgres-password"))}@${host}:5432/app`,
            ),
            logs: { ...elsewhere(deployment), search: "logs-postgresql.log-test" },
        });
    });

    it("outputs the first Service, the database and the namespace of the stack", async () => {
        const deployment = await made({
            namespace: "orders",
            database: "orders",
            services: ["Headless", "ClusterIP"],
            elasticsearchTarget: "index",
        });
        const { outputs } = deployment;
        const host = "postgres-headless.orders.svc";
        assert.deepEqual(outputs, {
            namespace: "orders",
            dnsName: host,
            services: {
                Headless: { host, port: 5432 },
                ClusterIP: { host: "postgres.orders.svc", port: 5432 },
            },
            connectionUri: new Secret(
                `postgresql://orders:${generatedPassword(resource(deployment, "postgres-password"))}@${host}:5432/orders`,
            ),
            logs: { ...elsewhere(deployment), search: "postgresql-logs-test-*" },
        });
    });

    it("outputs how a reader reaches an Elasticsearch, given as an address or in the cluster", async () => {
        const { outputs } = await made({
            elasticsearchHost: "192.0.2.7",
            elasticsearchServerName: "es.example.com",
            elasticsearchCa: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n",
        });
        const { elasticsearch, connectTo, ca } = outputs.logs as LogAccess;
        assert.deepEqual(
            [elasticsearch, connectTo, ca],
            ["https://es.example.com:9200", "192.0.2.7", "elasticsearch-ca"],
        );
        const own = await deploy(() => logDatabase(loadConfig()), { config: stackFile("dev"), stack: "dev" });
        const { inCluster, connectTo: elsewhere } = own.outputs.logs as LogAccess;
        assert.deepEqual([inCluster, elsewhere], [true, null]);
    });

    it("creates Elasticsearch, PostgreSQL and the delivery proof, in that order", async () => {
        const deployment = await made();
        assert.deepEqual(components(deployment).toSorted(), ["delivery-proof", "elasticsearch", "postgres"]);
        const waitsFor = (name: string) => resource(deployment, name).options.dependsOn ?? [];
        assert.ok(waitsFor("postgres").includes("elasticsearch-setup"), "no line before the index template");
        for (const name of ["postgres-deployment", "postgres-clusterip"])
            assert.ok(waitsFor("delivery-proof").includes(name), `no proof before ${name}`);
    });

    it("is PostgreSQL alone without a shipper, and outputs no place of the lines", async () => {
        const deployment = await made({ shipper: "none" });
        assert.deepEqual(components(deployment), ["postgres"]);
        assert.equal(deployment.outputs.logs ?? undefined, undefined);
        assert.deepEqual(resource(deployment, "postgres").options.dependsOn, undefined);
    });

    it("gives every Pod the scheduling and the Secrets of the registries, and no Pod empty ones", async () => {
        const scheduling = {
            nodeSelector: { disk: "fast" },
            tolerations: [{ key: "dedicated", operator: "Exists" }],
            affinity: { nodeAffinity: {} },
        };
        const values = { elasticsearchMode: "in-cluster", scheduling, imagePullSecrets: ["registry-login"] };
        const pods = workloads(await deploy(() => logDatabase(loadConfig()), { config: configOf(values) }));
        assert.equal(pods.length, 5);
        for (const { name, pod } of pods) {
            const { nodeSelector, tolerations, affinity, imagePullSecrets } = pod;
            assert.deepEqual({ nodeSelector, tolerations, affinity }, scheduling, name);
            assert.deepEqual(imagePullSecrets, [{ name: "registry-login" }], name);
        }
        for (const { name, pod } of workloads(await made()))
            for (const field of ["nodeSelector", "tolerations", "affinity", "imagePullSecrets"])
                assert.ok(!(field in pod), `${name} has ${field}`);
    });

    it("has alerts and annotations for Prometheus only if they are asked for, without a change of the Pod", async () => {
        const values = { elasticsearchMode: "in-cluster", logOutage: "2h", logPeakRate: 1 };
        const made: Deployment[] = [];
        for (const monitoring of ["none", "annotations", "operator"])
            made.push(await deploy(() => logDatabase(loadConfig()), { config: configOf({ ...values, monitoring }) }));
        const [none, annotations, operator] = made;
        const types = (deployment: Deployment) => new Set(deployment.resources.map(({ type }) => type));
        const annotated = (deployment: Deployment) =>
            Object.keys(
                (inputs(deployment, "postgres-fluent-bit").metadata as { annotations: object }).annotations,
            ).sort();
        const scrape = ["path", "port", "scrape"].map((name) => `prometheus.io/${name}`);
        assert.deepEqual(made.map(annotated), [
            ["pulumi.com/skipAwait"],
            [...scrape, "pulumi.com/skipAwait"],
            ["pulumi.com/skipAwait"],
        ]);
        const added = [...types(operator!)].filter((type) => !types(none!).has(type));
        const kinds = ["PodMonitor", "PrometheusRule"].map((kind) => `kubernetes:monitoring.coreos.com/v1:${kind}`);
        assert.deepEqual(added.sort(), [...kinds, "pglog:index:Monitoring"]);
        assert.deepEqual(types(annotations!), types(none!));
        const template = (deployment: Deployment) =>
            (inputs(deployment, "postgres-deployment").spec as { template: object }).template;
        assert.deepEqual(template(operator!), template(none!));
        assert.deepEqual(template(annotations!), template(none!));
        const { spec } = inputs(operator!, "monitoring-pods") as { spec: { selector: { matchLabels: object } } };
        const { metadata } = template(none!) as { metadata: { labels: Record<string, string> } };
        for (const [name, value] of Object.entries(spec.selector.matchLabels))
            assert.equal(metadata.labels[name], value);
        const rules = alertGroups({ namespace: "pglog-test", outage: 7200 });
        assert.deepEqual(inputs(operator!, "monitoring-alerts").spec, rules);
    });

    it("gives the proof the revision of its Pod", async () => {
        const deployment = await made();
        const { revision } = resource(deployment, "postgres").outputs!;
        assert.match(String(revision), /^[0-9a-f]{16}$/);
        assert.equal(resource(deployment, "delivery-proof").outputs!.proven, revision);
    });

    it("creates a namespace that admits only restricted Pods", async () => {
        assert.deepEqual(inputs(await made(), "namespace").metadata, {
            name: "pglog-test",
            labels: {
                "app.kubernetes.io/name": "pglog",
                "app.kubernetes.io/instance": "pglog",
                "app.kubernetes.io/part-of": "pglog",
                "app.kubernetes.io/managed-by": "pulumi",
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
        });
    });

    for (const stack of stacks)
        it(`plans in a preview what it creates for stack ${stack}`, async () => {
            const run = (preview: boolean) =>
                deploy(() => logDatabase(loadConfig()), { config: stackFile(stack), stack, preview });
            const shape = ({ resources }: Deployment) => resources.map(({ urn, options }) => ({ urn, options }));
            assert.deepEqual(shape(await run(true)), shape(await run(false)));
        });

    it("is what index.ts runs, and all that it exports", async () => {
        const options = { config: stackFile("dev"), stack: "dev" };
        const load = createRequire(__filename);
        const exported = await deploy(() => ({ ...(load("../../index.ts") as object) }), options);
        const made = await deploy(() => logDatabase(loadConfig()), options);
        assert.deepEqual(exported.outputs, made.outputs);
        assert.deepEqual(exported.resources, made.resources);
    });
});
