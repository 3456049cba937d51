import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { codeOf, type KubernetesCluster } from "./kubernetesCluster";
import type { NamedObject } from "./kubernetesDiff";
import { withTexts } from "./kubernetesSecret";
import type { Properties } from "./plugin";

/**
 * The properties of an object in a preview: the cluster's answer to a dry run, or the inputs if the cluster cannot be
 * asked yet.
 *
 * @throws if the cluster says that the object is invalid
 */
export async function previewed(
    inputs: NamedObject,
    cluster: KubernetesCluster,
    dryRun: () => Promise<NamedObject>,
): Promise<Properties> {
    if (!cluster.isConfigured || JSON.stringify(inputs).includes(unknownValue)) return withUnknowns(inputs, inputs);
    try {
        return withUnknowns(withTexts(await dryRun(), inputs) as NamedObject, inputs);
    } catch (error) {
        const code = codeOf(error);
        if (code === 400 || code === 422) throw error;
        // There is no cluster yet, or no namespace, or an object of the same name is still to be deleted
        // (https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/provider.go#L1798).
        return withUnknowns(inputs, inputs);
    }
}

/** Marks the fields that the cluster sets later as unknown. */
function withUnknowns(object: NamedObject, inputs: NamedObject): Properties {
    const { spec } = inputs as { spec?: Properties };
    const address = inputs.kind === "Service" && spec?.clusterIP === undefined ? { clusterIP: unknownValue } : {};
    return {
        ...object,
        metadata: { ...object.metadata, uid: unknownValue },
        ...(object.spec !== undefined && { spec: { ...(object.spec as Properties), ...address } }),
        status: unknownValue,
    };
}
