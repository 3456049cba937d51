import { createHash } from "node:crypto";
import { Mi } from "../kubernetes/quantity";
import { logDirectory, logFileName } from "../logs/files";
import { autovacuumWorkers, type MemoryBudget } from "./memoryBudget";
import { parameters as parametersOf } from "./parameters/table";

/** Major versions of PostgreSQL that write jsonlog and that its project still maintains. */
export const postgresVersions = [15, 16, 17, 18] as const;
export type PostgresVersion = (typeof postgresVersions)[number];

export const logStatements = ["none", "ddl", "mod", "all"] as const;

/** PostgreSQL's logging. */
export interface LoggingArgs {
    /** `log_statement`. */
    statement: (typeof logStatements)[number];
    /** `log_min_duration_statement`, in milliseconds; 0 logs every statement with its duration, -1 none. */
    minDuration: number;
    /** Bytes after which PostgreSQL starts a new log file. */
    fileSize: number;
}

/** A value of a PostgreSQL parameter, as the key postgresSettings gives it. */
export type ParameterValue = string | number | boolean;

/** Where the generated configuration is mounted in the PostgreSQL container. */
export const configDirectory = "/etc/postgresql";
/** Mount path of the data volume. */
export const dataVolume = "/var/lib/postgresql";
/**
 * The copy of the configuration that PostgreSQL accepted and reads. The mounted files change under a running server, and
 * a refused one must not be there at its next start; see scripts/configuration.sh.
 */
const activeDirectory = `${dataVolume}/config`;
/** The file that decides who may connect. */
export const hbaFile = `${activeDirectory}/pg_hba.conf`;
/**
 * The same data directory for every major version. From 18 on, the official image's default contains the version, so an
 * upgrade would find an empty directory there and start an empty database.
 */
export const dataDirectory = `${dataVolume}/pgdata`;
export const socketDirectory = "/var/run/postgresql";
export const postgresPort = 5432;

/**
 * PostgreSQL's logging parameters: one JSON object per line.
 *
 * The time zone is UTC, because Fluent Bit cannot parse a zone without an abbreviation, which `%Z` prints as a number.
 */
export function loggingParameters({ statement, minDuration, fileSize }: LoggingArgs, version: PostgresVersion) {
    return {
        log_destination: "jsonlog",
        log_directory: logDirectory,
        log_filename: logFileName,
        log_rotation_age: "1d",
        log_rotation_size: megabytes(fileSize),
        log_truncate_on_rotation: false,
        log_file_mode: "0600", // the shipper has the same user
        log_timezone: "UTC",
        log_line_prefix: "%m [%p] ", // for lines outside jsonlog: messages before the collector runs
        log_error_verbosity: "default",
        log_min_messages: "warning",
        log_min_error_statement: "error",
        log_statement: statement,
        log_min_duration_statement: minDuration,
        compute_query_id: true, // so that lines say which statements differ only in their values
        log_parameter_max_length: 1024,
        log_parameter_max_length_on_error: 1024,
        log_checkpoints: true,
        log_lock_waits: true,
        log_temp_files: 0,
        log_autovacuum_min_duration: "1s",
        log_disconnections: true,
        // Before 18 the only choice is all, and that logs every probe: 18 useless lines a minute.
        log_connections: version >= 18 ? "authorization" : false,
    } satisfies Record<string, ParameterValue>;
}

/** Connections that only the administrator gets. The default, 3, is most of a small database's connections. */
const superuserConnections = 1;

/** The connection parameters that come from the memory limit, as texts. */
export function connectionParameters({ maxConnections }: MemoryBudget): Record<string, string> {
    return {
        max_connections: String(maxConnections),
        superuser_reserved_connections: String(superuserConnections),
    };
}

/** Parameters derived from the container's limits and the volume's size. */
function resourceParameters(memory: MemoryBudget, storage: number): Record<string, ParameterValue> {
    // WAL between two checkpoints may use a quarter of the volume. A fixed size would fill a small volume.
    const maxWal = Math.max(64 * Mi, Math.min(4096 * Mi, Math.floor(storage / 4)));
    return {
        max_connections: memory.maxConnections,
        superuser_reserved_connections: superuserConnections,
        max_parallel_workers: memory.parallelWorkers,
        shared_buffers: megabytes(memory.sharedBuffers),
        effective_cache_size: megabytes(memory.effectiveCacheSize),
        work_mem: megabytes(memory.workMem),
        hash_mem_multiplier: 1, // the default, 2.0, lets a hash take twice the memory that the budget counts
        temp_buffers: megabytes(memory.tempBuffers),
        maintenance_work_mem: megabytes(memory.maintenanceWorkMem),
        autovacuum_max_workers: autovacuumWorkers,
        huge_pages: "off", // the container requests none, and `try` ends in SIGBUS on a node that has some
        max_wal_size: megabytes(maxWal),
        min_wal_size: megabytes(Math.max(32 * Mi, Math.floor(maxWal / 4))),
    };
}

/** Parameters with the same value in every stack, because the Pod or the shipper relies on it. */
const fixedParameters = {
    listen_addresses: "*",
    port: postgresPort,
    unix_socket_directories: socketDirectory,
    data_directory: dataDirectory,
    hba_file: hbaFile,
    logging_collector: true,
    password_encryption: "scram-sha-256",
    fsync: true,
    full_page_writes: true,
    // With `on`, crash recovery runs in the started container, and the liveness probe kills it again and again.
    restart_after_crash: false,
} satisfies Record<string, ParameterValue>;

/** Logging parameters that a stack may set: they change what PostgreSQL logs and not how lines reach Elasticsearch. */
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
    "compute_query_id",
]);

