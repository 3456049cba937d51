import type { Effect } from "../effect";
import { edit, type FieldRule } from "./rule";

const hardening = "A container's privileges changed: check it.";
export const template = "spec.template.spec";

/** Rules for the Pod template of any workload. */
export function podRules(edited: Effect): FieldRule[] {
    return [
        edit(`${template}.securityContext**`, "security", hardening),
        ...["containers", "initContainers"].flatMap((list) => [
            edit(`${template}.${list}[*].securityContext**`, "security", hardening),
            edit(`${template}.${list}[*].imagePullPolicy`, "none", "It changes when the image is pulled."),
            edit(`${template}.${list}[*].**`, edited.level, edited.says),
            edit(`${template}.${list}[*]`, edited.level, edited.says),
        ]),
        edit(
            `${template}.automountServiceAccountToken`,
            "security",
            "It changes whether the Pod has a token for the Kubernetes API.",
        ),
        ...["hostNetwork", "hostPID", "hostIPC"].map((name) => edit(`${template}.${name}`, "security", hardening)),
        edit(`${template}.enableServiceLinks`, "none", "It changes whether Services are in the environment."),
        edit(`${template}.**`, edited.level, edited.says),
        edit("spec.template.metadata.labels**", edited.level, edited.says),
        edit("spec.template.metadata.annotations**", "none", "The annotation only describes the Pod."),
    ];
}
