import assert from "node:assert/strict";
import { renderFluentBit, type FluentBitConfigArgs } from "../../../components/shipper/fluentBit";
import { logVolume, smallestLogVolume } from "../../../components/logs/volume";
import { Gi, Mi } from "../../../components/kubernetes/quantity";
import { yamlOf } from "../../../report/files";

const basic: FluentBitConfigArgs = {
    logLevel: "info",
    volumeSize: Gi,
    inCluster: false,
    scheme: "https",
    host: "es.example.com",
    port: 9200,
    serverName: "es.example.com",
    ownCa: false,
    auth: "basic",
    target: "data-stream",
    index: "logs-postgresql.log-test",
};

interface FluentBit {
    env: object[];
    service: Record<string, unknown>;
    parsers: object[];
    pipeline: Record<"inputs" | "filters" | "outputs", Record<string, unknown>[]>;
}
const rendered = (change: Partial<FluentBitConfigArgs> = {}) =>
    yamlOf(renderFluentBit({ ...basic, ...change })) as FluentBit;

const variable = (name: string, key: string) => ({ name, uri: `file:///fluent-bit/credentials/${key}` });
const login = [variable("ELASTICSEARCH_USERNAME", "username"), variable("ELASTICSEARCH_PASSWORD", "password")];

const service = {
    flush: 0.5,
    grace: 5,
    log_level: "info",
    http_server: true,
    http_listen: "0.0.0.0",
    http_port: 2020,
    "storage.path": "/fluent-bit/queue/chunks",
    "storage.sync": "normal",
    "storage.checksum": "off",
    "storage.max_chunks_up": 8,
    "storage.backlog.mem_limit": "16M",
    "storage.delete_irrecoverable_chunks": "off",
    "storage.keep.rejected": "on",
    "storage.rejected.path": "rejected",
    "storage.rejected.limit": "64M",
    "storage.metrics": "on",
    "scheduler.base": 1,
    "scheduler.cap": 5,
};
const parsers = [
    {
        name: "postgresql_jsonlog",
        format: "json",
        time_key: "timestamp",
        time_format: "%Y-%m-%d %H:%M:%S.%L %Z",
        time_keep: false,
    },
];
const tail = {
    name: "tail",
    read_from_head: true,
    refresh_interval: 1,
    rotate_wait: 5,
    "db.locking": true,
    "db.compare_filename": true,
    truncate_long_lines: true,
    path_key: "_path",
    offset_key: "_offset",
    threaded: false,
    "storage.type": "filesystem",
    "storage.pause_on_chunks_overlimit": true,
};
const inputs = [
    {
        ...tail,
        alias: "postgresql_jsonlog",
        tag: "postgresql.jsonlog",
        path: "/var/log/postgresql/postgresql-*.json",
        db: "/fluent-bit/queue/offsets/jsonlog.db",
        parser: "postgresql_jsonlog",
        buffer_chunk_size: "256k",
        buffer_max_size: "16M",
    },
    {
        ...tail,
        alias: "postgresql_plain",
        tag: "postgresql.plain",
        path: "/var/log/postgresql/postgresql-*.log",
        db: "/fluent-bit/queue/offsets/plain.db",
        buffer_max_size: "1M",
        skip_empty_lines: true,
    },
    {
        ...tail,
        alias: "lost_lines",
        tag: "postgresql.lost",
        path: "/var/log/postgresql/lost-*.log",
        db: "/fluent-bit/queue/offsets/lost.db",
        buffer_max_size: "1M",
        skip_empty_lines: true,
    },
];
const filters = [
    { name: "type_converter", match: "postgresql.jsonlog", int_key: "query_id query_id_text string" },
    { name: "lua", match: "postgresql.*", script: "/fluent-bit/etc/pglog/document.lua", call: "document" },
];
/** The settings of every output, for any target. */
const output = {
    alias: "elasticsearch",
    match: "postgresql.*",
    host: "es.example.com",
    port: 9200,
    id_key: "$event['id']",
    suppress_type_name: true,
    buffer_size: false,
    retry_limit: "no_limits",
    workers: 1,
    "net.connect_timeout": 10,
    "net.io_timeout": 90,
    "net.keepalive_idle_timeout": 30,
};
const keepsChunksUp = { name: "null", alias: "keeps_chunks_up", match: "postgresql.*" };
const opensearch = { ...output, name: "opensearch", write_operation: "create" };
const withPassword = { http_user: "${ELASTICSEARCH_USERNAME}", http_passwd: "${ELASTICSEARCH_PASSWORD}" };
const stream = { index: "logs-postgresql.log-test" };
const daily = { logstash_format: true, logstash_prefix: "orders", logstash_dateformat: "%Y.%m.%d" };
const gzip = { compress: "gzip" };
const tls = {
    tls: true,
    "tls.verify": true,
    "tls.verify_hostname": true,
    "tls.vhost": "es.example.com",
    "tls.min_version": "TLSv1.2",
};

