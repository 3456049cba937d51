/** What the program calls itself in labels. */
const partOf = "pglog";

/**
 * The labels by which Services and Deployments find their Pods.
 *
 * They are fixed for ever: a Deployment's selector cannot be changed in place, and a replaced Pod must be found under
 * the same DNS name.
 */
export function selectorLabels(name: string): Record<string, string> {
    return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name };
}

/** The labels of every object: those that select, and those that only describe and may change freely. */
export function labels(name: string): Record<string, string> {
    return { ...selectorLabels(name), "app.kubernetes.io/part-of": partOf, "app.kubernetes.io/managed-by": "pulumi" };
}
