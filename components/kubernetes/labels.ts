/** Value of the label `part-of`. */
const partOf = "pglog";

/**
 * Labels that Services and Deployments select their Pods by.
 *
 * They must never change: the selector of a Deployment is immutable, and a Service must find the replaced Pod.
 */
export function selectorLabels(name: string): Record<string, string> {
    return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name };
}

/** Labels of every object: the selector labels, and labels that only describe and may change. */
export function labels(name: string): Record<string, string> {
    return { ...selectorLabels(name), "app.kubernetes.io/part-of": partOf, "app.kubernetes.io/managed-by": "pulumi" };
}
