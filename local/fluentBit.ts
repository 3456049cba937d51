import { existsSync } from "node:fs";
import { command } from "./command";
import { runsInBase } from "./images";
import { programPath } from "./machine";

/** A Fluent Bit of this machine, which goes into an image. */
export interface FluentBit {
    program: string;
    version: string;
}

/** The version that the log pipeline was made with and is tested with. */
export const fluentBitVersion = "5.1.1";

/** Where Fluent Bit's Debian package puts it (https://docs.fluentbit.io/manual/installation/downloads/linux/debian). */
const packaged = "/opt/fluent-bit/bin/fluent-bit";

/** What a person does to get the shipper. */
export const howToGetFluentBit = `Install Fluent Bit ${fluentBitVersion} (its Debian package puts it at ${packaged}), then: npm start`;

/** The Fluent Bit of this machine, or why there is none to use. */
export async function findFluentBit(): Promise<FluentBit | string> {
    const program = programPath("fluent-bit") ?? (existsSync(packaged) ? packaged : undefined);
    if (program === undefined) return "there is no fluent-bit on PATH and none in /opt/fluent-bit";
    const version = /v(\d+\.\d+\.\d+)/.exec(await command(program, ["--version"]))?.[1];
    if (version !== fluentBitVersion)
        return `${program} is of version ${version ?? "unknown"}, and ${fluentBitVersion} is needed`;
    const refusal = await runsInBase(program);
    if (refusal !== undefined) return `${program} does not start in an image of Debian 12: ${refusal}`;
    return { program, version };
}
