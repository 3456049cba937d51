import { schedulingFields } from "../../components/kubernetes/podSpec";
import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { edit, judged, type FieldRule } from "./rule";

export const template = "spec.template.spec";

/** The values of a security context that give a container the fewest privileges. */
const strict: Record<string, (value: unknown) => boolean> = {
    allowPrivilegeEscalation: (value) => value === false,
    readOnlyRootFilesystem: (value) => value === true,
    runAsNonRoot: (value) => value === true,
    privileged: (value) => value !== true,
    hostNetwork: (value) => value !== true,
    hostPID: (value) => value !== true,
    hostIPC: (value) => value !== true,
    automountServiceAccountToken: (value) => value === false,
    type: (value) => value === "RuntimeDefault" || value === "Localhost",
    drop: (value) => Array.isArray(value) && value.includes("ALL"),
    add: (value) => value === undefined || (Array.isArray(value) && value.length === 0),
};

/** The effect of a field that gives or takes privileges. */
function privileges({ path, to }: FieldChange): Effect {
    const name = path.split(".").at(-1)!;
    if (name === "fsGroupChangePolicy") return effect("none", "It changes when the owner of files is set.");
    return strict[name]?.(to) === true
        ? effect("none", "A container has fewer privileges.")
        : effect("security", "A container's privileges changed: check it.");
}

const fits = effect("unknown", "The Pod starts only on a node that fits and can attach its volumes: check it.");
const signsIn = effect("unknown", "Nodes pull images with these Secrets: check that the namespace has them.");

/**
 * Rules for the Pod template of any workload.
 *
 * @param edited the effect of an edit of the program
 * @param replaced the effects of a new Pod, unless the object's own rules tell them
 */
export function podRules(edited: Effect, ...replaced: Effect[]): FieldRule[] {
    return [
        judged(`${template}.securityContext**`, undefined, privileges),
        ...["containers", "initContainers"].flatMap((list) => [
            judged(`${template}.${list}[*].securityContext**`, undefined, privileges),
            edit(`${template}.${list}[*].imagePullPolicy`, "none", "It changes when the image is pulled."),
            edit(`${template}.${list}[*].**`, edited.level, edited.says),
            edit(`${template}.${list}[*]`, edited.level, edited.says),
        ]),
        ...["automountServiceAccountToken", "hostNetwork", "hostPID", "hostIPC"].map((name) =>
            judged(`${template}.${name}`, undefined, privileges),
        ),
        ...schedulingFields.map((name) => judged(`${template}.${name}**`, "scheduling", () => [fits, ...replaced])),
        judged(`${template}.imagePullSecrets**`, "imagePullSecrets", () => [signsIn, ...replaced]),
        edit(`${template}.enableServiceLinks`, "none", "It changes whether Services are in the environment."),
        edit(`${template}.**`, edited.level, edited.says),
        edit("spec.template.metadata.labels**", edited.level, edited.says),
        edit("spec.template.metadata.annotations**", "none", "The annotation only describes the Pod."),
    ];
}
