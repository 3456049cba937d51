import { isKubernetes, metadataOf, objectOf } from "./kubernetes";
import { literal, type ResourceRule } from "./rule";

const label = "pod-security.kubernetes.io/enforce";

export const namespaceIsRestricted: ResourceRule = {
    name: "namespace-is-restricted",
    description:
        "Every object is in the stack's own namespace, which enforces the Pod Security Standard restricted, because there the cluster refuses what a review missed.",
    level: "mandatory",
    remediation: `Keep the label ${label}: restricted on the namespace of stacks/logDatabase.ts, and keep every object in it.`,
    *check(resource) {
        if (!isKubernetes(resource)) return;
        const { labels, namespace } = metadataOf(resource);
        const enforced = labels?.[label];
        if (objectOf(resource, "core/v1:Namespace")) {
            if (enforced !== "restricted")
                yield { field: `metadata.labels["${label}"]`, came: literal(enforced), must: `"restricted"` };
        } else if (namespace === undefined || /^(default|kube-.*)$/.test(namespace))
            yield { field: "metadata.namespace", came: literal(namespace), must: "the stack's own" };
    },
};
