import { existsSync } from "node:fs";
import { command } from "../../../local/machine/command";
import { programPath } from "../../../local/machine/requirements";
import type { Found } from "../shipper";

/** Where Fluent Bit's Debian package puts it (https://docs.fluentbit.io/manual/installation/downloads/linux/debian). */
const packaged = "/opt/fluent-bit/bin/fluent-bit";

/** The Fluent Bit of this machine, of any version: the table says which. */
export async function findFluentBit(): Promise<Found | string> {
    const program = programPath("fluent-bit") ?? (existsSync(packaged) ? packaged : undefined);
    if (program === undefined) return "there is no fluent-bit on PATH and none in /opt/fluent-bit";
    const version = /v(\d+\.\d+\.\d+)/.exec(await command(program, ["--version"]))?.[1];
    return { program, version: `Fluent Bit ${version ?? "unknown"}` };
}
