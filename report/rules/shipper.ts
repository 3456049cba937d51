import type { Change } from "../change";
import { metadataRules } from "./data";
import { effect, type Effect } from "../effect";
import type { FieldChange } from "../fields";
import { loggingRules, postgresConfigRules } from "./postgres";
import { edit, follows, judged, nothing, part, set, shown, type FieldRule, type ObjectRules } from "./rule";

const elsewhere = "Lines go there, also those that wait; the earlier ones stay where they are.";
const output = "data[fluent-bit.yaml].pipeline.outputs[elasticsearch]";
const guarantee =
    "Whether each line arrives, once, depends on it: look (docs/logs.md says what each setting is there for).";
const credentials = "The shipper signs in otherwise.";

/** Fluent Bit's configuration. */
const fluentBitRules: FieldRule[] = [
    set(
        "data[fluent-bit.yaml].service.log_level",
        "fluentBitLogLevel",
        "none",
        "Fluent Bit says more or less of itself.",
    ),
    part(
        "data[fluent-bit.yaml].service[storage.rejected.limit]",
        "logVolumeSize",
        "none",
        "Lines that Elasticsearch refused for good have more or less room.",
    ),
    part(`${output}.compress`, "elasticsearchMode", "none", "Requests that leave the cluster are compressed."),
    set(`${output}.host`, "elasticsearchHost", "logging", elsewhere),
    set(`${output}.port`, "elasticsearchPort", "logging", elsewhere),
    set(`${output}.index`, "elasticsearchIndex", "logging", elsewhere),
    set(`${output}.logstash_prefix`, "elasticsearchIndex", "logging", elsewhere),
    ...["logstash_format", "logstash_dateformat"].map((name) =>
        part(`${output}.${name}`, "elasticsearchTarget", "logging", elsewhere),
    ),
    judged(`${output}.tls`, "elasticsearchScheme", ({ to }) =>
        to === true
            ? effect("logging", "Lines and credentials are encrypted on their way.")
            : effect("security", "Lines and credentials cross the network in clear text."),
    ),
    ...["tls.verify", "tls.verify_hostname"].map((name) =>
        judged(`${output}[${name}]`, "elasticsearchScheme", ({ to }) =>
            to === true
                ? effect("none", "The server's certificate is checked.")
                : effect("security", "Whoever answers is taken for Elasticsearch, unless the scheme is http."),
        ),
    ),
    set(`${output}[tls.vhost]`, "elasticsearchServerName", "logging", "The certificate must be for that name."),
    part(`${output}[tls.ca_file]`, "elasticsearchCa", "logging", "Another authority's certificates are trusted."),
    part(`${output}[tls.min_version]`, "elasticsearchScheme", "none", "The oldest TLS that is spoken."),
    ...["name", "http_user", "http_passwd", "http_api_key", "write_operation"].map((name) =>
        part(`${output}.${name}`, "elasticsearchAuth", "logging", credentials),
    ),
    ...["data[fluent-bit.yaml].env**"].map((at) => part(at, "elasticsearchAuth", "logging", credentials)),
    edit("data[fluent-bit.yaml]**", "unknown", guarantee),
    edit(
        "data[document.lua]",
        "unknown",
        "The documents' fields may be others: look whether the index template knows them.",
    ),
];

const logConfigRules: ObjectRules = {
    create: nothing,
    delete: () => [effect("outage", "PostgreSQL cannot start without its configuration.")],
    replace: () => [effect("none", "The configuration is made anew.")],
    fields: [
        ...loggingRules,
        // Without a shipper there is none of its files: the Pod's containers say so.
        { at: /^data\[(fluent-bit\.yaml|document\.lua)\]$/, effects: comesOrGoes },
        ...fluentBitRules,
        edit("data[*]", "unknown", "A file that is not known here: look."),
        ...metadataRules,
    ],
};

function comesOrGoes({ path, from, to }: FieldChange): Effect[] {
    if (from === undefined || to === undefined) return [];
    return [effect("unknown", path.includes("lua") ? "The documents' fields may be others: look." : guarantee)];
}

/** Days for which a value of the lifecycle keeps lines; nothing means for ever. */
const days = (value: unknown) => Number(/^(\d+)d$/.exec(shown(value))?.[1] ?? Infinity);

function retention({ from, to }: Pick<FieldChange, "from" | "to">): Effect {
    if (days(to) === days(from)) return effect("none", "Elasticsearch keeps lines for as long as before.");
    return days(to) < days(from)
        ? effect("log-loss", `Elasticsearch deletes lines older than ${days(to)} days.`)
        : effect("none", "Elasticsearch keeps lines for longer.");
}

/** The age at which the lifecycle policy in a file deletes lines, if it is one. */
function minAge(file: unknown): unknown {
    const policy = file as { policy?: { phases?: { delete?: { min_age?: unknown } } } } | undefined;
    return policy?.policy?.phases?.delete?.min_age;
}

/** What says for how long. Indices of another kind begin with it: nothing that is there is deleted by it. */
function kept(at: string, effects: (field: FieldChange) => Effect): FieldRule {
    return { ...judged(at, "elasticsearchRetentionDays", effects), follows: ["elasticsearchTarget"] };
}

const nextIndex =
    "Holds for the next daily index, or after the data stream's next rollover. Until then lines keep the old type, and a search over both may conflict.";

const setupRules: ObjectRules = {
    create: nothing,
    delete: nothing,
    replace: nothing,
    fields: [
        kept("data[policy.json].policy.phases.delete.min_age", retention),
        kept("data[lifecycle.json].data_retention", retention),
        kept("data[template.json].template.lifecycle.data_retention", retention),
        kept("data[policy.json]", ({ from, to }) => retention({ from: minAge(from), to: minAge(to) })),
        follows(
            "data[template.json].template.settings[index.lifecycle.name]",
            "elasticsearchRetentionDays",
            "elasticsearchIndex",
        ),
        edit("data[policy.json]**", "unknown", "What the lifecycle policy does with lines is another thing: look."),
        edit("data[template.json].template.mappings**", "logging", nextIndex),
        edit("data[template.json].template.settings**", "logging", nextIndex),
        part(
            "data[template.json].index_patterns",
            "elasticsearchIndex",
            "logging",
            "The template is for other indices.",
        ),
        part(
            "data[template.json].data_stream**",
            "elasticsearchTarget",
            "logging",
            "Lines go to indices of another kind.",
        ),
        follows("data[lifecycle.json]", "elasticsearchTarget"),
        follows("data[requests]", "elasticsearchTarget", "elasticsearchIndex", "elasticsearchRetentionDays"),
        edit("data[template.json]**", "logging", nextIndex),
        edit("data[*]", "unknown", "What a script does cannot be told from its text: look at the diff."),
        ...metadataRules,
    ],
};

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
