import assert from "node:assert/strict";
import {
    differences,
    isInTheWay,
    named,
    pruned,
    withoutIgnored,
    type KubernetesObject,
} from "../../../local/standin/kubernetesDiff";
import { hasFailed, waitsFor, type Reader } from "../../../local/standin/kubernetesReady";
import { withTexts } from "../../../local/standin/kubernetesSecret";
import { randomText } from "../../../local/standin/randomText";

const object = (
    kind: string,
    more: Record<string, unknown> = {},
    metadata: Record<string, unknown> = { name: "it", namespace: "here" },
) => ({ apiVersion: "v1", kind, metadata, ...more }) as KubernetesObject;

describe("the stand-in for the Kubernetes provider", () => {
    const seed = new Uint8Array([1, 2, 3]);
    const fixed = { configMaps: false, secrets: false };

    it("gives a name that begins with the resource's, and keeps it", () => {
        const first = named(object("Secret", {}, {}), undefined, "credentials", seed);
        assert.match(first.metadata.name, /^credentials-[0-9a-f]{8}$/);
        assert.equal(first.metadata.namespace, "default");
        assert.deepEqual(named(object("Secret", {}, {}), first, "credentials", new Uint8Array([9])), first);
        assert.notEqual(
            named(object("Secret", {}, {}), undefined, "credentials", new Uint8Array([9])).metadata.name,
            first.metadata.name,
        );
    });

    it("keeps a given name, and puts no Namespace into a namespace", () => {
        assert.deepEqual(named(object("Secret"), undefined, "credentials", seed), object("Secret"));
        assert.equal(
            named(object("Namespace", {}, { name: "one" }), undefined, "one", seed).metadata.namespace,
            undefined,
        );
    });

    const changes: [what: string, before: KubernetesObject, after: KubernetesObject, expected: string[]][] = [
        ["nothing", object("Job", { spec: { a: 1 } }), object("Job", { spec: { a: 1 } }), []],
        [
            "data of a ConfigMap",
            object("ConfigMap", { data: { "a.conf": "1" } }),
            object("ConfigMap", { data: { "a.conf": "2" } }),
            ['UPDATE! data["a.conf"]'],
        ],
        [
            "a Job's template",
            object("Job", { spec: { template: { a: [1] } } }),
            object("Job", { spec: { template: { a: [1, 2] } } }),
            ["ADD! spec.template.a[1]"],
        ],
        [
            "a Job's deadline",
            object("Job", { spec: { activeDeadlineSeconds: 1 } }),
            object("Job", { spec: {} }),
            ["DELETE spec.activeDeadlineSeconds"],
        ],
        [
            "the size of a claim",
            object("PersistentVolumeClaim", { spec: { resources: { requests: { storage: "1Gi" } } } }),
            object("PersistentVolumeClaim", { spec: { resources: { requests: { storage: "2Gi" } } } }),
            ["UPDATE spec.resources.requests.storage"],
        ],
        [
            "the class of a claim",
            object("PersistentVolumeClaim", { spec: {} }),
            object("PersistentVolumeClaim", { spec: { storageClassName: "fast" } }),
            ["ADD! spec.storageClassName"],
        ],
        [
            "a field whose name begins like one that replaces",
            object("Service", { spec: { clusterIPs: [] } }),
            object("Service", { spec: { clusterIPs: ["None"] } }),
            ["ADD spec.clusterIPs[0]"],
        ],
        [
            "the namespace",
            object("Deployment"),
            object("Deployment", {}, { name: "it", namespace: "there" }),
            ["UPDATE! metadata.namespace"],
        ],
    ];
    for (const [what, before, after, expected] of changes)
        it(`knows which changes replace an object: ${what}`, () => {
            const found = differences(before, after, fixed).map(
                ({ path, kind, replaces }) => `${kind}${replaces ? "!" : ""} ${path}`,
            );
            assert.deepEqual(found, expected);
        });

    it("changes data in place if the provider is configured to", () => {
        for (const kind of ["ConfigMap", "Secret"]) {
            const [before, after] = [object(kind, { data: { a: "1" } }), object(kind, { data: { a: "2" } })];
            assert.deepEqual(
                differences(before, after, { configMaps: true, secrets: true }).map(({ replaces }) => replaces),
                [false],
            );
        }
    });

    it("deletes an object first if the new one needs its name", () => {
        assert.equal(isInTheWay(object("Job"), object("Job")), true);
        assert.equal(isInTheWay(object("Job"), object("Job", {}, { name: "it", namespace: "there" })), false);
        const auto = named(object("Job", {}, {}), undefined, "job", seed);
        assert.equal(isInTheWay(auto, auto), false);
    });

    it("takes the old value of an ignored change", () => {
        const [before, after] = [
            object("Job", { spec: { a: 1, b: [{ c: 1 }] } }),
            object("Job", { spec: { a: 2, b: [{ c: 2 }], d: 3 } }),
        ];
        assert.deepEqual(
            withoutIgnored(after, before, ["spec.a", "spec.b[0].c", "spec.d", "spec.none.at.all"]),
            before,
        );
        assert.deepEqual(after.spec, { a: 2, b: [{ c: 2 }], d: 3 });
    });

    it("ignores the server's defaults, but finds what it changed", () => {
        const live = {
            spec: { type: "ClusterIP", ports: [{ port: 5432, protocol: "TCP" }], sessionAffinity: "None" },
            status: {},
        };
        assert.deepEqual(pruned(live, { spec: { type: "NodePort", ports: [{ port: 5432 }] } }), {
            spec: { type: "ClusterIP", ports: [{ port: 5432 }] },
        });
    });

    it("compares a Secret's texts with the cluster's data", () => {
        const given = { stringData: { password: "1", gone: "2" } };
        assert.deepEqual(withTexts({ data: { password: "Mg==", more: "Mw==" } }, given), {
            data: { password: "Mg==", more: "Mw==" },
            stringData: { password: "2" },
        });
        const configMap = { kind: "ConfigMap", data: { a: "1" } };
        assert.deepEqual(withTexts(configMap, configMap), configMap);
    });

    const cluster = (objects: KubernetesObject[] = []): Reader => ({
        read: ({ kind }) => {
            const found = objects.find((one) => one.kind === kind);
            return found ? Promise.resolve(found) : Promise.reject(new Error("not found"));
        },
        list: (_version, kind) => Promise.resolve(objects.filter((one) => one.kind === kind)),
    });
    const slice = (...ready: boolean[]) =>
        object("EndpointSlice", { endpoints: ready.map((one) => ({ conditions: { ready: one } })) });
    const selecting = { spec: { selector: { app: "postgres" } } };
    const waiting: [what: string, object: KubernetesObject, cluster: Reader, expected: string | undefined][] = [
        ["a ConfigMap", object("ConfigMap"), cluster(), undefined],
        [
            "a Deployment that has just been changed",
            object(
                "Deployment",
                { status: { availableReplicas: 1, updatedReplicas: 1, replicas: 1 } },
                { name: "it", generation: 2 },
            ),
            cluster(),
            "1 of 1 replicas",
        ],
        [
            "a Deployment whose old Pod is still there",
            object("Deployment", {
                status: { observedGeneration: 1, availableReplicas: 1, updatedReplicas: 1, replicas: 2 },
            }),
            cluster(),
            "1 of 1 replicas",
        ],
        [
            "a Deployment that is done",
            object("Deployment", { status: { availableReplicas: 1, updatedReplicas: 1, replicas: 1 } }),
            cluster(),
            undefined,
        ],
        ["a Job that runs", object("Job", { status: {} }), cluster(), "the Job to succeed"],
        [
            "a Job that has succeeded",
            object("Job", { status: { conditions: [{ type: "Complete", status: "True" }] } }),
            cluster(),
            undefined,
        ],
        [
            "a claim",
            object("PersistentVolumeClaim", { spec: { storageClassName: "standard" } }),
            cluster(),
            "the claim to be bound",
        ],
        [
            "a claim that waits for its Pod",
            object("PersistentVolumeClaim", { spec: { storageClassName: "standard" } }),
            cluster([object("StorageClass", { volumeBindingMode: "WaitForFirstConsumer" })]),
            undefined,
        ],
        ["a Service without Pods", object("Service", selecting), cluster([slice()]), "Pods to direct traffic to"],
        [
            "a Service of a Pod that is not ready",
            object("Service", selecting),
            cluster([slice(true, false)]),
            "Pods to direct traffic to",
        ],
        ["a Service of Pods", object("Service", selecting), cluster([slice(true)]), undefined],
        ["a Service without a selector", object("Service", { spec: {} }), cluster(), undefined],
        [
            "a load balancer",
            object("Service", { spec: { type: "LoadBalancer" }, status: {} }),
            cluster(),
            "an address from the load balancer",
        ],
        [
            "an object that says not to wait",
            object("Job", {}, { name: "it", annotations: { "pulumi.com/skipAwait": "true" } }),
            cluster(),
            undefined,
        ],
    ];
    for (const [what, one, where, expected] of waiting)
        it(`waits for ${expected ?? "nothing"}: ${what}`, async () => {
            assert.equal(await waitsFor(one, where), expected);
        });

    it("knows a Job that has failed for good", () => {
        const job = (type: string) => object("Job", { status: { conditions: [{ type, status: "True" }] } });
        assert.deepEqual(
            [hasFailed(job("Failed")), hasFailed(job("Complete")), hasFailed(object("Job"))],
            [true, false, false],
        );
    });

    it("reports the last messages of a failed Job", async () => {
        const failed = object("Job", {
            status: { conditions: [{ type: "Failed", status: "True", message: "too often" }] },
        });
        const pod = object("Pod", {
            status: {
                initContainerStatuses: [{ state: { terminated: { exitCode: 0, reason: "Completed" } } }],
                containerStatuses: [{ state: { terminated: { exitCode: 1, reason: "Error", message: "hop 3" } } }],
            },
        });
        await assert.rejects(waitsFor(failed, cluster([pod])), {
            message: "Job here/it failed: too often\n[Pod here/it]: [Error] hop 3",
        });
    });
});

describe("the stand-in for the random provider", () => {
    it("makes a text of the allowed classes, with the required number of characters of each", () => {
        for (let times = 0; times < 50; times++) {
            const text = randomText({ length: 12, special: false, minUpper: 3, minNumeric: 2 });
            assert.match(text, /^[A-Za-z0-9]{12}$/);
            assert.ok(text.replace(/[^A-Z]/g, "").length >= 3, text);
            assert.ok(text.replace(/[^0-9]/g, "").length >= 2, text);
        }
        assert.match(
            randomText({ length: 20, lower: false, upper: false, numeric: false, overrideSpecial: "-_" }),
            /^[-_]{20}$/,
        );
    });

    it("makes a different one each time", () => {
        assert.equal(new Set(Array.from({ length: 100 }, () => randomText({ length: 24 }))).size, 100);
    });
});
