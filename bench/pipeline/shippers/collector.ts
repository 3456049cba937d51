import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { goEnvironment } from "../../../local/build/goPrograms";
import { buildLogs, fingerprint, make, programs } from "../../../local/machine/cache";
import { command, CommandFailed } from "../../../local/machine/command";
import { programPath } from "../../../local/machine/requirements";
import type { Found, RunPlace, Shipper } from "../shipper";

const sources = join(__dirname, "..", "..", "otelcol");
const program = join(programs, "otelcol");

/** Builds the collector into the cache's `bin`, unless it is there. */
async function find(onLine: (line: string) => void): Promise<Found | string> {
    if (programPath("go") === undefined) return "there is no go to build it with";
    const files = readdirSync(sources).map((name) => readFileSync(join(sources, name)));
    try {
        await make(program, fingerprint(...files), (path) =>
            command(
                "nice",
                ["go", "build", "-v", "-p", "1", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", path, "."],
                {
                    cwd: sources,
                    env: goEnvironment(),
                    log: join(buildLogs, "otelcol.log"),
                    onLine,
                },
            ),
        );
    } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        return `it could not be built: ${error.lines.at(-1) ?? error.message}`;
    }
    const version = /(\d+\.\d+\.\d+)/.exec(await command(program, ["--version"]))?.[1];
    return { program, version: `OpenTelemetry Collector ${version ?? "unknown"}` };
}

const config = ({ directory, logs, host, port }: RunPlace) => ({
    extensions: { file_storage: { directory: join(directory, "storage") } },
    receivers: {
        file_log: {
            include: [join(logs, "*.json")],
            start_at: "beginning",
            storage: "file_storage",
            operators: [
                {
                    type: "json_parser",
                    timestamp: {
                        parse_from: "attributes.timestamp",
                        layout: "%Y-%m-%d %H:%M:%S.%L %Z",
                    },
                },
                { type: "move", from: "attributes.message", to: "body" },
            ],
        },
    },
    exporters: {
        otlp_http: {
            endpoint: `http://${host}:${port}/_otlp`,
            compression: "none",
            retry_on_failure: { max_elapsed_time: 0 },
            sending_queue: {
                storage: "file_storage",
                sizer: "items",
                queue_size: 50_000,
                block_on_overflow: true, // otherwise it drops lines
                num_consumers: 1,
                batch: { flush_timeout: "1s", min_size: 2000, max_size: 4000 },
            },
        },
    },
    service: {
        extensions: ["file_storage"],
        telemetry: { metrics: { level: "none" } },
        pipelines: { logs: { receivers: ["file_log"], exporters: ["otlp_http"] } },
    },
});

/**
 * It sends to Elasticsearch's OTLP endpoint instead of `_bulk`. This costs it less, because it does not build
 * documents.
 */
export const collector: Shipper = {
    id: "otel",
    title: "OpenTelemetry Collector: filelog, OTLP, no ids",
    durable: "offsets, queue",
    find,
    prepare(place, found) {
        mkdirSync(join(place.directory, "storage"));
        const path = join(place.directory, "otelcol.yaml");
        writeFileSync(path, stringify(config(place)));
        return { program: found.program, args: ["--config", `file:${path}`] };
    },
};
