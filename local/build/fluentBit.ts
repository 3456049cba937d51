import { existsSync } from "node:fs";
import { fluentBitVersion } from "../../stacks/versions";
import { command, CommandFailed } from "../machine/command";
import { build, pathOf, shipper } from "./goPrograms";
import { runsInBase } from "./debianBase";
import { programPath } from "../machine/requirements";

/** What ships the lines here: a program that goes into an image. */
export interface Shipper {
    program: string;
    version: string;
    /** Why it is not Fluent Bit but a stand-in for it; undefined where it is. */
    standIn?: string;
}

/** Where Fluent Bit's Debian package puts it (https://docs.fluentbit.io/manual/installation/downloads/linux/debian). */
const packaged = "/opt/fluent-bit/bin/fluent-bit";

/** What a person does to get the shipper. */
export const howToGetFluentBit = `Install Fluent Bit ${fluentBitVersion} (its Debian package has ${packaged}), then: npm start`;

/** The Fluent Bit of this machine, or a stand-in for it, which is built unless it is there. */
export async function findShipper(onLine: (line: string) => void): Promise<Shipper> {
    const found = await shippableFluentBit();
    if (typeof found !== "string") return found;
    await build([shipper], onLine);
    return { program: pathOf(shipper), version: `${fluentBitVersion}-stand-in`, standIn: found };
}

/** A Fluent Bit that is installed. */
export type FluentBit = Pick<Shipper, "program" | "version">;

/** The Fluent Bit of this machine, of any version, or why there is none. */
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

/** The Fluent Bit of this machine, of the version that the log pipeline is made for, or why there is none. */
export async function findFluentBit(): Promise<FluentBit | string> {
    const found = await installedFluentBit();
    if (typeof found === "string" || found.version === fluentBitVersion) return found;
    return `${found.program} is of version ${found.version}, and ${fluentBitVersion} is needed`;
}

/** Such a Fluent Bit that also starts in the image that it goes into, or why there is none. */
async function shippableFluentBit(): Promise<Shipper | string> {
    const found = await findFluentBit();
    if (typeof found === "string") return found;
    const refusal = await runsInBase(found.program);
    return refusal === undefined ? found : `${found.program} does not start in an image of Debian 12: ${refusal}`;
}
