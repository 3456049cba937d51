import type { Effect } from "../effect";
import { edit, type FieldRule } from "./rule";

const hardening = "A container may do more, or other things, than before: look.";
export const template = "spec.template.spec";

/** What may differ in the Pod of any workload. */
export function podRules(edited: Effect): FieldRule[] {
    return [
        edit(`${template}.securityContext**`, "security", hardening),
        ...["containers", "initContainers"].flatMap((list) => [
            edit(`${template}.${list}[*].securityContext**`, "security", hardening),
            edit(`${template}.${list}[*].imagePullPolicy`, "none", "When the image is pulled."),
            edit(`${template}.${list}[*].**`, edited.level, edited.says),
            edit(`${template}.${list}[*]`, edited.level, edited.says),
        ]),
        edit(`${template}.automountServiceAccountToken`, "security", "Whether the Pod can speak to Kubernetes."),
        ...["hostNetwork", "hostPID", "hostIPC"].map((name) => edit(`${template}.${name}`, "security", hardening)),
        edit(`${template}.enableServiceLinks`, "none", "Whether Services are in the environment."),
        edit(`${template}.**`, edited.level, edited.says),
        edit("spec.template.metadata.labels**", edited.level, edited.says),
        edit("spec.template.metadata.annotations**", "none", "An annotation of the Pod."),
    ];
}
