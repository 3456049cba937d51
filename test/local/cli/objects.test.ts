import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { addressOfPostgres, renderObjects, type KubernetesObject } from "../../../local/cli/objects";
import { stacks } from "../../support/stackFile";

const service = (name: string, spec: KubernetesObject["spec"], status?: KubernetesObject["status"]) => ({
    kind: "Service",
    metadata: { name },
    spec,
    status,
});
const ports = [{ name: "postgres", port: 5432 }];

/** The labels of an object in a golden file, which abbreviates them. */
function labelsOf({ metadata }: KubernetesObject) {
    const [, name = ""] = /\[labels of (.*)\]/.exec(JSON.stringify(metadata.labels)) ?? [];
    return { "app.kubernetes.io/name": name };
}

describe("the table of objects that npm start shows", () => {
    const rows = (...objects: KubernetesObject[]) =>
        renderObjects(objects)
            .split("\n")
            .slice(2, -1)
            .map((row) => row.split("│").slice(1, -1))
            .map((cells) => cells.map((cell) => cell.trim()));

    const shown: [string, KubernetesObject, string[]][] = [
        [
            "a Deployment that is ready",
            {
                kind: "Deployment",
                metadata: { name: "postgres" },
                spec: { replicas: 1 },
                status: { readyReplicas: 1 },
            },
            ["Deployment postgres", "PostgreSQL and its log shipper", "ready"],
        ],
        [
            "a Deployment that is not ready",
            { kind: "Deployment", metadata: { name: "elasticsearch" }, spec: { replicas: 1 }, status: {} },
            ["Deployment elasticsearch", "Elasticsearch", "0 of 1 ready"],
        ],
        [
            "a Job that succeeded",
            {
                kind: "Job",
                metadata: {
                    name: "delivery-proof-job-1b2c3d4e",
                    labels: { "app.kubernetes.io/name": "delivery-proof" },
                },
                status: { conditions: [{ type: "Complete", status: "True" }] },
            },
            ["Job delivery-proof", "proves that a log line arrives", "done"],
        ],
        [
            "a Job that has failed",
            { kind: "Job", metadata: { name: "x" }, status: { conditions: [{ type: "Failed", status: "True" }] } },
            ["Job x", "", "failed"],
        ],
        [
            "a Service for Pods",
            service("postgres", { type: "ClusterIP", clusterIP: "10.1.2.3", ports }),
            ["Service postgres", "PostgreSQL, for Pods", "10.1.2.3:5432"],
        ],
        [
            "a Service on the nodes",
            service("postgres-nodeport", { type: "NodePort", ports: [{ ...ports[0]!, nodePort: 31505 }] }),
            ["Service postgres-nodeport", "PostgreSQL, on a port of each node", "port 31505 of each node"],
        ],
        [
            "a Service without an address",
            service("postgres-headless", { clusterIP: "None", ports }),
            ["Service postgres-headless", "PostgreSQL, by the Pod's own address", "port 5432 of the Pod"],
        ],
        [
            "a load balancer",
            service(
                "postgres-loadbalancer",
                { clusterIP: "10.1.2.3", ports: [{ ...ports[0]!, nodePort: 31506 }] },
                { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
            ),
            ["Service postgres-loadbalancer", "PostgreSQL, through a load balancer", "192.0.2.1:5432"],
        ],
        [
            "a volume",
            {
                kind: "PersistentVolumeClaim",
                metadata: { name: "postgres-data" },
                status: { phase: "Bound", capacity: { storage: "1Gi" } },
            },
            ["Volume postgres-data", "the databases", "1Gi"],
        ],
    ];
    for (const [what, object, expected] of shown)
        it(`has one row for ${what}`, () => {
            assert.deepEqual(rows(object), [expected]);
        });

    it("has a purpose for each object of a committed stack", () => {
        for (const stack of stacks) {
            const { resources } = JSON.parse(readFileSync(`test/golden/${stack}.json`, "utf8")) as {
                resources: { inputs?: KubernetesObject }[];
            };
            const objects = resources
                .map(({ inputs }) => inputs)
                .filter((inputs) => inputs !== undefined)
                .filter(({ kind }) => ["Deployment", "Job", "Service", "PersistentVolumeClaim"].includes(kind))
                .map((object) => ({ ...object, metadata: { ...object.metadata, labels: labelsOf(object) } }));
            assert.ok(objects.length > 4, stack);
            for (const object of objects) {
                const [[name, purpose] = []] = rows(object);
                assert.notEqual(purpose, "", `${stack}: ${name}`);
            }
        }
    });
});

describe("the address of PostgreSQL for this machine", () => {
    it("is the address of the first Service that has one", () => {
        assert.deepEqual(
            addressOfPostgres([
                service("elasticsearch", { clusterIP: "10.1.2.1", ports: [{ port: 9200 }] }),
                service("postgres-headless", { clusterIP: "None", ports }),
                service("postgres", { clusterIP: "10.1.2.3", ports }),
            ]),
            { host: "10.1.2.3", port: 5432 },
        );
    });

    it("is undefined if no Service has one", () => {
        assert.equal(addressOfPostgres([service("postgres-headless", { clusterIP: "None", ports })]), undefined);
    });
});
