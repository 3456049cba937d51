import { edit, set, type FieldRule } from "./rule";

/** What every object has. */
export const metadataRules: FieldRule[] = [
    set("metadata.namespace", "namespace", "none", "It is made anew in that namespace."),
    edit("metadata.name", "none", "It is made anew under that name."),
    edit("metadata.labels[*]", "none", "A label that nothing selects by."),
    edit("metadata.labels.*", "none", "A label that nothing selects by."),
    edit("metadata.annotations[pulumi.com/*]", "none", "How Pulumi waits for it."),
];
