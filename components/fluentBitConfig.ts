import { stringify } from "yaml";
import { logDirectory } from "./postgresConfig";
import { bytesOf, Mi } from "./quantity";
import type { ElasticsearchAuth, ElasticsearchTarget, Scheme } from "./elasticsearchEndpoint";

export const fluentBitLogLevels = ["error", "warn", "info", "debug", "trace"] as const;
export type FluentBitLogLevel = (typeof fluentBitLogLevels)[number];

/** Port of Fluent Bit's own HTTP server: health and metrics. */
export const fluentBitPort = 2020;
/** Where the sidecar finds what it is given and keeps what it must not forget. */
export const fluentBitPaths = {
    config: "/fluent-bit/etc/pglog",
    offsets: "/fluent-bit/offsets",
    queue: "/fluent-bit/queue",
    credentials: "/fluent-bit/credentials",
    ca: "/fluent-bit/ca",
};

/** What the rendered configuration depends on. */
export interface FluentBitConfigArgs {
    logLevel: FluentBitLogLevel;
    /** Size of the queue's volume, as a Kubernetes quantity. */
    queueSize: string;
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

/** Bytes kept for lines that Elasticsearch refused for good. */
const rejected = 64 * Mi;

/**
 * How many chunks of about 2 MB may wait for Elasticsearch before Fluent Bit stops reading and PostgreSQL's files
 * become the queue. Half of the volume: a chunk that takes one 16 MB line more, and SQLite's and the file system's own
 * needs, must never meet a full disk, because Fluent Bit takes a failed write for a success
 * (plugins/in_tail/tail_file.c of 5.1.1 ignores what flb_input_log_append_records returns).
 */
export function queuedChunks(queueSize: string): number {
    return Math.floor((bytesOf(queueSize)! - rejected) / (4 * Mi));
}

/** The smallest queue, in MiB: 8 chunks of 4 MiB, and the refused lines. */
export const smallestQueue = (rejected + 8 * 4 * Mi) / Mi;

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
            pipeline: { inputs: [jsonlogInput, plainInput], outputs: [output(args)] },
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

const service = ({ logLevel, queueSize }: FluentBitConfigArgs) => ({
    flush: 1,
    grace: 5, // what it has not delivered by then stays in the queue
    log_level: logLevel,
    http_server: true,
    http_listen: "0.0.0.0",
    http_port: fluentBitPort,
    "storage.path": `${fluentBitPaths.queue}/chunks`,
    "storage.sync": "normal",
    "storage.checksum": "off",
    "storage.max_chunks_up": queuedChunks(queueSize),
    "storage.backlog.mem_limit": "16M",
    "storage.delete_irrecoverable_chunks": "off",
    "storage.keep.rejected": "on",
    "storage.rejected.path": "rejected",
    "storage.rejected.limit": `${rejected / Mi}M`,
    "storage.metrics": "on",
    "scheduler.base": 1,
    "scheduler.cap": 30,
});

const tail = {
    name: "tail",
    read_from_head: true,
    refresh_interval: 1,
    rotate_wait: 30,
    "db.locking": true,
    "db.compare_filename": true,
    truncate_long_lines: true,
    path_key: "_path",
    offset_key: "_offset",
    threaded: false,
    "storage.type": "filesystem",
    "storage.pause_on_chunks_overlimit": true,
};

const luaProcessor = (call: string) => ({ name: "lua", script: `${fluentBitPaths.config}/document.lua`, call });

const jsonlogInput = {
    ...tail,
    alias: "postgresql_jsonlog",
    tag: "postgresql.jsonlog",
    path: `${logDirectory}/*.json`,
    db: `${fluentBitPaths.offsets}/jsonlog.db`,
    parser: "postgresql_jsonlog",
    buffer_chunk_size: "256k",
    buffer_max_size: "16M",
    processors: {
        logs: [
            // Lua's numbers are doubles: an identifier of 64 bits would lose its last digits.
            { name: "content_modifier", action: "convert", key: "query_id", converted_type: "string" },
            luaProcessor("jsonlog_document"),
        ],
    },
};

/** What PostgreSQL and its libraries write past jsonlog. */
const plainInput = {
    ...tail,
    alias: "postgresql_plain",
    tag: "postgresql.plain",
    path: `${logDirectory}/*.log`,
    db: `${fluentBitPaths.offsets}/plain.db`,
    buffer_max_size: "1M",
    skip_empty_lines: true,
    processors: { logs: [luaProcessor("plain_document")] },
};

const output = (args: FluentBitConfigArgs) => ({
    ...plugin(args.auth),
    alias: "elasticsearch",
    match: "postgresql.*",
    host: args.host,
    port: args.port,
    ...destination(args),
    id_key: "$event['id']",
    suppress_type_name: true,
    compress: "gzip",
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
