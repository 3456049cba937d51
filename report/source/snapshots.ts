import { fixedName } from "../../render/metadata";
import type { Snapshot, SnapshotResource } from "../../render/snapshot";
import type { Change, Plan } from "../change";
import { fieldChanges } from "./fieldChanges";

/**
 * Immutable fields: a change makes the provider replace the object.
 * https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/diff.go
 */
const replacing: Record<string, RegExp> = {
    "kubernetes:core/v1:PersistentVolumeClaim": /^spec\.(accessModes|selector|storageClassName|volumeName)\b/,
    "kubernetes:core/v1:Secret": /^(type|data|stringData)\b/,
    "kubernetes:core/v1:Service": /^spec\.clusterIP\b/,
    "kubernetes:apps/v1:Deployment": /^spec\.selector\b/,
    "kubernetes:batch/v1:Job": /^spec\.(completions|parallelism|selector|template)\b/,
    "random:index/randomPassword:RandomPassword": /^/,
};
const anywhere = /^(metadata\.(name|namespace)$|apiVersion$|kind$)/;

/** The plan that turns the first snapshot's stack into the second's. */
export function planBetween(before: Snapshot, after: Snapshot): Plan {
    const old = new Map(before.resources.map((one) => [one.urn, one]));
    const now = new Map(after.resources.map((one) => [one.urn, one]));
    const changes = [...new Set([...old.keys(), ...now.keys()])].map((urn) => changeOf(old.get(urn), now.get(urn)));
    return { stack: after.stack, changes: changes.filter((one) => one !== undefined), errors: [] };
}

/** Whether a field is one of these or part of one. */
const isWithin = (path: string, fields: string[] = []) =>
    fields.some((field) => path.startsWith(field) && ["", ".", "["].includes(path.charAt(field.length)));

function changeOf(before: SnapshotResource | undefined, after: SnapshotResource | undefined): Change | undefined {
    const { urn, type, name } = (before ?? after)!;
    const { ignoreChanges, replaceOnChanges } = after?.options ?? {};
    const fields = before && after ? fieldChanges(before.inputs, after.inputs) : [];
    const seen = fields.filter(({ path }) => !isWithin(path, ignoreChanges));
    const kind = replacing[type];
    const replaced = seen.some(
        ({ path }) => [anywhere, kind].some((fields) => fields?.test(path)) || isWithin(path, replaceOnChanges),
    );
    const unprotects = Boolean(before?.options.protect && after && !after.options.protect);
    const operation = !before ? "create" : !after ? "delete" : replaced ? "replace" : "update";
    if (operation === "update" && seen.length === 0 && !unprotects) return undefined;
    return {
        urn,
        type,
        name,
        // A replacement without a fixed name gets a new name, so it cannot conflict.
        objectName:
            fixedName((after ?? before!).inputs) ??
            (operation === "replace" ? undefined : (after ?? before!).objectName),
        operation,
        // A replacement uses the new options, a deletion the old ones.
        protected: Boolean((after ?? before!).options.protect),
        retained: Boolean((before ?? after!).options.retainOnDelete),
        unprotects,
        before: before?.inputs,
        after: after?.inputs,
        fields: seen,
    };
}
