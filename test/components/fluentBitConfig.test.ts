import assert from "node:assert/strict";
import { parse } from "yaml";
import {
    queuedChunks,
    renderFluentBit,
    smallestQueue,
    type FluentBitConfigArgs,
} from "../../components/fluentBitConfig";
import { bytesOf, Mi } from "../../components/quantity";

const basic: FluentBitConfigArgs = {
    logLevel: "info",
    queueSize: "1Gi",
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
    pipeline: { inputs: Record<string, unknown>[]; outputs: Record<string, unknown>[] };
}
const rendered = (change: Partial<FluentBitConfigArgs> = {}) =>
    parse(renderFluentBit({ ...basic, ...change })) as FluentBit;

const variable = (name: string, key: string) => ({ name, uri: `file:///fluent-bit/credentials/${key}` });
const login = [variable("ELASTICSEARCH_USERNAME", "username"), variable("ELASTICSEARCH_PASSWORD", "password")];

const service = {
    flush: 1,
    grace: 5,
    log_level: "info",
    http_server: true,
    http_listen: "0.0.0.0",
    http_port: 2020,
    "storage.path": "/fluent-bit/queue/chunks",
    "storage.sync": "normal",
    "storage.checksum": "off",
    "storage.max_chunks_up": 240,
    "storage.backlog.mem_limit": "16M",
    "storage.delete_irrecoverable_chunks": "off",
    "storage.keep.rejected": "on",
    "storage.rejected.path": "rejected",
    "storage.rejected.limit": "64M",
    "storage.metrics": "on",
    "scheduler.base": 1,
    "scheduler.cap": 30,
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
const lua = (call: string) => ({ name: "lua", script: "/fluent-bit/etc/pglog/document.lua", call });
const inputs = [
    {
        ...tail,
        alias: "postgresql_jsonlog",
        tag: "postgresql.jsonlog",
        path: "/var/log/postgresql/*.json",
        db: "/fluent-bit/offsets/jsonlog.db",
        parser: "postgresql_jsonlog",
        buffer_chunk_size: "256k",
        buffer_max_size: "16M",
        processors: {
            logs: [
                { name: "content_modifier", action: "convert", key: "query_id", converted_type: "string" },
                lua("jsonlog_document"),
            ],
        },
    },
    {
        ...tail,
        alias: "postgresql_plain",
        tag: "postgresql.plain",
        path: "/var/log/postgresql/*.log",
        db: "/fluent-bit/offsets/plain.db",
        buffer_max_size: "1M",
        skip_empty_lines: true,
        processors: { logs: [lua("plain_document")] },
    },
];
/** What every output says, wherever it sends to. */
const output = {
    alias: "elasticsearch",
    match: "postgresql.*",
    host: "es.example.com",
    port: 9200,
    id_key: "$event['id']",
    suppress_type_name: true,
    compress: "gzip",
    buffer_size: false,
    retry_limit: "no_limits",
    workers: 1,
    "net.connect_timeout": 10,
    "net.io_timeout": 90,
    "net.keepalive_idle_timeout": 30,
};
const opensearch = { ...output, name: "opensearch", write_operation: "create" };
const withPassword = { http_user: "${ELASTICSEARCH_USERNAME}", http_passwd: "${ELASTICSEARCH_PASSWORD}" };
const stream = { index: "logs-postgresql.log-test" };
const daily = { logstash_format: true, logstash_prefix: "orders", logstash_dateformat: "%Y.%m.%d" };
const tls = {
    tls: true,
    "tls.verify": true,
    "tls.verify_hostname": true,
    "tls.vhost": "es.example.com",
    "tls.min_version": "TLSv1.2",
};

describe("fluentBitConfig", () => {
    it("renders the whole of it for a data stream, a password and TLS", () => {
        assert.deepEqual(rendered(), {
            env: login,
            service,
            parsers,
            pipeline: { inputs, outputs: [{ ...opensearch, ...withPassword, ...stream, ...tls }] },
        });
    });

    const outputs: [string, Partial<FluentBitConfigArgs>, object[], object][] = [
        [
            "daily indices",
            { target: "index", index: "orders" },
            login,
            { ...opensearch, ...withPassword, ...daily, ...tls },
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
                ...tls,
            },
        ],
        [
            "an Elasticsearch in the namespace that asks for nothing",
            { auth: "none", scheme: "http", host: "elasticsearch", serverName: "elasticsearch", port: 80 },
            [],
            { ...opensearch, host: "elasticsearch", port: 80, ...stream, tls: false },
        ],
        [
            "a certificate of an authority of one's own, for another name than the host's",
            { ownCa: true, host: "elasticsearch", serverName: "es.internal", port: 9243 },
            login,
            {
                ...opensearch,
                ...withPassword,
                host: "elasticsearch",
                port: 9243,
                ...stream,
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
            assert.deepEqual(config.pipeline.outputs, [expected]);
            assert.deepEqual(config.pipeline.inputs, inputs, "what is read does not depend on where it goes");
        });

    it("is as talkative as it is told", () => {
        assert.equal(rendered({ logLevel: "trace" }).service.log_level, "trace");
    });

    it("says the same for the same arguments, in the same order, to the byte", () => {
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
            for (const { name, ...settings } of [service, ...pipeline.inputs, ...pipeline.outputs]) {
                // https://docs.fluentbit.io/manual/administration/buffering-and-storage: it drops the oldest chunks
                assert.equal("storage.total_limit_size" in settings, false, `${String(name)} drops what waits`);
                assert.equal("mem_buf_limit" in settings, false, `${String(name)} pauses by memory`);
                assert.notEqual(settings.threaded, true, `${String(name)} reads ahead of its offsets`);
                assert.notEqual(settings["tls.verify"], false, `${String(name)} trusts anyone`);
                assert.notEqual(settings.skip_long_lines, true, `${String(name)} skips lines`);
            }
            for (const { retry_limit } of pipeline.outputs) assert.equal(retry_limit, "no_limits");
        });

    it("fills at most half of the queue's volume, beside the refused lines", () => {
        const mebibytes = [`${smallestQueue}Mi`, "1Gi", "4Gi", "100Gi"].map((size) => {
            const chunks = queuedChunks(size);
            assert.ok(chunks >= 8, size);
            assert.ok(chunks * 2 * Mi <= bytesOf(size)! / 2, `${size}: chunks of 2 MiB`);
            assert.ok(chunks * 4 * Mi + 64 * Mi <= bytesOf(size)!, `${size}: even if each chunk is twice as long`);
            return chunks;
        });
        assert.deepEqual(mebibytes, [8, 240, 1008, 25584]);
    });
});
