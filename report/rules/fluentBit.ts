import { coerce, compare } from "semver";
import type { Change, FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { linesStop } from "./lines";
import { metadataRules } from "./metadata";
import { claimSizeOf, outputOf } from "./plan";
import { loggingRules, moved, refusedLogging } from "./postgresConfig";
import { logVolume } from "../../components/logs/volume";
import { bytesOf } from "../../components/kubernetes/quantity";
import { derived, edit, judged, nothing, part, set, shown, type FieldRule, type ObjectRules } from "./rule";

const elsewhere = "New and waiting lines go there; delivered lines stay where they are.";
const at = "data[fluent-bit.yaml].pipeline.outputs[elasticsearch]";
const guarantee = "Exactly-once delivery may depend on it: check it (docs/logs.md gives the reason for each setting).";

type Login = "none" | "basic" | "apiKey";
const login = (output: ReturnType<typeof outputOf>): Login =>
    output?.http_api_key !== undefined ? "apiKey" : output?.http_user !== undefined ? "basic" : "none";

/** The effect of a field that belongs to how the shipper signs in. */
function signsIn({ to }: FieldChange, { before, after }: Change): Effect {
    const [was, is] = [login(outputOf(before)), login(outputOf(after))];
    if (was === is && was === "none" && to === undefined) return effect("none", "The shipper does not sign in.");
    if (was === is) return effect("unknown", "The shipper may no longer sign in: check it.");
    return is === "none"
        ? effect("security", "The shipper no longer signs in: whoever reaches this Elasticsearch can do what it does.")
        : effect("logging", "The shipper signs in with different credentials.");
}

/** Only the output `es` can send an API key, and all others use `opensearch`. */
const fitsLogin = (_: FieldChange, { after }: Change) => {
    const output = outputOf(after);
    return output?.name === (login(output) === "apiKey" ? "es" : "opensearch");
};

/** The effect of a certificate authority that comes, goes or changes its file. */
function authority({ from, to }: FieldChange, { after }: Change): Effect {
    if (to !== undefined) return effect("logging", "The server's certificate must be signed by this authority.");
    if (outputOf(after)?.tls !== true) return effect("none", "There are no certificates.");
    return from === undefined
        ? effect("none", "The authorities of the image are trusted, as before.")
        : effect("security", "Every authority that the image trusts is trusted now, and not only your own.");
}

function oldestTls({ from, to }: FieldChange, { after }: Change): Effect {
    if (outputOf(after)?.tls !== true) return effect("none", "There is no TLS.");
    const [was, is] = [coerce(shown(from)) ?? coerce("1"), coerce(shown(to)) ?? coerce("1")] as const;
    return compare(is!, was!) < 0
        ? effect("security", "Older versions of TLS are accepted.")
        : effect("none", "Only newer versions of TLS are accepted.");
}

/** True if the space for refused lines is what the volume's size gives. */
const fitsVolume = ({ to }: FieldChange, _: Change, plan: readonly Change[]) => {
    const size = claimSizeOf(plan, "postgres-log-queue");
    return size !== undefined && Math.floor(logVolume(size).rejected / bytesOf("1Mi")!) === parseInt(shown(to));
};

/** Rules for fluent-bit.yaml. */
const fluentBitRules: FieldRule[] = [
    set(
        "data[fluent-bit.yaml].service.log_level",
        "fluentBitLogLevel",
        "none",
        "Fluent Bit's own log gets more or less detailed.",
    ),
    derived("data[fluent-bit.yaml].service[storage.rejected.limit]", ["logVolumeSize"], fitsVolume),
    part(`${at}.compress`, "elasticsearchMode", "none", "Requests that leave the cluster are compressed."),
    set(`${at}.host`, "elasticsearchHost", "logging", elsewhere),
    set(`${at}.port`, "elasticsearchPort", "logging", elsewhere),
    set(`${at}.index`, "elasticsearchIndex", "logging", elsewhere),
    set(`${at}.logstash_prefix`, "elasticsearchIndex", "logging", elsewhere),
    ...["logstash_format", "logstash_dateformat"].map((name) =>
        part(`${at}.${name}`, "elasticsearchTarget", "logging", elsewhere),
    ),
    judged(`${at}.tls`, "elasticsearchScheme", ({ to }) =>
        to === true
            ? effect("logging", "Lines and credentials are encrypted in transit.")
            : effect("security", "Lines and credentials cross the network in clear text."),
    ),
    ...["tls.verify", "tls.verify_hostname"].map((name) =>
        judged(`${at}[${name}]`, "elasticsearchScheme", ({ to }) =>
            to === true
                ? effect("none", "The server's certificate is checked.")
                : effect("security", "The server's certificate is not checked, unless the scheme is http."),
        ),
    ),
    set(`${at}[tls.vhost]`, "elasticsearchServerName", "logging", "The certificate must be for that name."),
    judged(`${at}[tls.ca_file]`, "elasticsearchCa", authority),
    judged(`${at}[tls.min_version]`, "elasticsearchScheme", oldestTls),
    ...["http_user", "http_passwd", "http_api_key"].map((name) =>
        judged(`${at}.${name}`, "elasticsearchAuth", signsIn),
    ),
    judged("data[fluent-bit.yaml].env**", "elasticsearchAuth", signsIn),
    ...["name", "write_operation"].map((name) => ({
        ...derived(`${at}.${name}`, ["elasticsearchAuth"], fitsLogin),
        effects: () => [effect("unknown", guarantee)],
    })),
    edit("data[fluent-bit.yaml]**", "unknown", guarantee),
    edit("data[document.lua]", "unknown", "The documents' fields may change: check that the index template has them."),
];

const gone = effect("outage", "PostgreSQL cannot start without its configuration.");

export const logConfigRules: ObjectRules = {
    create: nothing,
    delete: () => [gone],
    replace: moved,
    fields: [
        ...loggingRules,
        { at: /^data\[(fluent-bit\.yaml|document\.lua)\]$/, effects: comesOrGoes },
        ...fluentBitRules,
        edit("data[*]", "unknown", "There is no rule for this file: check it."),
        ...metadataRules,
    ],
    wrong: refusedLogging,
};

/** Without a shipper its files are absent. The row of the Pod's containers reports that. */
function comesOrGoes({ path, from, to }: FieldChange, _: Change, plan: readonly Change[]): Effect[] {
    const pod = plan.find(({ name }) => name === "postgres-deployment");
    const led = pod?.fields.some((field) => field.path.endsWith("initContainers[fluent-bit]")) ?? false;
    if (led && (from === undefined || to === undefined)) return [];
    if (to === undefined) return [effect("log-loss", `The shipper does not start without it. ${linesStop}`)];
    return [effect("unknown", path.includes("lua") ? "The documents' fields may change: check it." : guarantee)];
}
