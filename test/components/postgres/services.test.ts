import assert from "node:assert/strict";
import {
    postgresService,
    serviceDns,
    serviceKinds,
    type ServiceKind,
    type ServicesArgs,
} from "../../../components/postgres/services";

const args: ServicesArgs = {
    kinds: [...serviceKinds],
    loadBalancerSourceRanges: ["203.0.113.0/24"],
    loadBalancerAnnotations: { internal: "1" },
};
const selector = { app: "postgres" };
const port = { name: "postgres", port: 5432, targetPort: "postgres" };

describe("services", () => {
    const expected: Record<ServiceKind, ReturnType<typeof postgresService>> = {
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
    for (const kind of serviceKinds)
        it(`creates the Service of kind ${kind}`, () => {
            assert.deepEqual(postgresService(kind, args, selector), expected[kind]);
        });

    it("gives a fixed node port only to the NodePort Service", () => {
        const ports = serviceKinds.map((kind) => [
            kind,
            postgresService(kind, { ...args, nodePort: 30432 }, selector).spec.ports,
        ]);
        assert.deepEqual(Object.fromEntries(ports), {
            ClusterIP: [port],
            Headless: [port],
            NodePort: [{ ...port, nodePort: 30432 }],
            LoadBalancer: [port],
        });
    });

    it("gives each Service a separate DNS name", () => {
        assert.deepEqual(
            serviceKinds.map((kind) => serviceDns(kind, "orders")),
            [
                "postgres.orders.svc",
                "postgres-headless.orders.svc",
                "postgres-nodeport.orders.svc",
                "postgres-loadbalancer.orders.svc",
            ],
        );
    });
});
