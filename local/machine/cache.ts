import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * The directory with everything that is made here: programs and images, which all local environments share, and a
 * directory for each environment. PGLOG_CACHE names a different one. The default follows XDG's rule
 * (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export const cache = process.env.PGLOG_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pglog");

export const programs = join(cache, "bin");
export const imageFiles = join(cache, "images");
/** The engine's home: its plugins are in it. */
export const pulumiHome = join(cache, "pulumi");
/** Logs of the steps that fill the cache. */
export const buildLogs = join(cache, "logs");

/** The directory of one environment: its cluster, its stacks' state, its logs. */
export function environmentDirectory(name: string) {
    return join(cache, "environments", name);
}

/** A short hash of everything that a thing is made from. It changes when any of the inputs changes. */
export function fingerprint(...inputs: (string | Buffer)[]) {
    const hash = createHash("sha256");
    for (const input of inputs) hash.update(`${input.length}:`).update(input);
    return hash.digest("hex").slice(0, 16);
}

/** Whether a file or directory is there and was made from these inputs. */
export function isMade(path: string, inputs: string) {
    const note = `${path}.from`;
    return existsSync(path) && existsSync(note) && readFileSync(note, "utf8") === inputs;
}

/**
 * Makes a file or directory of the cache, unless it is there and was made from the same inputs. It gets its name once it is
 * complete, so an interrupted one is made again.
 *
 * @param inputs fingerprint of what it is made from; it is made again when this changes
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
