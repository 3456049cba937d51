import type { types } from "@pulumi/kubernetes";
import type { Resource } from "./rule";

/** A type with every field optional, because the checked objects may come from any program. */
export type Partially<T> = T extends (infer Member)[]
    ? Partially<Member>[]
    : T extends object
      ? { [Name in keyof T]?: Partially<T[Name]> }
      : T;

interface Kinds {
    "core/v1:ConfigMap": types.output.core.v1.ConfigMap;
    "core/v1:Namespace": types.output.core.v1.Namespace;
    "core/v1:PersistentVolumeClaim": types.output.core.v1.PersistentVolumeClaim;
    "core/v1:Secret": types.output.core.v1.Secret;
    "core/v1:Service": types.output.core.v1.Service;
    "apps/v1:Deployment": types.output.apps.v1.Deployment;
}

export function isKubernetes({ type }: Resource): boolean {
    return type.startsWith("kubernetes:");
}

/** The resource as an object of that kind; undefined for other kinds. */
export function objectOf<Kind extends keyof Kinds>(resource: Resource, kind: Kind) {
    return resource.type === `kubernetes:${kind}` ? (resource.props as Partially<Kinds[Kind]>) : undefined;
}

/** The metadata of an object. */
export function metadataOf({ props }: Resource) {
    return (props as { metadata?: Partially<types.output.meta.v1.ObjectMeta> }).metadata ?? {};
}

type PodSpec = Partially<types.output.core.v1.PodSpec>;
type Container = Partially<types.output.core.v1.Container>;

/** The Pod template of an object. */
export interface Pod {
    /** Path of the Pod's spec in the object. */
    path: string;
    spec: PodSpec;
    /** Init containers and containers, each with its path in the object. */
    containers: { path: string; container: Container }[];
}

interface WithPods {
    spec?: PodSpec & {
        template?: { spec?: PodSpec };
        jobTemplate?: { spec?: { template?: { spec?: PodSpec } } };
    };
}

/** The Pod template of any object that has one. It is found by structure, not by kind, so that no kind is missed. */
export function podOf(resource: Resource): Pod | undefined {
    if (!isKubernetes(resource)) return undefined;
    const { spec: outer } = resource.props as WithPods;
    const places: [path: string, spec: PodSpec | undefined][] = [
        ["spec.jobTemplate.spec.template.spec", outer?.jobTemplate?.spec?.template?.spec],
        ["spec.template.spec", outer?.template?.spec],
        ["spec", resource.type === "kubernetes:core/v1:Pod" ? outer : undefined],
    ];
    for (const [path, spec] of places)
        if (spec !== undefined) {
            const list = (field: "initContainers" | "containers") =>
                (spec[field] ?? []).map((container) => ({
                    path: `${path}.${field}[${container.name ?? ""}]`,
                    container,
                }));
            return { path, spec, containers: [...list("initContainers"), ...list("containers")] };
        }
    return undefined;
}

/** True if the container mounts the claim of that name. */
export function mountsClaim({ spec }: Pod, { volumeMounts = [] }: Container, claim: string): boolean {
    const volumes = (spec.volumes ?? []).filter((volume) => volume.persistentVolumeClaim?.claimName === claim);
    return volumeMounts.some((mount) => volumes.some(({ name }) => name === mount.name));
}
