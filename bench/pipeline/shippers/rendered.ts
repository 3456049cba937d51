import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { yamlOf } from "../../../report/files";
import type { Found, RunPlace, Start } from "../shipper";
import { relocated, type Relocation } from "./relocate";

/** A Fluent Bit configuration as the program puts it into the container. */
export interface Rendered {
    /** `fluent-bit.yaml` and the files that it refers to. */
    files: Record<string, string>;
    /** Variables of the container that are not from its Pod. */
    env?: Record<string, string>;
    /** Directory in the container of `files`. */
    config: string;
    /** Directory in the container of PostgreSQL's log files. */
    logs: string;
    /** Other directories in the container that Fluent Bit writes to. */
    writes: string[];
}

/** The part of fluent-bit.yaml that changes on this machine. */
interface FluentBitYaml {
    service: { http_listen: string; http_port: number };
    pipeline: { outputs: { name: string; host?: string; port?: number }[] };
}

/** The Pod of the lines. The name of the log file contains it too. */
export const pod = "postgres-7c9f6d5b84-x2x4z";

const podVariables = {
    POD_NAME: pod,
    POD_UID: "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    POD_NAMESPACE: "pglog-dev",
    NODE_NAME: "node-1",
};

/** Writes such a configuration for this machine, with different paths, Elasticsearch and metrics port. */
export function startRendered({ files, env, config, logs, writes }: Rendered, place: RunPlace, found: Found): Start {
    const inPlace = (path: string): Relocation => ({ from: path, to: join(place.directory, path) });
    const relocations: Relocation[] = [
        { from: logs, to: place.logs },
        { from: config, to: place.directory },
        ...writes.map(inPlace),
    ];
    for (const { to } of relocations) mkdirSync(to, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place.directory, name), text);
    const yaml = relocated(yamlOf(files["fluent-bit.yaml"] ?? "") as FluentBitYaml, relocations);
    Object.assign(yaml.service, { http_listen: "127.0.0.1", http_port: place.ownPort });
    for (const output of yaml.pipeline.outputs)
        if (output.host !== undefined) Object.assign(output, { host: place.host, port: place.port });
    const path = join(place.directory, "fluent-bit.yaml");
    writeFileSync(path, stringify(yaml, { lineWidth: 0 }));
    return {
        program: found.program,
        args: ["--config", path],
        env: { ...podVariables, ...relocated(env ?? {}, relocations) },
    };
}
