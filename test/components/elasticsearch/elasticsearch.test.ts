import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Elasticsearch, type ElasticsearchArgs, type ExternalElasticsearch } from "../../../components";
import type { ElasticsearchEndpoint } from "../../../components/elasticsearch/endpoint";
import { elasticsearchNode, realmFiles } from "../../../components/elasticsearch/node";
import { renderSetup } from "../../../components/elasticsearch/setup";
import { labels } from "../../../components/kubernetes/labels";
import { scripts } from "../../../components/kubernetes/script";
import { deploy, type Deployment } from "../../support/deploy";
import { inputs, resource, workload } from "../../support/find";
import { generatedPassword, objectName, Secret } from "../../../render/engine/monitor";

const external: ExternalElasticsearch = {
    mode: "external",
    host: "es.example.com",
    port: 9243,
    scheme: "https",
    auth: "basic",
    username: "writer",
    password: "dummy-password",
};
const args: ElasticsearchArgs = {
    namespace: "orders",
    server: external,
    target: "data-stream",
    index: "logs",
    retentionDays: 30,
    curlImage: "curl:1",
    timeout: 60,
    requirements: { scheduling: {}, imagePullSecrets: [] },
};
const withServer = (change: Partial<ExternalElasticsearch>): Partial<ElasticsearchArgs> => ({
    server: { ...external, ...change },
});

/** One Elasticsearch, and the endpoint for its clients. */
async function made(
    change: Partial<ElasticsearchArgs> = {},
): Promise<Deployment & { endpoint: ElasticsearchEndpoint }> {
    const deployment = await deploy(() => ({
        endpoint: new Elasticsearch({ ...args, ...change }).endpoint,
    }));
    return { ...deployment, endpoint: deployment.outputs.endpoint as ElasticsearchEndpoint };
}

const names = ({ resources }: Deployment) => resources.map(({ name }) => name).toSorted();
const metadata = { namespace: "orders", labels: labels("elasticsearch") };
const named = { ...metadata, name: "elasticsearch" };

