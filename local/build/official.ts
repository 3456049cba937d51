import type { ListrTask } from "listr2";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { cache, fingerprint, isMade, make } from "../machine/cache";
import { unpack } from "./archive";
import { answerLimit, download, reachable } from "./download";
import { officialReleases, type Release, type Releases } from "./releases";

/** The releases to take, and the addresses that can be downloaded from. The rest is built. */
export interface Source {
    releases: Releases;
    reached: ReadonlySet<string>;
    /** Directory with a directory for each release that was taken. */
    directory: string;
}

/** The official releases, of which none can be reached as far as is known. */
export function officialSource(releases: Releases = officialReleases): Source {
    return { releases, reached: new Set(), directory: join(cache, "releases") };
}

/** A release that is there, or why it is not. */
export type Taken = { directory: string; because?: never } | { directory?: never; because: string };

const directoryOf = ({ directory }: Source, name: keyof Releases) => join(directory, name);

/** What a directory of a release is made from: an archive, and what is taken of it. */
const inputs = ({ checksum, directory, programs }: Release) => fingerprint(checksum.hex, directory, ...programs);

/** Whether a release was taken before. */
export function isTaken(source: Source, name: keyof Releases) {
    return isMade(directoryOf(source, name), inputs(source.releases[name]));
}

/** Takes a release, unless it is there: downloads it, checks it, and unpacks its programs. */
export async function take(source: Source, name: keyof Releases, onLine: (line: string) => void): Promise<Taken> {
    const release = source.releases[name];
    const directory = directoryOf(source, name);
    if (isTaken(source, name)) return { directory };
    if (!source.reached.has(release.url)) return { because: `${new URL(release.url).host} cannot be reached` };
    const archive = join(source.directory, basename(new URL(release.url).pathname));
    try {
        await make(directory, inputs(release), async (partial) => {
            if (!existsSync(archive)) await download(release.url, release.checksum, archive, onLine);
            onLine(`unpacking ${basename(archive)}`);
            mkdirSync(partial);
            await unpack(archive, release, partial);
        });
        return { directory };
    } catch (error) {
        return { because: (error as Error).message };
    } finally {
        rmSync(archive, { force: true });
    }
}

/** What a start says about the addresses that it asked. */
export function renderReach(asked: string[], reached: ReadonlySet<string>) {
    const hosts = (urls: string[]) => [...new Set(urls.map((url) => new URL(url).host))].join(", ");
    const [there, not] = [asked.filter((url) => reached.has(url)), asked.filter((url) => !reached.has(url))];
    if (asked.length === 0) return "Official releases: none is needed";
    if (not.length === 0) return `Official releases: from ${hosts(there)}`;
    if (there.length === 0)
        return `Official releases: not to be had within ${answerLimit} s from ${hosts(not)}. What is missing is built`;
    return `Official releases: from ${hosts(there)}; not to be had within ${answerLimit} s from ${hosts(not)}`;
}

/**
 * The step that decides, once for a start, which official releases can be had.
 *
 * @param needed addresses of what is neither here nor built
 */
export function reachStep(source: Source, needed: () => Promise<string[]>): ListrTask {
    return {
        title: "Official releases",
        task: async (_, task) => {
            const asked = await needed();
            source.reached = await reachable(asked);
            task.title = renderReach(asked, source.reached);
        },
    };
}