/** Parameters that are derived from a key of the configuration, with that key. */
const sourceKeys = {
    log_statement: "logStatement",
    log_min_duration_statement: "logMinDuration",
    log_rotation_size: "logVolumeSize",
    max_connections: "postgresMemory",
    superuser_reserved_connections: "postgresMemory",
    max_parallel_workers: "postgresMemory",
    shared_buffers: "postgresMemory",
    work_mem: "postgresMemory",
    hash_mem_multiplier: "postgresMemory",
    maintenance_work_mem: "postgresMemory",
    autovacuum_max_workers: "postgresMemory",
    huge_pages: "postgresMemory",
    max_wal_size: "storageSize",
    min_wal_size: "storageSize",
} as const;

/** Parameters that are derived from keys of the configuration. */
export const derivedParameters = Object.keys(sourceKeys);

/** The key of the configuration that a parameter is derived from; undefined if there is none. */
export function parameterKey(name: string) {
    return Object.hasOwn(sourceKeys, name) ? sourceKeys[name as keyof typeof sourceKeys] : undefined;
}

/** Levels of `log_min_messages` that still log the delivery marker, a message of level LOG. */
const levelsThatLog = ["debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning", "error", "log"];

/** The rule that a parameter in postgresSettings breaks, as in "it must be …"; undefined if it is valid. */
export function reservedParameter(name: string, value: ParameterValue): string | undefined {
    if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name))
        return "unset: this is not the name of a PostgreSQL parameter";
    if (/[\n\r\0]/.test(String(value))) return "one line";
    const key = parameterKey(name);
    if (key !== undefined) return `unset: it is derived from ${key}`;
    if (name === "log_min_messages" && !levelsThatLog.includes(String(value)))
        return `one of ${levelsThatLog.join(", ")}: PostgreSQL logs no delivery marker above these levels`;
    const logging = loggingParameters({ statement: "none", minDuration: -1, fileSize: Mi }, 17);
    const isFixed = name in fixedParameters || (name in logging && !tunableLogging.has(name));
    if (isFixed || /^(syslog|event_source|config_file|ident_file|include|pglog\.)/.test(name))
        return "unset: the Pod or the shipper relies on the program's own value";
    return undefined;
}

/**
 * Parameters of TLS. A running server that cannot read a new certificate keeps the former one, and later does not start.
 * So they restart it: a start is tried before the configuration is replaced.
 */
const triedByStart = /^(ssl|ssl_.*|krb_server_keyfile)$/;

/**
 * True if only a start of the server gives the parameter a new value, or shows that the value is right. The others take
 * effect when it reloads its configuration. Parameters of extensions count as ones that need a start, because the tables do
 * not have them.
 */
export function needsRestart(name: string, version: PostgresVersion): boolean {
    const parameter = parametersOf(version).get(name.toLowerCase());
    return parameter === undefined || parameter.context === "postmaster" || triedByStart.test(parameter.name);
}

/** The files of the configuration, apart from logging.conf. */
export interface PostgresFiles {
    /** Parameters that need a restart. The file includes the other two. */
    "postgresql.conf": string;
    /** Parameters that a running server takes up. They come last, so they win over those in logging.conf. */
    "reloadable.conf": string;
    "pg_hba.conf": string;
}

/**
 * PostgreSQL's configuration, in files by what a change of them costs: a change of postgresql.conf restarts PostgreSQL, and
 * a running server takes up the others.
 *
 * @param storage size of the data volume, in bytes
 * @param parameters from postgresSettings; they win over the program's own
 */
export function postgresFiles(
    memory: MemoryBudget,
    storage: number,
    parameters: Record<string, ParameterValue>,
    version: PostgresVersion,
): PostgresFiles {
    const all = { ...resourceParameters(memory, storage), ...fixedParameters, ...parameters };
    const [starting, reloadable] = [true, false].map((restart) =>
        Object.fromEntries(Object.entries(all).filter(([name]) => needsRestart(name, version) === restart)),
    ) as [Record<string, ParameterValue>, Record<string, ParameterValue>];
    const includes = ["include = 'logging.conf'", "include = 'reloadable.conf'", "include = 'state.conf'"];
    return {
        "postgresql.conf": [...lines(starting), ...includes, ""].join("\n"),
        "reloadable.conf": [...lines(reloadable), ""].join("\n"),
        "pg_hba.conf": renderHba(),
    };
}

/** Checksum of the four files, as the function `revision` of scripts/configuration.sh computes it. */
export function configurationRevision(files: PostgresFiles & { "logging.conf": string }): string {
    const order = ["postgresql.conf", "reloadable.conf", "logging.conf", "pg_hba.conf"] as const;
    return createHash("sha256")
        .update(order.map((name) => files[name]).join(""))
        .digest("hex")
        .slice(0, 16);
}

/** logging.conf, which postgresql.conf includes. */
export function renderLoggingConf(logging: LoggingArgs, version: PostgresVersion): string {
    return [...lines(loggingParameters(logging, version)), ""].join("\n");
}

/** The administrator can connect only through the socket in the Pod; everyone else needs a password. */
function renderHba(): string {
    return [
        "# TYPE  DATABASE  USER      ADDRESS  METHOD",
        "local   all       postgres           peer",
        "host    all       postgres  all      reject",
        "host    all       all       all      scram-sha-256",
        "",
    ].join("\n");
}

function lines(parameters: Record<string, ParameterValue>): string[] {
    return Object.keys(parameters)
        .sort()
        .map((name) => `${name} = ${rendered(parameters[name]!)}`);
}

const rendered = (value: ParameterValue) =>
    typeof value === "boolean" ? (value ? "on" : "off") : typeof value === "number" ? String(value) : quoted(value);
// In quoted text, a backslash starts an escape, as in C.
const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
const megabytes = (bytes: number) => `${Math.floor(bytes / Mi)}MB`;