describe("Elasticsearch", () => {
    it("gives an external one its name in the namespace, its credentials and its set-up", async () => {
        const deployment = await made();
        assert.deepEqual(names(deployment), [
            "elasticsearch",
            "elasticsearch-credentials",
            "elasticsearch-service",
            "elasticsearch-setup",
            "elasticsearch-setup-config",
        ]);
        assert.deepEqual(inputs(deployment, "elasticsearch-service"), {
            apiVersion: "v1",
            kind: "Service",
            metadata: named,
            spec: { type: "ExternalName", externalName: "es.example.com", ports: [{ name: "external", port: 9243 }] },
        });
        assert.deepEqual(inputs(deployment, "elasticsearch-credentials"), {
            apiVersion: "v1",
            kind: "Secret",
            metadata,
            stringData: new Secret({ username: "writer", password: "dummy-password" }),
        });
        assert.deepEqual(deployment.endpoint, {
            inCluster: false,
            scheme: "https",
            host: "es.example.com",
            port: 9243,
            serverName: "es.example.com",
            auth: "basic",
            credentials: objectName(resource(deployment, "elasticsearch-credentials")),
            target: "data-stream",
            index: "logs",
        });
    });

    const addresses: [string, string][] = [
        ["192.0.2.7", "IPv4"],
        ["2001:db8::7", "IPv6"],
    ];
    for (const [host, addressType] of addresses)
        it(`gives the address ${host} a DNS name that leads only to it`, async () => {
            const deployment = await made(withServer({ host }));
            const ports = [{ name: "external", port: 9243 }];
            assert.deepEqual(inputs(deployment, "elasticsearch-service"), {
                apiVersion: "v1",
                kind: "Service",
                metadata: named,
                spec: { ports },
            });
            assert.deepEqual(inputs(deployment, "elasticsearch-address"), {
                apiVersion: "discovery.k8s.io/v1",
                kind: "EndpointSlice",
                metadata: { ...named, labels: { ...named.labels, "kubernetes.io/service-name": "elasticsearch" } },
                addressType,
                endpoints: [{ addresses: [host], conditions: { ready: true } }],
                ports,
            });
            const { host: connectedTo, serverName } = deployment.endpoint;
            assert.deepEqual({ connectedTo, serverName }, { connectedTo: "elasticsearch", serverName: host });
            assert.deepEqual(resource(deployment, "elasticsearch-setup").options.dependsOn, [
                "elasticsearch-address",
                "elasticsearch-service",
            ]);
        });

    it("keeps the certificate's name apart from the address", async () => {
        const deployment = await made(withServer({ host: "192.0.2.7", serverName: "es.internal" }));
        assert.equal(deployment.endpoint.host, "elasticsearch");
        assert.equal(deployment.endpoint.serverName, "es.internal");
        assert.deepEqual(workload(deployment, "elasticsearch-setup").containers[0]!.env.slice(0, 2), [
            { name: "ELASTICSEARCH_URL", value: "https://es.internal:9243" },
            { name: "ELASTICSEARCH_CONNECT_TO", value: "es.internal:9243:elasticsearch:9243" },
        ]);
    });

    it("mounts the certificates of a private authority", async () => {
        const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        const deployment = await made(withServer({ ca }));
        assert.deepEqual(inputs(deployment, "elasticsearch-ca"), {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { ...metadata, name: "elasticsearch-ca" },
            data: { "ca.crt": ca },
        });
        assert.equal(deployment.endpoint.ca, "elasticsearch-ca");
        const { pod, containers } = workload(deployment, "elasticsearch-setup");
        assert.deepEqual(
            pod.volumes.find(({ name }) => name === "ca"),
            { name: "ca", configMap: { name: "elasticsearch-ca" } },
        );
        assert.deepEqual(
            containers[0]!.volumeMounts.find(({ name }) => name === "ca"),
            { name: "ca", mountPath: "/ca", readOnly: true },
        );
    });

    it("keeps an API key in a Secret of its own", async () => {
        const deployment = await made({
            ...withServer({ auth: "apiKey", username: undefined, password: undefined, apiKey: "dummy-key" }),
            target: "index",
        });
        assert.deepEqual(
            inputs(deployment, "elasticsearch-credentials").stringData,
            new Secret({ apiKey: "dummy-key" }),
        );
    });

    it("creates no Secret if the stack names an existing one", async () => {
        const deployment = await made(
            withServer({ existingSecret: "login", username: undefined, password: undefined }),
        );
        assert.equal(names(deployment).includes("elasticsearch-credentials"), false);
        assert.equal(deployment.endpoint.credentials, "login");
    });

    it("creates and mounts no Secret without authentication", async () => {
        const deployment = await made(withServer({ auth: "none", username: undefined, password: undefined }));
        assert.equal(names(deployment).includes("elasticsearch-credentials"), false);
        assert.deepEqual(deployment.endpoint, {
            inCluster: false,
            scheme: "https",
            host: "es.example.com",
            port: 9243,
            serverName: "es.example.com",
            auth: "none",
            target: "data-stream",
            index: "logs",
        });
        assert.deepEqual(
            workload(deployment, "elasticsearch-setup").pod.volumes.map(({ name }) => name),
            ["tmp", "scripts"],
        );
    });

    it("passes a password on only as a secret, even if it was given as plain text", async () => {
        for (const password of ["dummy-password", pulumi.output("dummy-password"), Promise.resolve("dummy-password")]) {
            const deployment = await made(withServer({ password }));
            assert.deepEqual(inputs(deployment, "elasticsearch"), {});
            assert.deepEqual(
                inputs(deployment, "elasticsearch-credentials").stringData,
                new Secret({ username: "writer", password: "dummy-password" }),
            );
        }
    });

    it("can create a node in the cluster, with one user from the start", async () => {
        const deployment = await made({ server: { mode: "in-cluster", image: "elasticsearch:8.19.21" } });
        assert.deepEqual(names(deployment), [
            "elasticsearch",
            "elasticsearch-credentials",
            "elasticsearch-data",
            "elasticsearch-deployment",
            "elasticsearch-password",
            "elasticsearch-realm",
            "elasticsearch-service",
            "elasticsearch-setup",
            "elasticsearch-setup-config",
        ]);
        const password = generatedPassword(resource(deployment, "elasticsearch-password"));
        assert.deepEqual(
            inputs(deployment, "elasticsearch-credentials").stringData,
            new Secret({ username: "pglog", password }),
        );
        assert.deepEqual(inputs(deployment, "elasticsearch-realm").stringData, new Secret(realmFiles(password)));
        assert.deepEqual(
            inputs(deployment, "elasticsearch-deployment").spec,
            JSON.parse(
                JSON.stringify(
                    elasticsearchNode(
                        "elasticsearch:8.19.21",
                        "elasticsearch-data",
                        objectName(resource(deployment, "elasticsearch-realm")),
                        args.requirements,
                    ),
                ),
            ),
        );
        assert.deepEqual(inputs(deployment, "elasticsearch-service").spec, {
            selector: { "app.kubernetes.io/name": "elasticsearch", "app.kubernetes.io/instance": "elasticsearch" },
            ports: [{ name: "http", port: 9200, targetPort: "http" }],
        });
        assert.deepEqual(inputs(deployment, "elasticsearch-data").spec, {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "10Gi" } },
        });
        assert.deepEqual(deployment.endpoint, {
            inCluster: true,
            scheme: "http",
            host: "elasticsearch",
            port: 9200,
            serverName: "elasticsearch",
            auth: "basic",
            credentials: objectName(resource(deployment, "elasticsearch-credentials")),
            target: "data-stream",
            index: "logs",
        });
        assert.deepEqual(resource(deployment, "elasticsearch-service").options.dependsOn, ["elasticsearch-deployment"]);
    });

    it("asks for its volume from the stack's StorageClass, and leaves the class of an existing volume", async () => {
        const server = { mode: "in-cluster" as const, image: "elasticsearch:8.19.21", storageClass: "fast-ssd" };
        const deployment = await made({ server });
        assert.deepEqual(inputs(deployment, "elasticsearch-data").spec, {
            accessModes: ["ReadWriteOnce"],
            storageClassName: "fast-ssd",
            resources: { requests: { storage: "10Gi" } },
        });
        assert.deepEqual(resource(deployment, "elasticsearch-data").options.ignoreChanges, ["spec.storageClassName"]);
    });

    for (const server of [
        external,
        { ...external, host: "192.0.2.7" },
        { mode: "in-cluster" as const, image: "elasticsearch:8.19.21" },
    ])
        it(`has a Service that goes with its slices: ${"host" in server ? server.host : server.mode}`, async () => {
            const { options } = resource(await made({ server }), "elasticsearch-service");
            assert.deepEqual(options.replaceOnChanges, ["spec.selector"]);
            assert.equal(options.deleteBeforeReplace, true);
        });

    it("is set up by a Job that runs again with each changed request, and fails at once with the reason", async () => {
        const deployment = await made();
        const data = { ...renderSetup(args), ...scripts("elasticsearch.sh", "setup.sh") };
        assert.deepEqual(inputs(deployment, "elasticsearch-setup-config").data, data);
        const { spec, template, pod, containers } = workload(deployment, "elasticsearch-setup");
        assert.deepEqual(
            { backoffLimit: spec.backoffLimit, restartPolicy: pod.restartPolicy },
            { backoffLimit: 0, restartPolicy: "Never" },
        );
        assert.deepEqual(containers[0]!.env, [
            { name: "ELASTICSEARCH_URL", value: "https://es.example.com:9243" },
            { name: "TIMEOUT", value: "60" },
        ]);
        assert.deepEqual(resource(deployment, "elasticsearch-setup").options, {
            deleteBeforeReplace: true,
            createTimeout: "180s",
            dependsOn: ["elasticsearch-service"],
        });
        const checksumOf = (one: Deployment) =>
            workload(one, "elasticsearch-setup").template.metadata.annotations["pglog/config"];
        assert.equal(checksumOf(await made()), template.metadata.annotations["pglog/config"]);
        assert.notEqual(checksumOf(await made({ retentionDays: 31 })), template.metadata.annotations["pglog/config"]);
    });
});
