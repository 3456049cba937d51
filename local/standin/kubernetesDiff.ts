import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { autonamed } from "../../render/metadata";
import type { Properties } from "./plugin";

/** A Kubernetes object from the program's inputs. */
export interface KubernetesObject extends Properties {
    apiVersion: string;
    kind: string;
    metadata: {
        name?: string;
        namespace?: string;
        uid?: string;
        generation?: number;
        annotations?: Record<string, string>;
    } & Properties;
}

/** An object with a name. */
export type NamedObject = KubernetesObject & { metadata: { name: string } };

const isAutonamed = (object: KubernetesObject) => object.metadata.annotations?.[autonamed] === "true";

/**
 * Adds a missing name and namespace to an object. The name is the previous one, or the resource's name with a suffix from
 * the engine's seed (https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/metadata/naming.go).
 */
export function named(
    object: KubernetesObject,
    before: KubernetesObject | undefined,
    resource: string,
    seed: Uint8Array,
): NamedObject {
    const metadata = { ...object.metadata };
    if (metadata.name === undefined) {
        const kept = before !== undefined && isAutonamed(before) ? before.metadata.name : undefined;
        metadata.name = kept ?? `${resource}-${createHash("sha256").update(seed).digest("hex").slice(0, 8)}`;
        metadata.annotations = { ...metadata.annotations, [autonamed]: "true" };
    }
    if (object.kind !== "Namespace") metadata.namespace ??= "default";
    return { ...object, metadata: { ...metadata, name: metadata.name } };
}

/** The kinds whose data can change in place, as the provider is configured. Otherwise new data replaces the object. */
export interface Mutable {
    configMaps: boolean;
    secrets: boolean;
}

/**
 * The fields of a kind that cannot change in place: a new value replaces the object
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/diff.go). Kinds that this project does
 * not use are not listed: any change of them is an update.
 */
function replacingFields({ kind }: KubernetesObject, mutable: Mutable): string[] {
    const fields: Record<string, string[]> = {
        ConfigMap: mutable.configMaps ? [] : ["data", "binaryData"],
        Secret: ["type", ...(mutable.secrets ? [] : ["data", "stringData"])],
        Service: ["spec.clusterIP"],
        PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
        Deployment: ["spec.selector"],
        Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
        Pod: ["spec"],
    };
    return ["metadata.name", "metadata.namespace", ...(fields[kind] ?? [])];
}

export interface Difference {
    path: string;
    kind: "ADD" | "DELETE" | "UPDATE";
    replaces: boolean;
}

const isContainer = (value: unknown): value is Properties => typeof value === "object" && value !== null;

function* paths(before: unknown, after: unknown, path: string): Generator<Omit<Difference, "replaces">> {
    if (isDeepStrictEqual(before, after)) return;
    if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
        yield { path, kind: before === undefined ? "ADD" : after === undefined ? "DELETE" : "UPDATE" };
        return;
    }
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        const step = Array.isArray(before) ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `["${key}"]`;
        yield* paths(before[key], after[key], path === "" ? step.replace(/^\./, "") : path + step);
    }
}

const valueAt = (object: unknown, field: string) =>
    field.split(".").reduce<unknown>((value, key) => (isContainer(value) ? value[key] : undefined), object);

/**
 * The differences between two versions of an object. A difference replaces the object if it changes a replacing field, or
 * anything that contains one. The engine asks about properties that are unknown as a whole to learn which dependent
 * objects must be deleted first. So the Pod is deleted before its claim, which Kubernetes keeps as long as a Pod uses it.
 */
export function differences(before: KubernetesObject, after: KubernetesObject, mutable: Mutable): Difference[] {
    const fields = replacingFields(after, mutable);
    const within = (inner: string, outer: string) =>
        inner.startsWith(outer) && ["", ".", "["].includes(inner.charAt(outer.length));
    return [...paths(before, after, "")].map((difference) => ({
        ...difference,
        replaces:
            fields.some((field) => within(difference.path, field)) ||
            fields.some((field) => within(field, difference.path) && valueAt(before, field) !== undefined),
    }));
}

/** True if the old object must be deleted before the new one can be created, because both have the same name. */
export function isInTheWay(before: KubernetesObject, after: KubernetesObject) {
    const place = ({ metadata }: KubernetesObject) => [metadata.namespace, metadata.name];
    return !isAutonamed(after) && isDeepStrictEqual(place(before), place(after));
}

/** The new version, with the old values at the paths that the program ignores. */
export function withoutIgnored(after: KubernetesObject, before: KubernetesObject, ignored: string[]): KubernetesObject {
    const copy = structuredClone(after);
    for (const path of ignored) {
        const keys = path.match(/[^.[\]"]+/g) ?? [];
        const last = keys.pop();
        let [to, from]: [unknown, unknown] = [copy, before];
        for (const key of keys)
            [to, from] = [isContainer(to) ? to[key] : undefined, isContainer(from) ? from[key] : undefined];
        if (last === undefined || !isContainer(to)) continue;
        const value = isContainer(from) ? from[last] : undefined;
        if (value === undefined) Reflect.deleteProperty(to, last);
        else to[last] = value;
    }
    return copy;
}

/** The server's object, reduced to the fields that the program set: a server's defaults are not drift. */
export function pruned(live: unknown, wanted: unknown): unknown {
    if (!isContainer(wanted) || !isContainer(live) || Array.isArray(wanted) !== Array.isArray(live)) return live;
    if (Array.isArray(wanted) && Array.isArray(live))
        return wanted.length === live.length ? wanted.map((value, index) => pruned(live[index], value)) : live;
    return Object.fromEntries(
        Object.keys(wanted)
            .filter((key) => live[key] !== undefined)
            .map((key) => [key, pruned(live[key], wanted[key])]),
    );
}
