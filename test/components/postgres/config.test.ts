import assert from "node:assert/strict";
import { memoryBudget } from "../../../components/postgres/memoryBudget";
import {
    configurationRevision,
    loggingParameters,
    needsRestart,
    postgresFiles,
    postgresVersions,
    reservedParameter,
    renderLoggingConf,
    type PostgresVersion,
    type ParameterValue,
} from "../../../components/postgres/config";
import { Mi } from "../../../components/kubernetes/quantity";

const Gi = 1024 * Mi;
const budget = memoryBudget(Gi)!;
const files = (settings: Record<string, ParameterValue> = {}, storage = 10 * Gi, version: PostgresVersion = 17) =>
    postgresFiles(budget, storage, settings, version);

describe("postgresConfig", () => {
    it("renders the whole of postgresql.conf: what needs a restart", () => {
        assert.equal(
            files({ random_page_cost: 1.1, wal_level: "logical" })["postgresql.conf"],
            `autovacuum_max_workers = 3
data_directory = '/var/lib/postgresql/pgdata'
hba_file = '/var/lib/postgresql/config/pg_hba.conf'
huge_pages = 'off'
listen_addresses = '*'
logging_collector = on
max_connections = 30
port = 5432
shared_buffers = '256MB'
superuser_reserved_connections = 1
unix_socket_directories = '/var/run/postgresql'
wal_level = 'logical'
include = 'logging.conf'
include = 'reloadable.conf'
include = 'state.conf'
`,
        );
    });

    it("renders the whole of reloadable.conf: what a running server takes up", () => {
        assert.equal(
            files({ random_page_cost: 1.1, jit: false, wal_level: "logical" })["reloadable.conf"],
            `effective_cache_size = '768MB'
fsync = on
full_page_writes = on
hash_mem_multiplier = 1
jit = off
maintenance_work_mem = '32MB'
max_parallel_workers = 3
max_wal_size = '2560MB'
min_wal_size = '640MB'
password_encryption = 'scram-sha-256'
random_page_cost = 1.1
restart_after_crash = off
temp_buffers = '2MB'
work_mem = '6MB'
`,
        );
    });

    const contexts: [string, PostgresVersion, boolean][] = [
        ["shared_buffers", 17, true],
        ["wal_level", 17, true],
        ["autovacuum_max_workers", 17, true],
        ["autovacuum_max_workers", 18, false],
        ["checkpoint_timeout", 17, false],
        ["log_statement", 17, false],
        ["work_mem", 17, false],
        ["ignore_system_indexes", 17, false],
        ["pg_stat_statements.max", 17, true],
        ["ssl", 17, true],
    ];
    for (const [name, version, restart] of contexts)
        it(`${name} of PostgreSQL ${version} ${restart ? "needs a restart" : "is taken up by a running server"}`, () => {
            assert.equal(needsRestart(name, version), restart);
        });

    it("needs no restart for any logging parameter", () => {
        for (const version of postgresVersions) {
            const settings = loggingParameters({ statement: "ddl", minDuration: 250, fileSize: Mi }, version);
            assert.deepEqual(
                Object.keys(settings).filter((name) => needsRestart(name, version)),
                [],
            );
        }
    });

    it("has a new revision when a byte of a file changes", () => {
        const all = { ...files(), "logging.conf": "log_statement = 'ddl'\n" };
        const names = Object.keys(all) as (keyof typeof all)[];
        const revisions = names.map((name) => configurationRevision({ ...all, [name]: `${all[name]} ` }));
        assert.equal(new Set([configurationRevision(all), ...revisions]).size, 5);
    });

    const walSizes: [number, string, string][] = [
        [128 * Mi, "64MB", "32MB"],
        [Gi, "256MB", "64MB"],
        [16 * Gi, "4096MB", "1024MB"],
        [1000 * Gi, "4096MB", "1024MB"],
    ];
    for (const [storage, max, min] of walSizes)
        it(`gives WAL a quarter of ${storage / Mi}Mi, within 64 MB and 4 GB`, () => {
            const lines = files({}, storage)["reloadable.conf"].split("\n");
            assert.deepEqual(
                lines.filter((line) => line.includes("_wal_size")),
                [`max_wal_size = '${max}'`, `min_wal_size = '${min}'`],
            );
        });

    const loggingConf = (connections: string) => `compute_query_id = on
log_autovacuum_min_duration = '1s'
log_checkpoints = on
log_connections = ${connections}
log_destination = 'jsonlog'
log_directory = '/var/log/postgresql'
log_disconnections = on
log_error_verbosity = 'default'
log_file_mode = '0600'
log_filename = 'postgresql-%Y-%m-%d_%H%M%S.log'
log_line_prefix = '%m [%p] '
log_lock_waits = on
log_min_duration_statement = 250
log_min_error_statement = 'error'
log_min_messages = 'warning'
log_parameter_max_length = 1024
log_parameter_max_length_on_error = 1024
log_rotation_age = '1d'
log_rotation_size = '32MB'
log_statement = 'ddl'
log_temp_files = 0
log_timezone = 'UTC'
log_truncate_on_rotation = off
`;
    const connections: Record<PostgresVersion, string> = { 15: "off", 16: "off", 17: "off", 18: "'authorization'" };
    for (const version of postgresVersions)
        it(`renders all of logging.conf for PostgreSQL ${version}`, () => {
            assert.equal(
                renderLoggingConf({ statement: "ddl", minDuration: 250, fileSize: 32 * Mi }, version),
                loggingConf(connections[version]),
            );
        });

    it("logs the configured statements, in files of the configured size", () => {
        const lines = renderLoggingConf({ statement: "all", minDuration: -1, fileSize: Mi }, 17).split("\n");
        assert.deepEqual(
            lines.filter((line) => /^log_(rotation_size|statement|min_duration_statement) /.test(line)),
            ["log_min_duration_statement = -1", "log_rotation_size = '1MB'", "log_statement = 'all'"],
        );
    });

    it("gives each log file a new name and truncates none: a reader would mistake the new file for the old one", () => {
        for (const version of postgresVersions) {
            const settings = loggingParameters({ statement: "ddl", minDuration: 250, fileSize: Mi }, version);
            assert.match(settings.log_filename, /%Y.*%m.*%d.*%H.*%M.*%S/, "sorted, and at most one second apart");
            assert.equal(settings.log_truncate_on_rotation, false);
            assert.doesNotMatch(
                settings.log_rotation_size,
                /^0/,
                "without a size limit a file grows until the next day",
            );
        }
    });

    it("lets the administrator connect only through the socket; everyone else needs a password", () => {
        assert.deepEqual(
            files()
                ["pg_hba.conf"].trimEnd()
                .split("\n")
                .map((line) => line.split(/ +/)),
            [
                ["#", "TYPE", "DATABASE", "USER", "ADDRESS", "METHOD"],
                ["local", "all", "postgres", "peer"],
                ["host", "all", "postgres", "all", "reject"],
                ["host", "all", "all", "all", "scram-sha-256"],
            ],
        );
    });

    // https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-CONFIGURATION-FILE
    const quoting: [ParameterValue, string][] = [
        [true, "on"],
        [false, "off"],
        [0, "0"],
        [-1, "-1"],
        [1.5, "1.5"],
        ["", "''"],
        ["it's", "'it''s'"],
        ["'; fsync = off", "'''; fsync = off'"],
        ["a b # c", "'a b # c'"],
        // In quoted text PostgreSQL reads escapes such as \n, \t and \101. Only a doubled backslash is a backslash.
        ["C:\\new\\table", "'C:\\\\new\\\\table'"],
        ["\\'", "'\\\\'''"],
    ];
    for (const [value, text] of quoting)
        it(`writes the value ${JSON.stringify(value)} as ${text}`, () => {
            assert.ok(files({ search_path: value })["reloadable.conf"].includes(`\nsearch_path = ${text}\n`));
        });

    it("lets a stack's own parameters win: it reads their file last", () => {
        const { "postgresql.conf": conf, "reloadable.conf": own } = files({ log_checkpoints: false });
        assert.match(own, /^log_checkpoints = off$/m);
        assert.match(conf, /logging\.conf'\ninclude = 'reloadable\.conf'\n/);
    });

    const fixed = "unset: the Pod or the shipper relies on the program's own value";
    const noName = "unset: this is not the name of a PostgreSQL parameter";
    const tooHigh =
        "one of debug5, debug4, debug3, debug2, debug1, info, notice, warning, error, log: PostgreSQL logs no delivery marker above these levels";
    const settings: [string, ParameterValue, string | undefined][] = [
        ["random_page_cost", 1.1, undefined],
        ["auto_explain.log_min_duration", "1s", undefined],
        ["shared_preload_libraries", "pg_stat_statements", undefined],
        ["log_min_messages", "log", undefined],
        ["log_min_messages", "debug1", undefined],
        ["log_connections", true, undefined],
        ["log_error_verbosity", "verbose", undefined],
        ["log_min_messages", "fatal", tooHigh],
        ["log_min_messages", "panic", tooHigh],
        ["log_min_messages", "LOG", tooHigh],
        ["", 1, noName],
        ["Port", 1, noName],
        ["port = 1\nfsync", 1, noName],
        ["a.b.c", 1, noName],
        ["1a", 1, noName],
        ["search_path", "a\nfsync = off", "one line"],
        ["search_path", "a\rb", "one line"],
        ["search_path", "a\0b", "one line"],
        ["log_statement", "all", "unset: it is derived from logStatement"],
        ["log_min_duration_statement", 0, "unset: it is derived from logMinDuration"],
        ["log_rotation_size", "1GB", "unset: it is derived from logVolumeSize"],
        ["max_connections", 500, "unset: it is derived from postgresMemory"],
        ["shared_buffers", "1GB", "unset: it is derived from postgresMemory"],
        ["work_mem", "1GB", "unset: it is derived from postgresMemory"],
        ["maintenance_work_mem", "1GB", "unset: it is derived from postgresMemory"],
        ["autovacuum_max_workers", 9, "unset: it is derived from postgresMemory"],
        ["huge_pages", "try", "unset: it is derived from postgresMemory"],
        ["max_wal_size", "1GB", "unset: it is derived from storageSize"],
        ["min_wal_size", "1GB", "unset: it is derived from storageSize"],
        ...[
            "listen_addresses",
            "port",
            "unix_socket_directories",
            "data_directory",
            "hba_file",
            "ident_file",
            "config_file",
            "include",
            "include_dir",
            "include_if_exists",
            "password_encryption",
            "fsync",
            "full_page_writes",
            "restart_after_crash",
            "logging_collector",
            "log_destination",
            "log_directory",
            "log_filename",
            "log_rotation_age",
            "log_truncate_on_rotation",
            "log_file_mode",
            "log_timezone",
            "log_line_prefix",
            "syslog_facility",
            "event_source",
            "pglog.configuration",
        ].map((name): [string, ParameterValue, string] => [name, "x", fixed]),
    ];
    for (const [name, value, why] of settings)
        it(`${why === undefined ? "accepts" : "refuses"} ${JSON.stringify(name)} = ${JSON.stringify(value)}`, () => {
            assert.equal(reservedParameter(name, value), why);
        });
});
