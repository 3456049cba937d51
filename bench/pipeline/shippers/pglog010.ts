import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Shipper } from "../shipper";
import { findFluentBit } from "./fluentBit";
import { startRendered } from "./rendered";

const directory = join(__dirname, "..", "pglog-0.1.0");
const names = ["fluent-bit.yaml", "document.lua"];

/** The shipper of version 0.1.0 for the stack `dev`, without user and password. It is the reference for all others. */
export const pglog010: Shipper = {
    id: "pglog-0.1.0",
    title: "pglog 0.1.0 (gzip)",
    durable: "offsets, queue",
    find: findFluentBit,
    prepare: (place, found) =>
        startRendered(
            {
                files: Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), "utf8")])),
                config: "/fluent-bit/etc/pglog",
                logs: "/var/log/postgresql",
                writes: ["/fluent-bit/offsets", "/fluent-bit/queue"],
            },
            place,
            found,
        ),
};
