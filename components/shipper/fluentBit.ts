import { stringify } from "yaml";
import { idKey } from "../logs/document";
import { logVolume } from "../logs/volume";
import { logDirectory } from "../postgres/config";
import { Mi } from "../kubernetes/quantity";
import type { ElasticsearchAuth, ElasticsearchTarget, Scheme } from "../elasticsearch/endpoint";

export const fluentBitLogLevels = ["error", "warn", "info", "debug", "trace"] as const;
export type FluentBitLogLevel = (typeof fluentBitLogLevels)[number];

/** Port of Fluent Bit's own HTTP server: health and metrics. */
export const fluentBitPort = 2020;
/** Where the sidecar finds what it is given and keeps what it must not forget. */
export const fluentBitPaths = {
    config: "/fluent-bit/etc/pglog",
    /** The whole volume: log files, chunks, offsets, and what shipper and log keeper tell each other. */
    volume: "/fluent-bit/queue",
    credentials: "/fluent-bit/credentials",
    ca: "/fluent-bit/ca",
};

/** What the rendered configuration depends on. */
export interface FluentBitConfigArgs {
    logLevel: FluentBitLogLevel;
    /** Size of the volume for log files and queue, in bytes. */
    volumeSize: number;
    /** Whether Elasticsearch is in the same cluster. Requests that leave it are compressed, at about 10 µs of CPU a line. */
    inCluster: boolean;
    scheme: Scheme;
    host: string;
    port: number;
    /** Name that the certificate must be for. */
    serverName: string;
    ownCa: boolean;
    auth: ElasticsearchAuth;
    target: ElasticsearchTarget;
    index: string;
}

/**
 * Chunks of about 2 MB that may be under way to Elasticsearch; then Fluent Bit stops reading, and PostgreSQL's files are
 * the queue. Few, so that Elasticsearch gets no more than 16 MB at once after an outage, and a restart of Fluent Bit in an
 * outage, which begins with as many new ones, adds little.
 */
const chunksUp = 8;

/**
 * Fluent Bit's configuration. It loses no line and sends none twice through kills and restarts of either side; what
 * each setting is there for is in docs/logs.md.
 */
export function renderFluentBit(args: FluentBitConfigArgs): string {
    return stringify(
        {
            env: args.auth === "none" ? [] : credentialVariables[args.auth],
            service: service(args),
            parsers: [
                {
                    name: "postgresql_jsonlog",
                    format: "json",
                    time_key: "timestamp",
                    time_format: "%Y-%m-%d %H:%M:%S.%L %Z",
                    time_keep: false,
                },
            ],
            pipeline: { inputs, filters, outputs: [output(args), keepsChunksUp] },
        },
        { lineWidth: 0 },
    );
}

/** Read from files at the start: a secret in the environment shows up in too many places. */
const credentialVariables: Record<Exclude<ElasticsearchAuth, "none">, object[]> = {
    basic: ["username", "password"].map((key) => variable(`ELASTICSEARCH_${key.toUpperCase()}`, key)),
    apiKey: [variable("ELASTICSEARCH_API_KEY", "apiKey")],
};

function variable(name: string, key: string) {
    return { name, uri: `file://${fluentBitPaths.credentials}/${key}` };
}

const service = ({ logLevel, volumeSize }: FluentBitConfigArgs) => ({
    flush: 0.5,
    grace: 5, // what it has not delivered by then stays in the queue
    log_level: logLevel,
    http_server: true,
    http_listen: "0.0.0.0",
    http_port: fluentBitPort,
    "storage.path": `${fluentBitPaths.volume}/chunks`,
    "storage.sync": "normal",
    "storage.checksum": "off",
    "storage.max_chunks_up": chunksUp,
    "storage.backlog.mem_limit": "16M",
    "storage.delete_irrecoverable_chunks": "off",
    "storage.keep.rejected": "on",
    "storage.rejected.path": "rejected",
    "storage.rejected.limit": `${Math.floor(logVolume(volumeSize).rejected / Mi)}M`,
    "storage.metrics": "on",
    "scheduler.base": 1,
    "scheduler.cap": 5, // a chunk waits 6 s at most for its next try
});

