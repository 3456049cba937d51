import { edit, set, type FieldRule } from "./rule";

/** Rules for the metadata that every object has. */
export const metadataRules: FieldRule[] = [
    set("metadata.namespace", "namespace", "none", "It is created again in that namespace."),
    edit("metadata.name", "none", "It is created again under that name."),
    edit("metadata.labels[*]", "none", "No selector uses this label."),
    edit("metadata.labels.*", "none", "No selector uses this label."),
    edit("metadata.annotations[pulumi.com/*]", "none", "It changes how Pulumi waits for the object."),
];
