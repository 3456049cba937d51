import { stringify } from "yaml";
import type { Snapshot, SnapshotResource } from "./snapshot";

/** The directories of a render, in the order to apply them. */
const directories = {
    none: "0-namespace",
    Elasticsearch: "1-elasticsearch",
    Postgres: "2-postgres",
    DeliveryProof: "3-delivery-proof",
};

/**
 * The Kubernetes objects of a snapshot as files, by path in the render's directory.
 *
 * Secrets have their own directory, because applying a placeholder would create a database with a known password. Without
 * the Secrets, its Pods wait.
 */
export function manifests({ resources }: Snapshot): Map<string, string> {
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    return new Map(objects.map((one) => [path(one), stringify(manifest(one), { lineWidth: 0 })]));
}

function path({ urn, objectName, inputs }: SnapshotResource): string {
    const kind = inputs.kind as string;
    const component = /pglog:index:(\w+)\$/.exec(urn)?.[1] as keyof typeof directories | undefined;
    return `${kind === "Secret" ? "secrets" : directories[component ?? "none"]}/${kind.toLowerCase()}-${objectName!}.yaml`;
}

/** The object without Pulumi's annotations. */
function manifest({ objectName, inputs }: SnapshotResource) {
    const { apiVersion, kind, metadata, ...rest } = inputs as Record<string, unknown> & { metadata: object };
    const { annotations = {}, ...described } = metadata as { annotations?: Record<string, string> };
    const kept = Object.entries(annotations).filter(([name]) => !name.startsWith("pulumi.com/"));
    return {
        apiVersion,
        kind,
        metadata: {
            name: objectName,
            ...described,
            ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
        },
        ...rest,
    };
}