const tail = {
    name: "tail",
    read_from_head: true,
    refresh_interval: 1,
    rotate_wait: 5, // how long a removed file still takes up space
    "db.locking": true,
    "db.compare_filename": true,
    truncate_long_lines: true,
    path_key: "_path",
    offset_key: "_offset",
    threaded: false,
    "storage.type": "filesystem",
    "storage.pause_on_chunks_overlimit": true,
};

/** Lines that are not jsonlog. */
const plainTail = (alias: string, tag: string, files: string) => ({
    ...tail,
    alias,
    tag: `postgresql.${tag}`,
    path: `${logDirectory}/${files}`,
    db: `${fluentBitPaths.volume}/offsets/${tag}.db`,
    buffer_max_size: "1M",
    skip_empty_lines: true,
});

const inputs = [
    {
        ...tail,
        alias: "postgresql_jsonlog",
        tag: "postgresql.jsonlog",
        path: `${logDirectory}/postgresql-*.json`,
        db: `${fluentBitPaths.volume}/offsets/jsonlog.db`,
        parser: "postgresql_jsonlog",
        buffer_chunk_size: "256k",
        buffer_max_size: "16M",
    },
    // What PostgreSQL and its libraries write past jsonlog.
    plainTail("postgresql_plain", "plain", "postgresql-*.log"),
    // What the log keeper says of lines that it had to remove unread: the input's record count is their metric.
    plainTail("lost_lines", "lost", "lost-*.log"),
];

/** Filters, not processors: a processor drops the rest of a batch after a record that it cannot take, and costs more. */
const filters = [
    // Lua's numbers are doubles: an identifier of 64 bits would lose its last digits.
    { name: "type_converter", match: "postgresql.jsonlog", int_key: "query_id query_id_text string" },
    { name: "lua", match: "postgresql.*", script: `${fluentBitPaths.config}/document.lua`, call: "document" },
];

/** A chunk that waits for its next try counts against `storage.max_chunks_up` only if it has a second output. */
const keepsChunksUp = { name: "null", alias: "keeps_chunks_up", match: "postgresql.*" };

const output = (args: FluentBitConfigArgs) => ({
    ...plugin(args.auth),
    alias: "elasticsearch",
    match: "postgresql.*",
    host: args.host,
    port: args.port,
    ...destination(args),
    id_key: idKey,
    suppress_type_name: true,
    ...(!args.inCluster && { compress: "gzip" }),
    buffer_size: false,
    retry_limit: "no_limits",
    workers: 1,
    ...(args.scheme === "https" ? tls(args) : { tls: false }),
    "net.connect_timeout": 10,
    "net.io_timeout": 90,
    "net.keepalive_idle_timeout": 30,
});

/**
 * `opensearch` speaks the same bulk protocol and resends a chunk until each of its documents is there; `es` of 5.1.1
 * takes a bulk request for delivered as soon as one of its documents was. But only `es` can send an API key. It writes
 * with `index`, which makes a document sent twice one document, to one shard, which accepts or refuses a request whole.
 */
const plugin = (auth: ElasticsearchAuth) =>
    auth === "apiKey"
        ? { name: "es", write_operation: "index", http_api_key: "${ELASTICSEARCH_API_KEY}" }
        : {
              name: "opensearch",
              write_operation: "create",
              ...(auth === "basic" && {
                  http_user: "${ELASTICSEARCH_USERNAME}",
                  http_passwd: "${ELASTICSEARCH_PASSWORD}",
              }),
          };

/** A plain index is one for each day of the line's own time, so that a line read again meets its first copy. */
const destination = ({ target, index }: FluentBitConfigArgs) =>
    target === "data-stream"
        ? { index }
        : { logstash_format: true, logstash_prefix: index, logstash_dateformat: "%Y.%m.%d" };

const tls = ({ serverName, ownCa }: FluentBitConfigArgs) => ({
    tls: true,
    "tls.verify": true,
    "tls.verify_hostname": true, // off by default: any certificate of the authority would do
    "tls.vhost": serverName,
    "tls.min_version": "TLSv1.2",
    ...(ownCa && { "tls.ca_file": `${fluentBitPaths.ca}/ca.crt` }),
});
