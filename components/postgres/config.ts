import { autovacuumWorkers, type MemoryBudget } from "./memoryBudget";
import { Mi } from "../kubernetes/quantity";

/** Major versions of PostgreSQL that write jsonlog and are still maintained. */
export const postgresVersions = [15, 16, 17, 18] as const;
export type PostgresVersion = (typeof postgresVersions)[number];

export const logStatements = ["none", "ddl", "mod", "all"] as const;

/** What PostgreSQL writes to its log. */
export interface LoggingArgs {
    /** `log_statement`. */
    statement: (typeof logStatements)[number];
    /** `log_min_duration_statement`, in milliseconds; 0 logs every statement with its duration, -1 none. */
    minDuration: number;
    /** Bytes after which the next log file begins. */
    fileSize: number;
}

/** A value of a PostgreSQL setting, as the stack's configuration gives it. */
export type SettingValue = string | number | boolean;

/** Directory of the volume that PostgreSQL and the sidecar share. */
export const logDirectory = "/var/log/postgresql";
/** Directory of the generated configuration in the PostgreSQL container. */
export const configDirectory = "/etc/postgresql";
/** Directory that the volume with the data is mounted at. */
export const dataVolume = "/var/lib/postgresql";
/**
 * One fixed data directory for every major version. The official image's own default carries the version from 18 on; a
 * version bump would then find an empty directory and start an empty database.
 */
export const dataDirectory = `${dataVolume}/pgdata`;
export const socketDirectory = "/var/run/postgresql";
export const postgresPort = 5432;

/**
 * PostgreSQL's logging settings: one JSON object a line, in files whose names are never used twice. A reader that comes
 * back to a file after a pause would take a name that is used again for the file it knew, and read on in its middle.
 *
 * start.sh adds the Pod to the file's name, so that a reader knows whose lines are in it.
 *
 * `%Z` of a zone that has no abbreviation is a number, which Fluent Bit cannot read, so the zone is UTC.
 */
export function loggingSettings({ statement, minDuration, fileSize }: LoggingArgs, version: PostgresVersion) {
    return {
        logging_collector: true,
        log_destination: "jsonlog",
        log_directory: logDirectory,
        log_filename: "postgresql-%Y-%m-%d_%H%M%S.log",
        log_rotation_age: "1d",
        log_rotation_size: megabytes(fileSize),
        log_truncate_on_rotation: false,
        log_file_mode: "0600", // the sidecar runs under the same user
        log_timezone: "UTC",
        log_line_prefix: "%m [%p] ", // of what does not go to jsonlog: messages before the collector runs
        log_error_verbosity: "default",
        log_min_messages: "warning",
        log_min_error_statement: "error",
        log_statement: statement,
        log_min_duration_statement: minDuration,
        log_parameter_max_length: 1024,
        log_parameter_max_length_on_error: 1024,
        log_checkpoints: true,
        log_lock_waits: true,
        log_temp_files: 0,
        log_autovacuum_min_duration: "1s",
        log_disconnections: true,
        // Before 18 it is all or nothing, and logs each probe: 18 lines a minute that say nothing.
        log_connections: version >= 18 ? "authorization" : false,
    } satisfies Record<string, SettingValue>;
}

/** The settings that follow from the container's limits and the volume's size. */
function resourceSettings(memory: MemoryBudget, storage: number): Record<string, SettingValue> {
    // A quarter of the volume for WAL between two checkpoints: with a fixed size a small volume would fill up.
    const maxWal = Math.max(64 * Mi, Math.min(4096 * Mi, Math.floor(storage / 4)));
    return {
        max_connections: memory.maxConnections,
        superuser_reserved_connections: 1, // the default, 3, is most of what a small database has
        max_parallel_workers: memory.parallelWorkers,
        shared_buffers: megabytes(memory.sharedBuffers),
        effective_cache_size: megabytes(memory.effectiveCacheSize),
        work_mem: megabytes(memory.workMem),
        maintenance_work_mem: megabytes(memory.maintenanceWorkMem),
        autovacuum_max_workers: autovacuumWorkers,
        huge_pages: "off", // the container asks for none; `try` ends in SIGBUS on a node that has some
        max_wal_size: megabytes(maxWal),
        min_wal_size: megabytes(Math.max(32 * Mi, Math.floor(maxWal / 4))),
    };
}

