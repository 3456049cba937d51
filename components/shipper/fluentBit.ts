import { stringify } from "yaml";
import type { ElasticsearchAuth, ElasticsearchTarget, Scheme } from "../elasticsearch/endpoint";
import { Mi } from "../kubernetes/quantity";
import { idKey } from "../logs/document";
import { logDirectory, logFiles } from "../logs/files";
import { logVolume } from "../logs/volume";

export const fluentBitLogLevels = ["error", "warn", "info", "debug", "trace"] as const;
export type FluentBitLogLevel = (typeof fluentBitLogLevels)[number];

/** Port of the shipper's HTTP server, for health and metrics. */
export const shipperPort = 2020;
/** Path of the metrics for Prometheus on this port. */
export const metricsPath = "/api/v2/metrics/prometheus";
/** Mount paths in the shipper's container. */
export const shipperPaths = {
    config: "/fluent-bit/etc/pglog",
    /** The whole volume: log files, chunks, offsets, and the files that shipper and log keeper exchange. */
    volume: "/fluent-bit/queue",
    credentials: "/fluent-bit/credentials",
    ca: "/fluent-bit/ca",
};

/** Inputs of the rendered configuration. */
export interface FluentBitConfigArgs {
    logLevel: FluentBitLogLevel;
    /** Size of the volume for log files and queue, in bytes. */
    volumeSize: number;
    /** True if Elasticsearch is in the same cluster. Other requests are compressed, which costs about 10 µs of CPU a line. */
    inCluster: boolean;
    scheme: Scheme;
    host: string;
    port: number;
    /** Name that the certificate must contain. */
    serverName: string;
    ownCa: boolean;
    auth: ElasticsearchAuth;
    target: ElasticsearchTarget;
    index: string;
}

/**
 * Chunks of about 2 MB that may wait for Elasticsearch at once. Above this number Fluent Bit stops reading, and lines wait
 * in PostgreSQL's files. The number is small for two reasons: Elasticsearch gets at most 16 MB at once after an outage,
 * and each restart of Fluent Bit in an outage fills only as many new chunks.
 */
export const chunksUp = 8;

/**
 * Fluent Bit's configuration. No line is lost or stored twice when Fluent Bit or Elasticsearch is killed or restarted;
 * docs/logs.md gives the reason for each option.
 *
 * Each section is a YAML document of its own. Fluent Bit reads them all. `pulumi preview --diff` prints only the lines of
 * such a file that change, but every line of a file that is one document.
 */
export function renderFluentBit(args: FluentBitConfigArgs): string {
    const sections = {
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
    };
    const documents = Object.entries(sections).map(([name, section]) =>
        stringify({ [name]: section }, { lineWidth: 0 }),
    );
    return documents.join("---\n");
}

/** Fluent Bit reads these from files at its start, because a secret in the environment shows up in too many places. */
const credentialVariables: Record<Exclude<ElasticsearchAuth, "none">, object[]> = {
    basic: ["username", "password"].map((key) => variable(`ELASTICSEARCH_${key.toUpperCase()}`, key)),
    apiKey: [variable("ELASTICSEARCH_API_KEY", "apiKey")],
};

function variable(name: string, key: string) {
    return { name, uri: `file://${shipperPaths.credentials}/${key}` };
}

const service = ({ logLevel, volumeSize }: FluentBitConfigArgs) => ({
    flush: 0.5,
    grace: 5, // undelivered lines then stay in the queue
    log_level: logLevel,
    http_server: true,
    http_listen: "0.0.0.0",
    http_port: shipperPort,
    "storage.path": `${shipperPaths.volume}/chunks`,
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
    "scheduler.cap": 5, // a chunk waits at most 6 s for its next attempt
});

const tail = {
    name: "tail",
    read_from_head: true,
    refresh_interval: 1,
    rotate_wait: 5, // a removed file takes up space this long
    "db.locking": true,
    "db.compare_filename": true,
    truncate_long_lines: true,
    path_key: "_path",
    offset_key: "_offset",
    threaded: false,
    "storage.type": "filesystem",
    "storage.pause_on_chunks_overlimit": true,
};

/** An input for lines outside jsonlog. */
const plainTail = (alias: string, tag: string, files: string) => ({
    ...tail,
    alias,
    tag: `postgresql.${tag}`,
    path: `${logDirectory}/${files}`,
    db: `${shipperPaths.volume}/offsets/${tag}.db`,
    buffer_max_size: "1M",
    skip_empty_lines: true,
});

const inputs = [
    {
        ...tail,
        alias: "postgresql_jsonlog",
        tag: "postgresql.jsonlog",
        path: `${logDirectory}/${logFiles.jsonlog}`,
        db: `${shipperPaths.volume}/offsets/jsonlog.db`,
        parser: "postgresql_jsonlog",
        buffer_chunk_size: "256k",
        buffer_max_size: "16M",
    },
    plainTail("postgresql_plain", "plain", logFiles.plain),
    plainTail("lost_lines", "lost", logFiles.lost), // the input's record count is the metric of lost lines
];

/** Filters cost less than processors, which also drop the rest of a batch after a record that they cannot process. */
const filters = [
    // Numbers in Lua are doubles, so a 64-bit identifier would lose its last digits.
    { name: "type_converter", match: "postgresql.jsonlog", int_key: "query_id query_id_text string" },
    { name: "lua", match: "postgresql.*", script: `${shipperPaths.config}/document.lua`, call: "document" },
];

/** A chunk that waits for its next attempt counts towards `storage.max_chunks_up` only if it has a second output. */
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
 * `opensearch` uses the same bulk protocol and resends a chunk until every document is stored. `es` of Fluent Bit 5.1.1
 * treats a bulk request as delivered when one document was stored, but only `es` can send an API key. With `es`, the
 * operation `index` overwrites a document that is sent twice, and the index has one shard, so that Elasticsearch accepts
 * or refuses a request as a whole.
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

/** The date in a daily index is the line's own, so a line that is read again goes to the index of its first copy. */
const destination = ({ target, index }: FluentBitConfigArgs) =>
    target === "data-stream"
        ? { index }
        : { logstash_format: true, logstash_prefix: index, logstash_dateformat: "%Y.%m.%d" };

const tls = ({ serverName, ownCa }: FluentBitConfigArgs) => ({
    tls: true,
    "tls.verify": true,
    "tls.verify_hostname": true, // off by default, which accepts any certificate of the authority
    "tls.vhost": serverName,
    "tls.min_version": "TLSv1.2",
    ...(ownCa && { "tls.ca_file": `${shipperPaths.ca}/ca.crt` }),
});
