import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * The directory with everything that is made here: programs and images, which all local environments share, and a
 * directory for each environment. PGLOG_CACHE sets a different one. The default follows the XDG rule
 * (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export const cache = process.env.PGLOG_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pglog");

export const programs = join(cache, "bin");
export const imageFiles = join(cache, "images");
/** The engine's home, which contains its plugins. */
export const pulumiHome = join(cache, "pulumi");
/** Logs of the steps that fill the cache. */
export const buildLogs = join(cache, "logs");

/** The directory of one environment: its cluster, its stacks' state, its logs. */
export function environmentDirectory(name: string) {
    return join(cache, "environments", name);
}

/** A short hash of all inputs of a file. It changes when any input changes. */
export function fingerprint(...inputs: (string | Buffer)[]) {
    const hash = createHash("sha256");
    for (const input of inputs) hash.update(`${input.length}:`).update(input);
    return hash.digest("hex").slice(0, 16);
}

/** True if a file or directory exists and was made from these inputs. */
export function isMade(path: string, inputs: string) {
    const note = `${path}.from`;
    return existsSync(path) && existsSync(note) && readFileSync(note, "utf8") === inputs;
}

/**
 * Makes a file or directory of the cache, unless it exists and was made from the same inputs. It gets its final name once
 * it is complete, so an interrupted one is made again.
 *
 * @param inputs fingerprint of the inputs; a new value makes the file again
 * @param build makes it at a path that does not exist yet
 */
export async function make(path: string, inputs: string, build: (path: string) => Promise<unknown>) {
    if (isMade(path, inputs)) return;
    const partial = `${path}.${process.pid}.partial`;
    mkdirSync(dirname(path), { recursive: true });
    rmSync(partial, { recursive: true, force: true });
    try {
        await build(partial);
        rmSync(path, { recursive: true, force: true });
        renameSync(partial, path);
        writeFileSync(`${path}.from`, inputs);
    } finally {
        rmSync(partial, { recursive: true, force: true });
    }
}
