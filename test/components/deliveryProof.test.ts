import assert from "node:assert/strict";
import { DeliveryProof, type DeliveryProofArgs } from "../../components";
import { labels } from "../../components/kubernetes/labels";
import { checksum, scripts } from "../../components/kubernetes/script";
import { deploy, type Deployment } from "../support/deploy";
import { inputs, resource, workload } from "../support/find";

const args: DeliveryProofArgs = {
    namespace: "orders",
    postgresImage: "postgres:17.11-bookworm",
    curlImage: "curl:1",
    host: "postgres.orders.svc",
    database: "app",
    credentials: "postgres-credentials-0a1b2c3d",
    endpoint: {
        inCluster: false,
        scheme: "https",
        host: "elasticsearch",
        port: 9200,
        serverName: "es.example.com",
        auth: "basic",
        credentials: "es-credentials-0a1b2c3d",
        ca: "elasticsearch-ca",
        target: "index",
        index: "logs",
    },
    revision: "0123456789abcdef",
    timeout: 120,
    requirements: { scheduling: {}, imagePullSecrets: [] },
};
const made = (change: Partial<DeliveryProofArgs> = {}): Promise<Deployment> =>
    deploy(() => ({ proven: new DeliveryProof({ ...args, ...change }).proven }));

const marker = [
    { name: "POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
    { name: "REVISION", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['pglog/revision']" } } },
    { name: "MARKER", value: "$(REVISION)-$(POD_UID)" },
];

describe("DeliveryProof", () => {
    it("has PostgreSQL log a marker, and then waits for it in Elasticsearch", async () => {
        const deployment = await made();
        const { containers, pod } = workload(deployment, "delivery-proof-job");
        assert.deepEqual(
            containers.map(({ name, image, command, env }) => ({ name, image, command, env })),
            [
                {
                    name: "log-marker",
                    image: "postgres:17.11-bookworm",
                    command: ["bash", "/scripts/log-marker.sh"],
                    env: [
                        { name: "PGHOST", value: "postgres.orders.svc" },
                        { name: "PGPORT", value: "5432" },
                        { name: "PGUSER", value: "app" },
                        { name: "PGDATABASE", value: "postgres" },
                        { name: "TIMEOUT", value: "120" },
                        ...marker,
                    ],
                },
                {
                    name: "await-delivery",
                    image: "curl:1",
                    command: ["sh", "/scripts/await-delivery.sh"],
                    env: [
                        { name: "ELASTICSEARCH_URL", value: "https://es.example.com:9200" },
                        { name: "ELASTICSEARCH_CONNECT_TO", value: "es.example.com:9200:elasticsearch:9200" },
                        { name: "TARGET", value: "index" },
                        { name: "INDEX", value: "logs" },
                        { name: "SEARCH", value: "logs-*" },
                        { name: "FLUENT_BIT_URL", value: "http://fluent-bit:2020" },
                        { name: "TIMEOUT", value: "120" },
                        ...marker,
                    ],
                },
            ],
        );
        assert.equal(pod.initContainers.length, 1, "the second starts when the first is done");
        assert.deepEqual(
            inputs(deployment, "delivery-proof-scripts").data,
            scripts("elasticsearch.sh", "log-marker.sh", "await-delivery.sh"),
        );
    });

    it("gives each container only the credentials that it needs", async () => {
        const { containers, pod } = workload(await made(), "delivery-proof-job");
        const mounts = containers.map(({ name, volumeMounts }) => [
            name,
            Object.fromEntries(volumeMounts.map((mount) => [mount.mountPath, mount.name])),
        ]);
        assert.deepEqual(Object.fromEntries(mounts), {
            "log-marker": {
                "/scripts": "scripts",
                "/tmp": "tmp",
                "/credentials": "postgres-credentials",
                "/proof": "proof",
            },
            "await-delivery": {
                "/scripts": "scripts",
                "/tmp": "tmp",
                "/credentials": "credentials",
                "/ca": "ca",
                "/proof": "proof",
            },
        });
        assert.deepEqual(
            pod.volumes.map(({ name, secret }) => [name, secret]).filter(([, secret]) => secret !== undefined),
            [
                ["credentials", { secretName: "es-credentials-0a1b2c3d", defaultMode: 0o440 }],
                [
                    "postgres-credentials",
                    {
                        secretName: "postgres-credentials-0a1b2c3d",
                        items: [{ key: "password", path: "password" }],
                        defaultMode: 0o440,
                    },
                ],
            ],
        );
    });

    it("is one Job, which is not retried and replaces the previous one", async () => {
        const deployment = await made();
        const { spec, template, pod } = workload(deployment, "delivery-proof-job");
        assert.deepEqual(
            { backoffLimit: spec.backoffLimit, restartPolicy: pod.restartPolicy, metadata: template.metadata },
            {
                backoffLimit: 0,
                restartPolicy: "Never",
                metadata: {
                    labels: labels("delivery-proof"),
                    annotations: {
                        "pglog/config": checksum(scripts("elasticsearch.sh", "log-marker.sh", "await-delivery.sh")),
                        "pglog/revision": "0123456789abcdef",
                    },
                },
            },
        );
        assert.deepEqual(resource(deployment, "delivery-proof-job").options, {
            deleteBeforeReplace: true,
            createTimeout: "420s",
        });
        assert.deepEqual(inputs(deployment, "delivery-proof-job").metadata, {
            // No name: a preview would find the earlier run under it.
            namespace: "orders",
            labels: labels("delivery-proof"),
            annotations: { "pulumi.com/replaceUnready": "true" },
        });
    });

    it("reports what it has proven", async () => {
        const deployment = await made();
        assert.deepEqual(deployment.outputs, { proven: "0123456789abcdef" });
        assert.deepEqual(resource(deployment, "delivery-proof").outputs, { proven: "0123456789abcdef" });
    });

    it("runs again exactly when something changes that delivery depends on", async () => {
        const job = async (change: Partial<DeliveryProofArgs>) => inputs(await made(change), "delivery-proof-job");
        const before = await job({});
        assert.deepEqual(await job({}), before);
        assert.notDeepEqual(await job({ revision: "fedcba9876543210" }), before);
        assert.notDeepEqual(await job({ endpoint: { ...args.endpoint, index: "other" } }), before);
    });
});
