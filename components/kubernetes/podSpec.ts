import type { types } from "@pulumi/kubernetes";
import { podSecurity } from "./hardening";

type PodSpec = types.input.core.v1.PodSpec;

/** The fields of a Pod that say on which nodes it may run: https://kubernetes.io/docs/concepts/scheduling-eviction/ */
export const schedulingFields = ["nodeSelector", "tolerations", "affinity"] as const;

/** What every Pod of a stack needs from the cluster. Changing it replaces every Pod once. */
export interface PodRequirements {
    /** Passed on unchanged; Kubernetes checks it. Without it, a Pod may run on every node that has no taint. */
    scheduling: Pick<PodSpec, (typeof schedulingFields)[number]>;
    /** Names of Secrets in the namespace with which a node signs in to registries. */
    imagePullSecrets: string[];
}

/**
 * The part of the specification that all Pods of a stack share.
 *
 * @param user that the containers run as
 */
export function commonPodSpec(user: number, { scheduling, imagePullSecrets }: PodRequirements): Partial<PodSpec> {
    return {
        ...scheduling,
        ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: podSecurity(user),
    };
}
