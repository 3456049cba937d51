import { existsSync } from "node:fs";
import { join } from "node:path";
import { programs } from "../machine/cache";
import { command } from "../machine/command";
import { build, shipper } from "./goPrograms";
import { runsInBase } from "./images";
import { programPath } from "../machine/requirements";

/** What ships the lines here: a program that goes into an image. */
export interface Shipper {
    program: string;
    version: string;
    /** Why it is not Fluent Bit but a stand-in for it; undefined where it is. */
    standIn?: string;
}

/** The version that the log pipeline was made with and is tested with. */
export const fluentBitVersion = "5.1.1";

/** Where Fluent Bit's Debian package puts it (https://docs.fluentbit.io/manual/installation/downloads/linux/debian). */
const packaged = "/opt/fluent-bit/bin/fluent-bit";

/** What a person does to get the shipper. */
export const howToGetFluentBit = `Install Fluent Bit ${fluentBitVersion} (its Debian package puts it at ${packaged}), then: npm start`;

/** The Fluent Bit of this machine, or a stand-in for it, which is built unless it is there. */
export async function findShipper(onLine: (line: string) => void): Promise<Shipper> {
    const found = await findFluentBit();
    if (typeof found !== "string") return found;
    await build(shipper, onLine);
    return { program: join(programs, "shipper"), version: `${fluentBitVersion}-stand-in`, standIn: found };
}

/** The Fluent Bit of this machine, or why there is none to use. */
async function findFluentBit(): Promise<Shipper | string> {
    const program = programPath("fluent-bit") ?? (existsSync(packaged) ? packaged : undefined);
    if (program === undefined) return "there is no fluent-bit on PATH and none in /opt/fluent-bit";
    const version = /v(\d+\.\d+\.\d+)/.exec(await command(program, ["--version"]))?.[1];
    if (version !== fluentBitVersion)
        return `${program} is of version ${version ?? "unknown"}, and ${fluentBitVersion} is needed`;
    const refusal = await runsInBase(program);
    if (refusal !== undefined) return `${program} does not start in an image of Debian 12: ${refusal}`;
    return { program, version };
}
