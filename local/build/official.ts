import type { ListrTask } from "listr2";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { cache, fingerprint, isMade, make } from "../machine/cache";
import { unpack } from "./archive";
import { answerLimit, download, reachable } from "./download";
import { officialReleases, type Release, type Releases } from "./releases";

/** The releases to take, and the addresses that answer. Everything else is built. */
export interface Source {
    releases: Releases;
    reached: ReadonlySet<string>;
    /** Has one directory for each release that was taken. */
    directory: string;
}

/** The official releases. Until they are asked, no address counts as reachable. */
export function officialSource(releases: Releases = officialReleases): Source {
    return { releases, reached: new Set(), directory: join(cache, "releases") };
}

/** The directory of a release, or the reason why it is not there. */
export type Taken = { directory: string; because?: never } | { directory?: never; because: string };

const directoryOf = ({ directory }: Source, name: keyof Releases) => join(directory, name);

/** The inputs of a release's directory: an archive, and the programs taken from it. */
const inputs = ({ checksum, directory, programs }: Release) => fingerprint(checksum.hex, directory, ...programs);

/** True if the cache has the release. */
export function isTaken(source: Source, name: keyof Releases) {
    return isMade(directoryOf(source, name), inputs(source.releases[name]));
}

/** Downloads, checks and unpacks a release, unless the cache has it. */
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

/** The line in which a start reports which addresses answered. */
export function renderReach(asked: string[], reached: ReadonlySet<string>) {
    const hosts = (urls: string[]) => [...new Set(urls.map((url) => new URL(url).host))].join(", ");
    const [there, not] = [asked.filter((url) => reached.has(url)), asked.filter((url) => !reached.has(url))];
    if (asked.length === 0) return "Official releases: none is needed";
    if (not.length === 0) return `Official releases: from ${hosts(there)}`;
    if (there.length === 0)
        return `Official releases: no answer within ${answerLimit} s from ${hosts(not)}. Missing parts are built`;
    return `Official releases: from ${hosts(there)}; no answer within ${answerLimit} s from ${hosts(not)}`;
}

/**
 * The step that finds out, once for each start, which official releases can be downloaded.
 *
 * @param needed addresses of everything that is neither installed nor built
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
