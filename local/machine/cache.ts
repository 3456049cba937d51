import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * The one directory that everything made here is in: programs and images, which all local environments share, and a
 * directory for each environment. PGLOG_CACHE names another one; XDG's rule gives the default
 * (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export const cache = process.env.PGLOG_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pglog");

export const programs = join(cache, "bin");
export const imageFiles = join(cache, "images");
/** The engine's home: its plugins are in it. */
export const pulumiHome = join(cache, "pulumi");
/** What the steps that fill the cache say. */
export const buildLogs = join(cache, "logs");

/** The directory of one environment: its cluster, its stacks' state, its logs. */
export function environmentDirectory(name: string) {
    return join(cache, "environments", name);
}

/** What a thing is made from, in a few characters; another one where anything of it is another. */
export function fingerprint(...inputs: (string | Buffer)[]) {
    const hash = createHash("sha256");
    for (const input of inputs) hash.update(`${input.length}:`).update(input);
    return hash.digest("hex").slice(0, 16);
}

/** Whether a thing is there and was made from these inputs. */
export function isMade(path: string, inputs: string) {
    const note = `${path}.from`;
    return existsSync(path) && existsSync(note) && readFileSync(note, "utf8") === inputs;
}

/**
 * Makes a file or directory of the cache unless it is there, made from the same. It gets its name when it is whole, so
 * one that was interrupted is made again.
 *
 * @param inputs what it is made from; another value makes it anew
 * @param build makes it at the path it is given, which does not exist
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