/** Settings that hold for every stack, each because something else relies on it. */
const fixedSettings = {
    listen_addresses: "*",
    port: postgresPort,
    unix_socket_directories: socketDirectory,
    data_directory: dataDirectory,
    hba_file: `${configDirectory}/pg_hba.conf`,
    password_encryption: "scram-sha-256",
    fsync: true,
    full_page_writes: true,
    // With `on`, crash recovery runs inside the started container and the liveness probe would end it, again and again.
    restart_after_crash: false,
} satisfies Record<string, SettingValue>;

/** Settings that tune what logging says without breaking its way to Elasticsearch; the stack may set these. */
const tunableLogging = new Set([
    "log_min_messages",
    "log_min_error_statement",
    "log_parameter_max_length",
    "log_parameter_max_length_on_error",
    "log_checkpoints",
    "log_lock_waits",
    "log_temp_files",
    "log_autovacuum_min_duration",
    "log_disconnections",
    "log_connections",
    "log_error_verbosity",
]);

/** Settings with a key of their own in the stack's configuration, and that key. */
const ownKeys = {
    log_statement: "logStatement",
    log_min_duration_statement: "logMinDuration",
    log_rotation_size: "logVolumeSize",
    max_connections: "postgresMemory",
    superuser_reserved_connections: "postgresMemory",
    max_parallel_workers: "postgresMemory",
    shared_buffers: "postgresMemory",
    work_mem: "postgresMemory",
    maintenance_work_mem: "postgresMemory",
    autovacuum_max_workers: "postgresMemory",
    huge_pages: "postgresMemory",
    max_wal_size: "storageSize",
    min_wal_size: "storageSize",
} as const;

/** PostgreSQL settings that follow from the stack's configuration. */
export const derivedSettings = Object.keys(ownKeys);

/** The key of the stack's configuration that a PostgreSQL setting follows from; undefined where it follows from none. */
export function settingKey(name: string) {
    return Object.hasOwn(ownKeys, name) ? ownKeys[name as keyof typeof ownKeys] : undefined;
}

/** Levels of `log_min_messages` at which the delivery marker, a message of level LOG, is still written. */
const levelsThatLog = ["debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning", "error", "log"];

/** Why a stack may not set this PostgreSQL setting to this value; undefined where it may. */
export function refusedSetting(name: string, value: SettingValue): string | undefined {
    if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name)) return "is not the name of a PostgreSQL setting";
    if (/[\n\r\0]/.test(String(value))) return "must be one line";
    const key = settingKey(name);
    if (key !== undefined) return `follows from ${key}`;
    if (name === "log_min_messages" && !levelsThatLog.includes(String(value)))
        return `must be one of ${levelsThatLog.join(", ")}: above them PostgreSQL would not log the delivery marker`;
    const logging = loggingSettings({ statement: "none", minDuration: -1, fileSize: Mi }, 17);
    const kept = name in fixedSettings || (name in logging && !tunableLogging.has(name));
    if (kept || /^(syslog|event_source|config_file|ident_file|include)/.test(name))
        return "is the program's own: the Pod or the way of the log lines relies on it";
    return undefined;
}

/** postgresql.conf without the logging settings, which it includes from the file beside it. */
export function renderPostgresConf(memory: MemoryBudget, storage: number, settings: Record<string, SettingValue>) {
    return [
        ...settingLines({ ...resourceSettings(memory, storage), ...fixedSettings }),
        `include = ${quoted(`${configDirectory}/logging.conf`)}`,
        ...settingLines(settings),
        "",
    ].join("\n");
}

/** The included file with the logging settings. */
export function renderLoggingConf(logging: LoggingArgs, version: PostgresVersion): string {
    return [...settingLines(loggingSettings(logging, version)), ""].join("\n");
}

/** The administrator comes in over the socket in the Pod alone; everyone else by password. */
export function renderHba(): string {
    return [
        "# TYPE  DATABASE  USER      ADDRESS  METHOD",
        "local   all       postgres           peer",
        "host    all       postgres  all      reject",
        "host    all       all       all      scram-sha-256",
        "",
    ].join("\n");
}

function settingLines(settings: Record<string, SettingValue>): string[] {
    return Object.keys(settings)
        .sort()
        .map((name) => `${name} = ${rendered(settings[name]!)}`);
}

const rendered = (value: SettingValue) =>
    typeof value === "boolean" ? (value ? "on" : "off") : typeof value === "number" ? String(value) : quoted(value);
// A backslash begins an escape in a quoted text, as in C.
const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
const megabytes = (bytes: number) => `${Math.floor(bytes / Mi)}MB`;
