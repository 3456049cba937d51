import type { KubernetesObject } from "./kubernetesDiff";

/** The requests to a cluster that waiting needs. */
export interface Reader {
    read: (object: {
        apiVersion: string;
        kind: string;
        metadata: { name: string; namespace?: string };
    }) => Promise<KubernetesObject>;
    list: (apiVersion: string, kind: string, namespace: string, labels: string) => Promise<KubernetesObject[]>;
}

/** The fields that show whether an object is ready. */
interface Live extends KubernetesObject {
    spec?: {
        replicas?: number;
        type?: string;
        selector?: object;
        clusterIP?: string;
        storageClassName?: string;
    };
    status?: {
        phase?: string;
        observedGeneration?: number;
        replicas?: number;
        updatedReplicas?: number;
        availableReplicas?: number;
        loadBalancer?: { ingress?: object[] };
        conditions?: { type: string; status: string; reason?: string; message?: string }[];
        containerStatuses?: ContainerStatus[];
        initContainerStatuses?: ContainerStatus[];
    };
}
interface ContainerStatus {
    state?: { terminated?: { exitCode: number; message?: string; reason?: string } };
}

/**
 * Returns the condition that an object still waits for; undefined if it is ready. Throws if it can no longer become
 * ready.
 */
type Waiting = (object: Live, cluster: Reader) => string | undefined | Promise<string | undefined>;

const condition = ({ status }: Live, type: string) =>
    status?.conditions?.find((one) => one.type === type && one.status === "True");
const place = ({ metadata }: KubernetesObject) => `${metadata.namespace}/${metadata.name}`;

/** The last messages of a failed Job's containers, in the official provider's format. */
async function lastWords(job: Live, cluster: Reader): Promise<string[]> {
    const pods: Live[] = await cluster.list("v1", "Pod", job.metadata.namespace ?? "", `job-name=${job.metadata.name}`);
    return pods.flatMap((pod) =>
        [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
            .map(({ state }) => state?.terminated)
            .filter((ended) => ended !== undefined && ended.exitCode !== 0)
            .map((ended) => `[Pod ${place(pod)}]: [${ended!.reason}] ${ended!.message ?? `status ${ended!.exitCode}`}`),
    );
}

/** The kinds of this project that need waiting. Others are ready once they exist. */
const kinds: Record<string, Waiting> = {
    Deployment: ({ metadata, spec, status = {} }) => {
        const stuck = status.conditions?.find(
            ({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
        );
        if (stuck) throw new Error(`Deployment ${metadata.namespace}/${metadata.name}: ${stuck.message}`);
        const wanted = spec?.replicas ?? 1;
        const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status;
        const current = observedGeneration >= (metadata.generation ?? 0);
        if (current && updatedReplicas >= wanted && availableReplicas >= wanted && replicas <= wanted) return undefined;
        return `${availableReplicas} of ${wanted} replicas`;
    },
    Job: async (job, cluster) => {
        const failed = condition(job, "Failed");
        if (failed)
            throw new Error(
                [`Job ${place(job)} failed: ${failed.message}`, ...(await lastWords(job, cluster))].join("\n"),
            );
        return condition(job, "Complete") ? undefined : "the Job to succeed";
    },
    PersistentVolumeClaim: async ({ spec, status }, cluster) => {
        if (status?.phase === "Bound") return undefined;
        // The first Pod that uses such a claim binds it, and that Pod is created later.
        const name = spec?.storageClassName;
        const storage = name
            ? await cluster
                  .read({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name } })
                  .catch(() => undefined)
            : undefined;
        return storage?.volumeBindingMode === "WaitForFirstConsumer" ? undefined : "the claim to be bound";
    },
    Service: async ({ metadata, spec = {}, status }, cluster) => {
        if (spec.type === "LoadBalancer" && !status?.loadBalancer?.ingress?.length)
            return "an address from the load balancer";
        if (!spec.selector || spec.clusterIP === "None" || spec.type === "ExternalName") return undefined;
        const slices = await cluster.list(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            metadata.namespace ?? "",
            `kubernetes.io/service-name=${metadata.name}`,
        );
        const endpoints = slices.flatMap((slice) => (slice.endpoints ?? []) as { conditions?: { ready?: boolean } }[]);
        const ready = endpoints.length > 0 && endpoints.every(({ conditions }) => conditions?.ready !== false);
        return ready ? undefined : "Pods to direct traffic to";
    },
};

/** True if an object can no longer become ready. */
export const hasFailed = (object: KubernetesObject) =>
    object.kind === "Job" && condition(object, "Failed") !== undefined;

/** The condition that an object still waits for; undefined if it is ready. */
export async function waitsFor(object: KubernetesObject, cluster: Reader): Promise<string | undefined> {
    if (object.metadata.annotations?.["pulumi.com/skipAwait"] === "true") return undefined;
    return kinds[object.kind]?.(object, cluster);
}
