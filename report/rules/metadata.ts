import type { Change, FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { changeOf } from "./plan";
import { edit, judged, type FieldRule } from "./rule";

/** An object's namespace follows the stack's. */
function namespace({ to }: FieldChange, _: Change, plan: readonly Change[]): Effect {
    const stacks = changeOf(plan, "namespace")?.after?.metadata as { name?: unknown } | undefined;
    return stacks !== undefined && (stacks.name === undefined || stacks.name === to)
        ? effect("none", "It is created again in that namespace.")
        : effect("unknown", "It leaves the stack's namespace, and those that use it stay: check it.");
}

/** Rules for the metadata that every object has. */
export const metadataRules: FieldRule[] = [
    judged("metadata.namespace", "namespace", namespace),
    edit("metadata.name", "none", "It is created again under that name."),
    edit("metadata.labels[*]", "none", "No selector uses this label."),
    edit("metadata.labels.*", "none", "No selector uses this label."),
    edit("metadata.annotations[pulumi.com/*]", "none", "It changes how Pulumi waits for the object."),
];
