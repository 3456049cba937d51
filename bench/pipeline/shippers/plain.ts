import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { RunPlace, Shipper } from "../shipper";
import { findFluentBit } from "./fluentBit";

/** jsonlog's own keys, an id that is a hash of the document, no Lua. */
const config = ({ directory, logs, host, port }: RunPlace) => ({
    service: {
        flush: 1,
        log_level: "info",
        "storage.path": join(directory, "chunks"),
        "storage.checksum": "off",
    },
    parsers: [
        {
            name: "postgresql_jsonlog",
            format: "json",
            time_key: "timestamp",
            time_format: "%Y-%m-%d %H:%M:%S.%L %Z",
        },
    ],
    pipeline: {
        inputs: [
            {
                name: "tail",
                tag: "postgresql",
                path: join(logs, "*.json"),
                parser: "postgresql_jsonlog",
                db: join(directory, "offsets.db"),
                read_from_head: true,
                buffer_chunk_size: "256k",
                buffer_max_size: "16M",
                "storage.type": "filesystem",
            },
        ],
        outputs: [
            {
                name: "opensearch",
                match: "*",
                host,
                port,
                index: "postgresql-logs",
                write_operation: "create",
                generate_id: true,
                suppress_type_name: true,
                buffer_size: false,
                retry_limit: "no_limits",
                workers: 1,
            },
        ],
    },
});

export const plain: Shipper = {
    id: "plain",
    title: "Fluent Bit: tail, JSON, `opensearch`, hashed ids",
    durable: "offsets, queue",
    find: findFluentBit,
    prepare(place, { program }) {
        const path = join(place.directory, "fluent-bit.yaml");
        writeFileSync(path, stringify(config(place)));
        return { program, args: ["--config", path] };
    },
};
