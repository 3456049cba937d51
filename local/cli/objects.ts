import { renderTable } from "./table";

/** The shown fields of a Kubernetes object. */
export interface KubernetesObject {
    kind: string;
    metadata: { name: string; labels?: Record<string, string> };
    spec?: {
        type?: string;
        replicas?: number;
        clusterIP?: string;
        ports?: { name?: string; port: number; nodePort?: number }[];
    };
    status?: {
        phase?: string;
        readyReplicas?: number;
        capacity?: { storage?: string };
        conditions?: { type: string; status: string }[];
        loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] };
    };
}

/** The shown kinds, as an argument of kubectl. */
export const shownKinds = "deployments,jobs,services,persistentvolumeclaims";

/** The purpose of each object of a stack. */
const purposes: Record<string, string> = {
    "Deployment postgres": "PostgreSQL and its log shipper",
    "Deployment elasticsearch": "Elasticsearch",
    "Job delivery-proof": "proves that a log line arrives",
    "Job settings-check": "waits for PostgreSQL's new settings",
    "Job elasticsearch-setup": "prepares Elasticsearch for the lines",
    "Service postgres": "PostgreSQL, for Pods",
    "Service postgres-headless": "PostgreSQL, by the Pod's own address",
    "Service postgres-nodeport": "PostgreSQL, on a port of each node",
    "Service postgres-loadbalancer": "PostgreSQL, through a load balancer",
    "Service elasticsearch": "Elasticsearch, for Pods",
    "Service fluent-bit": "metrics of the log shipper",
    "PersistentVolumeClaim postgres-data": "the databases",
    "PersistentVolumeClaim postgres-log-queue": "log files, and the shipper's queue",
    "PersistentVolumeClaim elasticsearch-data": "the log lines in Elasticsearch",
};

/** The state of an object in a few words, by kind. */
const states: Record<string, (object: KubernetesObject) => string> = {
    Deployment: ({ spec, status }) => {
        const [ready, wanted] = [status?.readyReplicas ?? 0, spec?.replicas ?? 1];
        return ready >= wanted ? "ready" : `${ready} of ${wanted} ready`;
    },
    Job: ({ status }) => {
        const is = (type: string) => status?.conditions?.some((one) => one.type === type && one.status === "True");
        return is("Complete") ? "done" : is("Failed") ? "failed" : "runs";
    },
    Service: ({ spec, status }) => {
        const outside = status?.loadBalancer?.ingress?.[0];
        const host = outside?.ip ?? outside?.hostname ?? spec?.clusterIP;
        const at = ({ port, nodePort }: { port: number; nodePort?: number }) => {
            if (spec?.type === "NodePort") return `port ${nodePort} of each node`;
            return host === "None" ? `port ${port} of the Pod` : `${host}:${port}`;
        };
        return (spec?.ports ?? []).map(at).join(", ");
    },
    PersistentVolumeClaim: ({ status }) =>
        status?.phase === "Bound" ? (status.capacity?.storage ?? "bound") : `not bound: ${status?.phase}`,
};

/** The name by which a reader knows an object. Each run of a Job has a different name, and one label for all. */
const known = ({ kind, metadata: { name, labels } }: KubernetesObject) =>
    kind === "Job" ? (labels?.["app.kubernetes.io/name"] ?? name) : name;

/** The objects of a namespace as a table, with purpose and state. */
export function renderObjects(objects: KubernetesObject[]): string {
    return renderTable(
        ["object", "what it is for", "state"],
        objects.map((object) => {
            const { kind } = object;
            const shown = kind === "PersistentVolumeClaim" ? "Volume" : kind;
            return [
                `${shown} ${known(object)}`,
                purposes[`${kind} ${known(object)}`] ?? "",
                states[kind]?.(object) ?? "",
            ];
        }),
        [31, 38],
        "wrap",
    );
}

/**
 * PostgreSQL's address in the cluster's network, to which this machine has a route; undefined if no Service has a cluster
 * address.
 */
export function addressOfPostgres(objects: KubernetesObject[]): { host: string; port: number } | undefined {
    for (const { kind, spec } of objects) {
        const port = spec?.ports?.find(({ name }) => name === "postgres")?.port;
        if (kind === "Service" && port !== undefined && spec?.clusterIP !== undefined && spec.clusterIP !== "None")
            return { host: spec.clusterIP, port };
    }
    return undefined;
}
