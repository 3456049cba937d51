import { existsSync } from "node:fs";
import { fluentBitVersion } from "../../stacks/versions";
import { command, CommandFailed } from "../machine/command";
import { build, pathOf, shipper } from "./goPrograms";
import { runsInBase } from "./debianBase";
import { programPath } from "../machine/requirements";

/** The program that ships the log lines. It goes into an image. */
export interface Shipper {
    program: string;
    version: string;
    /** Why this is a stand-in for Fluent Bit; undefined if it is Fluent Bit. */
    standIn?: string;
}

/** The path in Fluent Bit's Debian package (https://docs.fluentbit.io/manual/installation/downloads/linux/debian). */
const packaged = "/opt/fluent-bit/bin/fluent-bit";

/** Tells the reader how to get Fluent Bit. */
export const howToGetFluentBit = `Install Fluent Bit ${fluentBitVersion} (its Debian package has ${packaged}), then: npm start`;

/** Finds this machine's Fluent Bit, or builds a stand-in for it unless the cache has one. */
export async function findShipper(onLine: (line: string) => void): Promise<Shipper> {
    const found = await shippableFluentBit();
    if (typeof found !== "string") return found;
    await build([shipper], onLine);
    return { program: pathOf(shipper), version: `${fluentBitVersion}-stand-in`, standIn: found };
}

/** An installed Fluent Bit. */
export type FluentBit = Pick<Shipper, "program" | "version">;

/** The Fluent Bit of this machine, in any version, or the reason why there is none. */
export async function installedFluentBit(): Promise<FluentBit | string> {
    const program = programPath("fluent-bit") ?? (existsSync(packaged) ? packaged : undefined);
    if (program === undefined) return "there is no fluent-bit on PATH and none in /opt/fluent-bit";
    try {
        const version = /v(\d+\.\d+\.\d+)/.exec(await command(program, ["--version"]))?.[1];
        return { program, version: version ?? "unknown" };
    } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        return `${error.message}: ${error.lines.at(-1) ?? "it printed nothing"}`;
    }
}

/** The Fluent Bit of this machine in the version that the log pipeline needs, or the reason why there is none. */
export async function findFluentBit(): Promise<FluentBit | string> {
    const found = await installedFluentBit();
    if (typeof found === "string" || found.version === fluentBitVersion) return found;
    return `${found.program} has version ${found.version}, but ${fluentBitVersion} is needed`;
}

/** A Fluent Bit of that version that also starts in the image, or the reason why there is none. */
async function shippableFluentBit(): Promise<Shipper | string> {
    const found = await findFluentBit();
    if (typeof found === "string") return found;
    const refusal = await runsInBase(found.program);
    return refusal === undefined ? found : `${found.program} does not start in an image of Debian 12: ${refusal}`;
}
