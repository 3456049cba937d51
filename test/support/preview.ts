import { autonamed, fixedName } from "../../render/metadata";
import type { Snapshot, SnapshotResource } from "../../render/snapshot";
import { planBetween } from "../../report/source/snapshots";

/** The engine's placeholder for a value that is known only after the change. */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Json = Record<string, unknown>;

/**
 * What `pulumi preview --json --show-sames` prints for a change between two renders, as far as it can be told without an
 * engine: the operations are those of the provider's rules, secrets are hidden, a Secret without a fixed name has one that
 * the provider chose, and what refers to a Secret that is new or replaced is not known yet.
 */
export function previewBetween(before: Snapshot, after: Snapshot): string {
    const operations = new Map(planBetween(before, after).changes.map(({ urn, operation }) => [urn, operation]));
    const old = new Map(before.resources.map((one) => [one.urn, one]));
    const now = new Map(after.resources.map((one) => [one.urn, one]));
    const notYet = after.resources
        .filter(({ urn, inputs, objectName }) => {
            const isNew = ["create", "replace"].includes(operations.get(urn) ?? "same");
            return objectName !== undefined && fixedName(inputs) === undefined && isNew;
        })
        .map(({ objectName }) => objectName!);
    const steps = [...new Set([...old.keys(), ...now.keys()])].map((urn) => ({
        op: operations.get(urn) ?? "same",
        urn,
        ...(old.has(urn) && { oldState: state(old.get(urn)!, []) }),
        ...(now.has(urn) && { newState: state(now.get(urn)!, notYet) }),
    }));
    return JSON.stringify({ steps });
}

function state(one: SnapshotResource, notYet: string[]): Json {
    const { urn, type, options } = one;
    const { protect, retainOnDelete } = options;
    return { urn, type, custom: true, protect, retainOnDelete, inputs: inputs(one, notYet) };
}

/** The inputs as the provider keeps them. */
function inputs({ inputs: given, objectName }: SnapshotResource, notYet: string[]): Json {
    const { stringData, ...rest } = given;
    const known = unknown(rest, notYet) as Json;
    const secret = stringData === undefined ? {} : { stringData: "[secret]" };
    if (objectName === undefined || fixedName(given) !== undefined) return { ...known, ...secret };
    const { annotations, ...metadata } = known.metadata as Json & { annotations?: Json };
    const chosen = { ...metadata, annotations: { ...annotations, [autonamed]: "true" }, name: objectName };
    return { ...known, ...secret, metadata: chosen };
}

/** The value with what is not known yet, and the checksums over it, replaced by the placeholder. */
function unknown(value: unknown, names: string[]): unknown {
    if (typeof value === "string") return names.includes(value) ? unknownValue : value;
    if (Array.isArray(value)) return value.map((one) => unknown(one, names));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [
            name,
            name === "pglog/revision" && names.length > 0 ? unknownValue : unknown(member, names),
        ]),
    );
}
