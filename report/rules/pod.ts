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

/** Rules for the Pod template of any workload. */
export function podRules(edited: Effect): FieldRule[] {
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
        edit(`${template}.enableServiceLinks`, "none", "It changes whether Services are in the environment."),
        edit(`${template}.**`, edited.level, edited.says),
        edit("spec.template.metadata.labels**", edited.level, edited.says),
        edit("spec.template.metadata.annotations**", "none", "The annotation only describes the Pod."),
    ];
}
