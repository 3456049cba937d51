import { createReadStream, createWriteStream } from "node:fs";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Extract } from "tar-stream";
import type { Release } from "./releases";

/**
 * Unpacks only the programs of a release into a directory.
 *
 * @throws if a program is missing from the archive, or if the file is not an archive
 */
export async function unpack(archive: string, release: Release, directory: string) {
    const { programs } = release;
    const wanted = new Map(programs.map((name) => [posix.join(release.directory, name), name]));
    const entries = extract();
    const [unpacked] = await Promise.all([
        writePrograms(entries, wanted, directory),
        pipeline(createReadStream(archive), createGunzip(), entries),
    ]).catch((error: unknown) => {
        throw new Error(`${release.url} cannot be unpacked: ${(error as Error).message}`, { cause: error });
    });
    const missing = programs.filter((name) => !unpacked.includes(name));
    if (missing.length > 0)
        throw new Error(`${release.url} has no ${missing.join(", ")} in its directory ${release.directory}`);
}

/** Writes the wanted entries. Returns the names of those that it found. */
async function writePrograms(entries: Extract, wanted: ReadonlyMap<string, string>, directory: string) {
    const written: string[] = [];
    for await (const entry of entries) {
        const name = wanted.get(posix.normalize(entry.header.name));
        if (name === undefined || entry.header.type !== "file") {
            entry.resume();
            continue;
        }
        await pipeline(entry, createWriteStream(join(directory, name), { mode: 0o755 }));
        written.push(name);
    }
    return written;
}
