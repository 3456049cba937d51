import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { loggingRules } from "./postgresConfig";
import { edit, judged, nothing, part, set, type FieldRule, type ObjectRules } from "./rule";

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

export const logConfigRules: ObjectRules = {
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
