import { derivedParameters, parameterKey } from "../../components/postgres/config";
import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, judged, nothing, part, set, shift, shown, type FieldRule, type ObjectRules } from "./rule";

/** Settings that change plans and speed, and nothing that a client can see otherwise. */
const onlySpeed =
    /^(enable_\w+|\w+_cost|\w*cost_limit|\w*cost_delay|jit\w*|geqo\w*|effective_\w+|default_statistics_target|from_collapse_limit|join_collapse_limit|random_page_cost|seq_page_cost|autovacuum_\w+|vacuum_\w+|bgwriter_\w+|checkpoint_\w+|wal_compression|hash_mem_multiplier|temp_buffers|parallel_\w+|max_parallel_\w+|track_\w+)$/;
/** Settings by which sessions or statements are ended. */
const limits = /^(\w+_timeout|idle_in_transaction_session_timeout)$/;

/** What the program fixes for every stack: only an edit of the program changes it. */
const fixed: Record<string, Effect> = {
    fsync: effect("data-loss", "A crash of the node can destroy the whole database."),
    full_page_writes: effect("data-loss", "A crash of the node can destroy pages of the database."),
    data_directory: effect("outage", "PostgreSQL starts with another directory: an empty database, or none."),
    listen_addresses: effect("outage", "Clients and probes find no server."),
    port: effect("outage", "Clients and probes find no server."),
    password_encryption: effect("security", "New passwords are stored otherwise."),
    hba_file: effect("security", "Who may connect is decided by another file."),
};

const line = (field: FieldChange) => /[.[]([\w.]+)\]?$/.exec(field.path)![1]!;

/** The lines of postgresql.conf. */
const confRules: FieldRule[] = [
    ...Object.entries(fixed).map(([name, { level, says }]) => edit(`data[postgresql.conf].${name}`, level, says)),
    // The one of the derived settings that a stack may set itself, too.
    part("data[postgresql.conf].effective_cache_size", "postgresMemory", "none", parameter),
    ...derivedParameters.map((name) => part(`data[postgresql.conf].${name}`, parameterKey(name), "none", parameter)),
    set(
        "data[postgresql.conf].synchronous_commit",
        "postgresSettings.synchronous_commit",
        "data-loss",
        "Below `on`, a crash loses the last transactions that clients were told are committed.",
    ),
    ...["data[postgresql.conf].*", "data[postgresql.conf][*]"].map((at) =>
        judged(
            at,
            (field) => `postgresSettings.${line(field)}`,
            (field) => {
                const name = line(field);
                if (name.startsWith("log_")) return effect("logging", "Another part of what happens is logged.");
                if (limits.test(name)) return effect("none", "Statements or sessions are ended after another time.");
                if (onlySpeed.test(name)) return effect("none", "Only plans and speed change.");
                return effect("unknown", "What it does is not known here: look it up before you merge.");
            },
        ),
    ),
];

function parameter(field: FieldChange): string {
    return `\`${line(field)}\` ${shift(field).replaceAll("'", "")}.`;
}

const script = "What a script does cannot be told from its text: look at the diff.";

/** The ConfigMap with PostgreSQL's settings and scripts. */
export const postgresConfigRules: ObjectRules = {
    create: nothing,
    delete: () => [effect("outage", "PostgreSQL cannot start without its configuration.")],
    replace: () => [effect("none", "The configuration is made anew.")],
    fields: [
        ...confRules,
        edit("data[pg_hba.conf]", "security", "Who may connect, from where and how, is another: look."),
        edit("data[*]", "unknown", script),
        ...metadataRules,
    ],
};

const durations: Record<string, string> = {
    "-1": "No statement is logged for the time it took.",
    "0": "Every statement is logged, with the time it took.",
};

/** What is logged. */
export const loggingRules: FieldRule[] = [
    set("data[logging.conf].log_statement", "logStatement", "logging", "PostgreSQL logs other kinds of statements."),
    set(
        "data[logging.conf].log_min_duration_statement",
        "logMinDuration",
        "logging",
        ({ to }) => durations[String(to)] ?? `Statements that take ${shown(to)} ms or longer are logged.`,
    ),
    part(
        "data[logging.conf].log_rotation_size",
        "logVolumeSize",
        "none",
        "Log files, which are removed whole, begin at another size.",
    ),
    part("data[logging.conf].log_connections", "postgresVersion", "logging", "Connections are logged otherwise."),
    edit("data[logging.conf].*", "logging", "PostgreSQL logs otherwise: look whether the shipper still reads it."),
];
