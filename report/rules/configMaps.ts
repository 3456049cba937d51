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
    fields: [edit("data[*]", "unknown", "The proof may check something different: check it."), ...metadataRules],
};

const authorityRules: ObjectRules = {
    create: nothing,
    delete: nothing,
    replace: nothing,
    fields: [
        set("data[ca.crt]", "elasticsearchCa", "logging", "A different certificate authority is trusted."),
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
    create: () => [effect("unknown", "There is no rule for this ConfigMap: check it.")],
    delete: () => [effect("unknown", "A ConfigMap without a rule is deleted: check it.")],
    replace: () => [effect("unknown", "A ConfigMap without a rule is replaced: check it.")],
    fields: [],
};

export function configMapRules({ name }: Change): ObjectRules {
    return configMaps[name] ?? anyConfigMap;
}