describe("fluentBitConfig", () => {
    it("renders a complete configuration for a data stream, a password and TLS", () => {
        assert.deepEqual(rendered(), {
            env: login,
            service,
            parsers,
            pipeline: {
                inputs,
                filters,
                outputs: [{ ...opensearch, ...withPassword, ...stream, ...gzip, ...tls }, keepsChunksUp],
            },
        });
    });

    const outputs: [string, Partial<FluentBitConfigArgs>, object[], object][] = [
        [
            "daily indices",
            { target: "index", index: "orders" },
            login,
            { ...opensearch, ...withPassword, ...daily, ...gzip, ...tls },
        ],
        [
            "an API key, which only the output es can send",
            { auth: "apiKey", target: "index", index: "orders" },
            [variable("ELASTICSEARCH_API_KEY", "apiKey")],
            {
                ...output,
                name: "es",
                write_operation: "index",
                http_api_key: "${ELASTICSEARCH_API_KEY}",
                ...daily,
                ...gzip,
                ...tls,
            },
        ],
        [
            "an Elasticsearch without authentication",
            { auth: "none", scheme: "http", port: 80 },
            [],
            { ...opensearch, port: 80, ...stream, ...gzip, tls: false },
        ],
        [
            "an Elasticsearch in the namespace, to which requests are not compressed",
            { inCluster: true, scheme: "http", host: "elasticsearch", serverName: "elasticsearch" },
            login,
            { ...opensearch, ...withPassword, host: "elasticsearch", ...stream, tls: false },
        ],
        [
            "a certificate of a private authority, for a name that is not the host's",
            { ownCa: true, host: "elasticsearch", serverName: "es.internal", port: 9243 },
            login,
            {
                ...opensearch,
                ...withPassword,
                host: "elasticsearch",
                port: 9243,
                ...stream,
                ...gzip,
                ...tls,
                "tls.vhost": "es.internal",
                "tls.ca_file": "/fluent-bit/ca/ca.crt",
            },
        ],
    ];
    for (const [what, change, env, expected] of outputs)
        it(`renders the output for ${what}`, () => {
            const config = rendered(change);
            assert.deepEqual(config.env, env);
            assert.deepEqual(config.pipeline.outputs, [expected, keepsChunksUp]);
            assert.deepEqual(config.pipeline.inputs, inputs, "inputs do not depend on the target");
            assert.deepEqual(config.pipeline.filters, filters, "nor do filters");
        });

    it("has the configured log level", () => {
        assert.equal(rendered({ logLevel: "trace" }).service.log_level, "trace");
    });

    it("gives the same bytes for the same arguments", () => {
        const text = renderFluentBit(basic);
        const reversed = Object.fromEntries(Object.entries(basic).reverse()) as unknown as FluentBitConfigArgs;
        assert.equal(renderFluentBit(reversed), text);
        assert.match(text, /[^\n]\n$/, "one newline at the end");
    });

    const combinations = (["basic", "apiKey", "none"] as const).flatMap((auth) =>
        (["data-stream", "index"] as const).flatMap((target) =>
            (["http", "https"] as const).map((scheme) => ({ auth, target, scheme })),
        ),
    );
    for (const change of combinations)
        it(`has none of the settings that lose lines, with ${Object.values(change).join(", ")}`, () => {
            const { service, pipeline } = rendered(change);
            for (const { name, ...settings } of [service, ...Object.values(pipeline).flat()]) {
                // https://docs.fluentbit.io/manual/administration/buffering-and-storage: it drops the oldest chunks
                assert.equal("storage.total_limit_size" in settings, false, `${String(name)} drops what waits`);
                assert.equal("mem_buf_limit" in settings, false, `${String(name)} pauses by memory`);
                assert.notEqual(settings.threaded, true, `${String(name)} reads ahead of its offsets`);
                assert.notEqual(settings["tls.verify"], false, `${String(name)} trusts anyone`);
                assert.notEqual(settings.skip_long_lines, true, `${String(name)} skips lines`);
                // A processor that cannot handle a record drops the rest of its batch.
                assert.equal("processors" in settings, false, `${String(name)} drops what comes with a damaged line`);
            }
            const [elasticsearch, ...others] = pipeline.outputs;
            assert.equal(elasticsearch!.retry_limit, "no_limits");
            for (const { name } of others) assert.equal(name, "null", "the first output sends all");
            for (const { name, ...settings } of pipeline.inputs.filter((input) => input.name === "tail")) {
                assert.equal(settings["storage.type"], "filesystem", `${String(name)} keeps what waits in memory`);
                assert.equal(settings["storage.pause_on_chunks_overlimit"], true, `${String(name)} does not pause`);
                for (const output of pipeline.outputs)
                    assert.equal(output.match, "postgresql.*", `${String(name)}: else a waiting chunk does not count`);
            }
        });

    it("leaves most of the volume to the log files, at any size", () => {
        const limits = [smallestLogVolume, 1000 * Mi, Gi, 100 * Gi, 1024 * Gi].map((size) => {
            const { service } = rendered({ volumeSize: size });
            const rejected = /^([1-9]\d*)M$/.exec(String(service["storage.rejected.limit"]))?.[1];
            assert.ok(rejected !== undefined, `${size}: ${String(service["storage.rejected.limit"])}`);
            assert.ok(Number(rejected) * Mi <= size / 16, `${size}: ${rejected}M for refused lines`);
            // 2 MB for each chunk, and a second set after a restart of Fluent Bit during an outage.
            const chunks = 2 * (service["storage.max_chunks_up"] as number) * 2e6;
            assert.ok(chunks < logVolume(size).limit, `${size}: chunks alone are above the limit`);
            return rejected;
        });
        assert.deepEqual(limits, ["4", "62", "64", "6400", "65536"]);
    });
});
