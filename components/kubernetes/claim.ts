import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A volume, as the claim that asks for it. */
export interface ClaimArgs {
    /** Part of the data's identity: a claim with a different name is a new, empty volume. */
    name: string;
    namespace: pulumi.Input<string>;
    labels: Record<string, string>;
    /** A Kubernetes quantity. It can grow later if the storage class allows it, and it can never shrink. */
    size: string;
    /** Changing it replaces the volume and deletes its data. @default the cluster's default class */
    className?: string;
    /** Changing it replaces the volume and deletes its data. */
    accessMode: "ReadWriteOnce" | "ReadWriteOncePod";
}

export function createClaim(
    resource: string,
    { name, namespace, labels, size, className, accessMode }: ClaimArgs,
    opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolumeClaim {
    return new k8s.core.v1.PersistentVolumeClaim(
        resource,
        {
            metadata: { namespace, labels, name },
            spec: {
                accessModes: [accessMode],
                ...(className !== undefined && { storageClassName: className }),
                resources: { requests: { storage: size } },
            },
        },
        opts,
    );
}
