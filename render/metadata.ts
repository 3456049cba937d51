/** The annotation with which the Kubernetes provider marks an object that it named itself. */
export const autonamed = "pulumi.com/autonamed";

/** The `metadata.name` that the program gave; undefined if it left the name to the provider. */
export function fixedName(inputs: Record<string, unknown> | undefined): string | undefined {
    const name = (inputs?.metadata as { name?: unknown } | undefined)?.name;
    return typeof name === "string" ? name : undefined;
}
