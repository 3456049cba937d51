import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunPlace, Shipper } from "../shipper";
import { findFluentBit } from "./fluentBit";

const parsers = `[PARSER]
    Name        postgresql_jsonlog
    Format      json
    Time_Key    timestamp
    Time_Format %Y-%m-%d %H:%M:%S.%L %Z
`;

const config = ({ directory, logs, host, port }: RunPlace) => `[SERVICE]
    Flush            1
    Log_Level        info
    Parsers_File     ${join(directory, "parsers.conf")}
    storage.path     ${join(directory, "chunks")}

[INPUT]
    Name              tail
    Tag               postgresql
    Path              ${join(logs, "*.json")}
    Parser            postgresql_jsonlog
    DB                ${join(directory, "offsets.db")}
    Read_from_Head    On
    storage.type      filesystem

[OUTPUT]
    Name               es
    Match              *
    Host               ${host}
    Port               ${port}
    Logstash_Format    On
    Suppress_Type_Name On
    Buffer_Size        False
    Retry_Limit        no_limits
`;

/** The configuration of most instructions: nothing is tuned, and a repeated document is stored twice. */
export const classic: Shipper = {
    id: "classic",
    title: "Fluent Bit: classic configuration, `es`, no ids",
    durable: "offsets, queue",
    find: findFluentBit,
    prepare(place, { program }) {
        const path = join(place.directory, "fluent-bit.conf");
        writeFileSync(path, config(place));
        writeFileSync(join(place.directory, "parsers.conf"), parsers);
        return { program, args: ["--config", path] };
    },
};
