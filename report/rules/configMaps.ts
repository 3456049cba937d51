import type { Change, FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { fixedName } from "../../render/metadata";
import { setupRules } from "./elasticsearchSetup";
import { logConfigRules } from "./fluentBit";
import { metadataRules } from "./metadata";
import { keepsName, noLongerReads, stillRead } from "./plan";
import { postgresConfigRules } from "./postgresConfig";
import { edit, judged, nothing, type ObjectRules } from "./rule";

const proofRules: ObjectRules = {
    create: nothing,
    delete: stillRead("delivery-proof-job"),
    replace: stillRead("delivery-proof-job"),
    fields: [edit("data[*]", "unknown", "The proof may check something different: check it."), ...metadataRules],
};

/** The certificates of a PEM file. */
const certificates = (text: unknown): string[] =>
    typeof text === "string" ? (text.match(/-----BEGIN [^]*?-----END CERTIFICATE-----/g) ?? []) : [];

/** Each certificate is an authority that may sign the server's. */
function trusted({ from, to }: FieldChange): Effect {
    return certificates(to).length > 0 && certificates(to).every((one) => certificates(from).includes(one))
        ? effect("logging", "Fewer certificate authorities are trusted.")
        : effect("security", "A certificate authority is trusted that was not before.");
}

function stillMounted(change: Change, plan: readonly Change[]): Effect[] {
    return keepsName(change) || noLongerReads(plan, "postgres-deployment", fixedName(change.before) ?? "")
        ? []
        : [effect("outage", "PostgreSQL's Pod still mounts it, and cannot start again.")];
}

const authorityRules: ObjectRules = {
    create: nothing,
    delete: stillMounted,
    replace: stillMounted,
    fields: [judged("data[ca.crt]", "elasticsearchCa", trusted), ...metadataRules],
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
