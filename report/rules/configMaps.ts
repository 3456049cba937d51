import type { Change } from "../change";
import { effect } from "../effect";
import { setupRules } from "./elasticsearchSetup";
import { logConfigRules } from "./fluentBit";
import { metadataRules } from "./metadata";
import { postgresConfigRules } from "./postgresConfig";
import { edit, nothing, set, type ObjectRules } from "./rule";

const proofRules: ObjectRules = {
    create: nothing,
    delete: nothing,
    replace: nothing,
    fields: [edit("data[*]", "unknown", "What is proven may be another thing: look."), ...metadataRules],
};

const authorityRules: ObjectRules = {
    create: nothing,
    delete: nothing,
    replace: nothing,
    fields: [
        set("data[ca.crt]", "elasticsearchCa", "logging", "Another authority's certificates are trusted."),
        ...metadataRules,
    ],
};

const configMaps: Record<string, ObjectRules> = {
    "postgres-config": postgresConfigRules,
    "postgres-log-config": logConfigRules,
    "elasticsearch-setup-config": setupRules,
    "elasticsearch-ca": authorityRules,
    "delivery-proof-scripts": proofRules,
};

const anyConfigMap: ObjectRules = {
    create: () => [effect("unknown", "A ConfigMap that is not known here: look.")],
    delete: () => [effect("unknown", "A ConfigMap that is not known here goes: look.")],
    replace: () => [effect("unknown", "A ConfigMap that is not known here is made anew: look.")],
    fields: [],
};

export function configMapRules({ name }: Change): ObjectRules {
    return configMaps[name] ?? anyConfigMap;
}
