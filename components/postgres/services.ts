import type { types } from "@pulumi/kubernetes";
import { postgresPort } from "./config";

export const exposures = ["ClusterIP", "Headless", "NodePort", "LoadBalancer"] as const;
/** A way of reaching the database. */
export type Exposure = (typeof exposures)[number];

/** What the stack says about its Services beyond their kinds. */
export interface ExposureArgs {
    /** Port on every node, 30000 to 32767. @default one that Kubernetes chooses and keeps */
    nodePort?: number;
    /** CIDRs that the load balancer lets in. */
    loadBalancerSourceRanges: string[];
    /** Annotations for the cloud's load balancer controller. */
    loadBalancerAnnotations: Record<string, string>;
}

interface Shape {
    /** Name of the Service, and so of the DNS entry: the public contract with clients in the cluster. */
    name: string;
    annotations?: (args: ExposureArgs) => Record<string, string>;
    spec: (args: ExposureArgs) => types.input.core.v1.ServiceSpec;
    port?: (args: ExposureArgs) => types.input.core.v1.ServicePort;
}

const defaultPort = { name: "postgres", port: postgresPort, targetPort: "postgres" };

/** What each way of reaching the database means to Kubernetes. */
const shapes: Record<Exposure, Shape> = {
    ClusterIP: { name: "postgres", spec: () => ({ type: "ClusterIP" }) },
    // DNS answers with the Pod's own address.
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
            externalTrafficPolicy: "Local", // keeps the client's address, for the source ranges and for the log
        }),
    },
};

/** Name, annotations and spec of the Service for one exposure. */
export function exposureService(exposure: Exposure, args: ExposureArgs, selector: Record<string, string>) {
    const { name, annotations, spec, port } = shapes[exposure];
    return {
        name,
        annotations: annotations?.(args) ?? {},
        spec: { ...spec(args), selector, ports: [port?.(args) ?? defaultPort] },
    };
}

/** The DNS name of an exposure's Service, for clients anywhere in the cluster. */
export function exposureDns(exposure: Exposure, namespace: string): string {
    return `${shapes[exposure].name}.${namespace}.svc.cluster.local`;
}
