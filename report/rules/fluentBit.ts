import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { loggingRules } from "./postgresConfig";
import { edit, judged, nothing, part, set, type FieldRule, type ObjectRules } from "./rule";

const elsewhere = "New and waiting lines go there; delivered lines stay where they are.";
const output = "data[fluent-bit.yaml].pipeline.outputs[elasticsearch]";
const guarantee = "Exactly-once delivery may depend on it: check it (docs/logs.md gives the reason for each setting).";
const credentials = "The shipper signs in with different credentials.";

/** Rules for fluent-bit.yaml. */
const fluentBitRules: FieldRule[] = [
    set(
        "data[fluent-bit.yaml].service.log_level",
        "fluentBitLogLevel",
        "none",
        "Fluent Bit's own log gets more or less detailed.",
    ),
    part(
        "data[fluent-bit.yaml].service[storage.rejected.limit]",
        "logVolumeSize",
        "none",
        "The space for lines that Elasticsearch rejected changes.",
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
            ? effect("logging", "Lines and credentials are encrypted in transit.")
            : effect("security", "Lines and credentials cross the network in clear text."),
    ),
    ...["tls.verify", "tls.verify_hostname"].map((name) =>
        judged(`${output}[${name}]`, "elasticsearchScheme", ({ to }) =>
            to === true
                ? effect("none", "The server's certificate is checked.")
                : effect("security", "The server's certificate is not checked, unless the scheme is http."),
        ),
    ),
    set(`${output}[tls.vhost]`, "elasticsearchServerName", "logging", "The certificate must be for that name."),
    part(`${output}[tls.ca_file]`, "elasticsearchCa", "logging", "A different certificate authority is trusted."),
    part(`${output}[tls.min_version]`, "elasticsearchScheme", "none", "It changes the minimum TLS version."),
    ...["name", "http_user", "http_passwd", "http_api_key", "write_operation"].map((name) =>
        part(`${output}.${name}`, "elasticsearchAuth", "logging", credentials),
    ),
    ...["data[fluent-bit.yaml].env**"].map((at) => part(at, "elasticsearchAuth", "logging", credentials)),
    edit("data[fluent-bit.yaml]**", "unknown", guarantee),
    edit("data[document.lua]", "unknown", "The documents' fields may change: check that the index template has them."),
];

export const logConfigRules: ObjectRules = {
    create: nothing,
    delete: () => [effect("outage", "PostgreSQL cannot start without its configuration.")],
    replace: () => [effect("none", "The configuration is replaced.")],
    fields: [
        ...loggingRules,
        // Without a shipper its files are absent; the row of the Pod's containers reports that.
        { at: /^data\[(fluent-bit\.yaml|document\.lua)\]$/, effects: comesOrGoes },
        ...fluentBitRules,
        edit("data[*]", "unknown", "There is no rule for this file: check it."),
        ...metadataRules,
    ],
};

function comesOrGoes({ path, from, to }: FieldChange): Effect[] {
    if (from === undefined || to === undefined) return [];
    return [effect("unknown", path.includes("lua") ? "The documents' fields may change: check it." : guarantee)];
}
