import { derivedParameters, parameterKey } from "../../components/postgres/config";
import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, judged, nothing, part, set, shift, shown, type FieldRule, type ObjectRules } from "./rule";

/** Settings that change only plans and speed. */
const onlySpeed =
    /^(enable_\w+|\w+_cost|\w*cost_limit|\w*cost_delay|jit\w*|geqo\w*|effective_\w+|default_statistics_target|from_collapse_limit|join_collapse_limit|random_page_cost|seq_page_cost|autovacuum_\w+|vacuum_\w+|bgwriter_\w+|checkpoint_\w+|wal_compression|hash_mem_multiplier|temp_buffers|parallel_\w+|max_parallel_\w+|track_\w+)$/;
/** Settings that end sessions or statements. */
const limits = /^(\w+_timeout|idle_in_transaction_session_timeout)$/;

/** Settings that the program fixes; only an edit of the program changes them. */
const fixed: Record<string, Effect> = {
    fsync: effect("data-loss", "A crash of the node can destroy the whole database."),
    full_page_writes: effect("data-loss", "A crash of the node can destroy pages of the database."),
    data_directory: effect("outage", "PostgreSQL starts with a different directory: an empty database, or none."),
    listen_addresses: effect("outage", "Clients and probes find no server."),
    port: effect("outage", "Clients and probes find no server."),
    password_encryption: effect("security", "New passwords are stored in a different form."),
    hba_file: effect("security", "A different file decides who may connect."),
};

const line = (field: FieldChange) => /[.[]([\w.]+)\]?$/.exec(field.path)![1]!;

/** Rules for the lines of postgresql.conf. */
const confRules: FieldRule[] = [
    ...Object.entries(fixed).map(([name, { level, says }]) => edit(`data[postgresql.conf].${name}`, level, says)),
    // Derived settings that a stack may also set itself.
    part("data[postgresql.conf].effective_cache_size", "postgresMemory", "none", parameter),
    part("data[postgresql.conf].temp_buffers", "postgresMemory", "none", parameter),
    ...derivedParameters.map((name) => part(`data[postgresql.conf].${name}`, parameterKey(name), "none", parameter)),
    set(
        "data[postgresql.conf].synchronous_commit",
        "postgresSettings.synchronous_commit",
        "data-loss",
        "Below `on`, a crash loses the last acknowledged transactions.",
    ),
    ...["data[postgresql.conf].*", "data[postgresql.conf][*]"].map((at) =>
        judged(
            at,
            (field) => `postgresSettings.${line(field)}`,
            (field) => {
                const name = line(field);
                if (name.startsWith("log_")) return effect("logging", "PostgreSQL logs different events.");
                if (limits.test(name)) return effect("none", "Statements or sessions end after a different time.");
                if (onlySpeed.test(name)) return effect("none", "Only plans and speed change.");
                return effect("unknown", "There is no rule for this setting: look it up before you merge.");
            },
        ),
    ),
];

function parameter(field: FieldChange): string {
    return `\`${line(field)}\` ${shift(field).replaceAll("'", "")}.`;
}

const script = "A script changed: read the diff.";

/** Rules for the ConfigMap with PostgreSQL's settings and scripts. */
export const postgresConfigRules: ObjectRules = {
    create: nothing,
    delete: () => [effect("outage", "PostgreSQL cannot start without its configuration.")],
    replace: () => [effect("none", "The configuration is replaced.")],
    fields: [
        ...confRules,
        edit("data[pg_hba.conf]", "security", "It changes who may connect, from where and how: check it."),
        edit("data[*]", "unknown", script),
        ...metadataRules,
    ],
};

const durations: Record<string, string> = {
    "-1": "No statement is logged for its duration.",
    "0": "Every statement is logged with its duration.",
};

/** Rules for logging.conf. */
export const loggingRules: FieldRule[] = [
    set(
        "data[logging.conf].log_statement",
        "logStatement",
        "logging",
        "PostgreSQL logs different kinds of statements.",
    ),
    set(
        "data[logging.conf].log_min_duration_statement",
        "logMinDuration",
        "logging",
        ({ to }) => durations[String(to)] ?? `Statements that take ${shown(to)} ms or longer are logged.`,
    ),
    part("data[logging.conf].log_rotation_size", "logVolumeSize", "none", "Log files rotate at a different size."),
    part("data[logging.conf].log_connections", "postgresVersion", "logging", "Connections are logged differently."),
    edit("data[logging.conf].*", "logging", "PostgreSQL logs differently: check that the shipper still reads it."),
];
