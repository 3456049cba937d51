import assert from "node:assert/strict";
import {
    exposureDns,
    exposures,
    exposureService,
    type Exposure,
    type ExposureArgs,
} from "../../../components/postgres/services";

const args: ExposureArgs = { loadBalancerSourceRanges: ["203.0.113.0/24"], loadBalancerAnnotations: { internal: "1" } };
const selector = { app: "postgres" };
const port = { name: "postgres", port: 5432, targetPort: "postgres" };

describe("exposure", () => {
    const expected: Record<Exposure, ReturnType<typeof exposureService>> = {
        ClusterIP: { name: "postgres", annotations: {}, spec: { type: "ClusterIP", selector, ports: [port] } },
        Headless: {
            name: "postgres-headless",
            annotations: {},
            spec: { type: "ClusterIP", clusterIP: "None", selector, ports: [port] },
        },
        NodePort: { name: "postgres-nodeport", annotations: {}, spec: { type: "NodePort", selector, ports: [port] } },
        LoadBalancer: {
            name: "postgres-loadbalancer",
            annotations: { internal: "1" },
            spec: {
                type: "LoadBalancer",
                loadBalancerSourceRanges: ["203.0.113.0/24"],
                externalTrafficPolicy: "Local",
                selector,
                ports: [port],
            },
        },
    };
    for (const exposure of exposures)
        it(`makes of ${exposure} what Kubernetes understands by it`, () => {
            assert.deepEqual(exposureService(exposure, args, selector), expected[exposure]);
        });

    it("gives a fixed node port to the NodePort Service, and to no other", () => {
        const ports = exposures.map((exposure) => [
            exposure,
            exposureService(exposure, { ...args, nodePort: 30432 }, selector).spec.ports,
        ]);
        assert.deepEqual(Object.fromEntries(ports), {
            ClusterIP: [port],
            Headless: [port],
            NodePort: [{ ...port, nodePort: 30432 }],
            LoadBalancer: [port],
        });
    });

    it("names each Service otherwise, under a DNS name of its own", () => {
        assert.deepEqual(
            exposures.map((exposure) => exposureDns(exposure, "orders")),
            [
                "postgres.orders.svc.cluster.local",
                "postgres-headless.orders.svc.cluster.local",
                "postgres-nodeport.orders.svc.cluster.local",
                "postgres-loadbalancer.orders.svc.cluster.local",
            ],
        );
    });
});
