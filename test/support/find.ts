import type { types } from "@pulumi/kubernetes";
import type { Deployment } from "./deploy";
import type { Registered } from "../../render/engine/monitor";

/** The fields that every Kubernetes object has. */
export interface KubernetesObject {
    apiVersion: string;
    kind: string;
    metadata: Partial<types.output.meta.v1.ObjectMeta>;
}
type Pod = types.output.core.v1.PodSpec;
type Container = types.output.core.v1.Container;

/** The only resource with a name. */
export function resource({ resources }: Pick<Deployment, "resources">, name: string): Registered {
    const found = resources.filter((one) => one.name === name);
    if (found.length !== 1)
        throw new Error(`${found.length} resources ${name} among ${resources.map((one) => one.name).join(", ")}`);
    return found[0]!;
}

/** The inputs of the only resource with a name. */
export function inputs(deployment: Pick<Deployment, "resources">, name: string): Registered["inputs"] {
    return resource(deployment, name).inputs;
}

/** A Kubernetes resource as the object that it describes. */
export function objectOf({ inputs }: Registered): KubernetesObject {
    return inputs as unknown as KubernetesObject;
}

/** An object with a Pod template. */
export interface Workload {
    name: string;
    kind: string;
    spec: types.output.apps.v1.DeploymentSpec & types.output.batch.v1.JobSpec;
    template: types.output.core.v1.PodTemplateSpec;
    pod: Pod;
    /** Init containers and containers, in start order. */
    containers: Container[];
}

export function workloads({ resources }: Pick<Deployment, "resources">): Workload[] {
    return resources
        .filter(({ type }) => /^kubernetes:(apps|batch)\//.test(type))
        .map((one) => {
            const { kind, spec } = one.inputs as { kind: string; spec: Workload["spec"] };
            const pod = spec.template.spec;
            // JSON leaves out unset fields, although their types say that they are there.
            const containers = [...((pod.initContainers as Container[] | undefined) ?? []), ...pod.containers];
            return { name: one.name, kind, spec, template: spec.template, pod, containers };
        });
}

export function workload(deployment: Pick<Deployment, "resources">, name: string): Workload {
    return workloads(deployment).find((one) => one.name === name)!;
}
