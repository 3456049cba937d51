import type { types } from "@pulumi/kubernetes";
import { postgresPort } from "./config";

export const serviceKinds = ["ClusterIP", "Headless", "NodePort", "LoadBalancer"] as const;
/** A kind of Service through which clients reach the database. */
export type ServiceKind = (typeof serviceKinds)[number];

export interface ServicesArgs {
    /** One Service each. Clients of a removed Service lose its address. */
    kinds: ServiceKind[];
    /** Port on every node, 30000 to 32767. @default a port that Kubernetes chooses and keeps */
    nodePort?: number;
    /** CIDRs that may connect to the load balancer. */
    loadBalancerSourceRanges: string[];
    /** Annotations for the cloud's load balancer controller. */
    loadBalancerAnnotations: Record<string, string>;
}

interface Shape {
    /** Name of the Service. Clients in the cluster use it as a DNS name, so it must not change. */
    name: string;
    annotations?: (args: ServicesArgs) => Record<string, string>;
    spec: (args: ServicesArgs) => types.input.core.v1.ServiceSpec;
    port?: (args: ServicesArgs) => types.input.core.v1.ServicePort;
}

const defaultPort = { name: "postgres", port: postgresPort, targetPort: "postgres" };

/** Each kind of Service in terms of Kubernetes. */
const shapes: Record<ServiceKind, Shape> = {
    ClusterIP: { name: "postgres", spec: () => ({ type: "ClusterIP" }) },
    // DNS answers with the address of the Pod.
    Headless: { name: "postgres-headless", spec: () => ({ type: "ClusterIP", clusterIP: "None" }) },
    NodePort: {
        name: "postgres-nodeport",
        spec: () => ({ type: "NodePort" }),
        port: ({ nodePort }) => ({ ...defaultPort, ...(nodePort !== undefined && { nodePort }) }),
    },
    LoadBalancer: {
        name: "postgres-loadbalancer",
        annotations: ({ loadBalancerAnnotations }) => loadBalancerAnnotations,
        spec: ({ loadBalancerSourceRanges }) => ({
            type: "LoadBalancer",
            loadBalancerSourceRanges,
            externalTrafficPolicy: "Local", // keeps the client's address for the source ranges and the log
        }),
    },
};

/** Name, annotations and spec of one Service. */
export function postgresService(kind: ServiceKind, args: ServicesArgs, selector: Record<string, string>) {
    const { name, annotations, spec, port } = shapes[kind];
    return {
        name,
        annotations: annotations?.(args) ?? {},
        spec: { ...spec(args), selector, ports: [port?.(args) ?? defaultPort] },
    };
}

/**
 * DNS name of a Service, for clients in the cluster. It has no cluster domain, which a program outside the cluster cannot
 * know; the search list of each Pod has it.
 * Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
export function serviceDns(kind: ServiceKind, namespace: string): string {
    return `${shapes[kind].name}.${namespace}.svc`;
}
