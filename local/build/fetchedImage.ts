import { join } from "node:path";
import { buildLogs, imageFiles, isMade, make } from "../machine/cache";
import { command, succeeds } from "../machine/command";

/** An image from its registry, saved as a file. */
export interface FetchedImage {
    reference: string;
    archive: string;
}

/** True if the registry answers and has the image. Without a network it fails at once, or after 20 seconds. */
export function isFetchable(reference: string, onLine: (line: string) => void) {
    const flags = ["inspect", "--raw", "--command-timeout=20s", `docker://${reference}`];
    return succeeds("skopeo", flags, { log: join(buildLogs, "images.log"), onLine });
}

/** The file of a fetched image. All environments share it. */
const archiveOf = (reference: string) => join(imageFiles, "fetched", `${reference.replace(/[^\w.-]/g, "_")}.tar`);

/** True if the cache has the image. */
export function isFetched(reference: string) {
    return isMade(archiveOf(reference), reference);
}

/** Fetches an image from its registry, unless the cache has it. */
export async function fetchImage(reference: string, onLine: (line: string) => void): Promise<FetchedImage> {
    // containerd looks images up by their full names.
    const whole = reference.includes("/") ? `docker.io/${reference}` : `docker.io/library/${reference}`;
    const archive = archiveOf(reference);
    await make(archive, reference, (partial) =>
        command("skopeo", ["copy", `docker://${whole}`, `docker-archive:${partial}:${whole}`], {
            log: join(buildLogs, "images.log"),
            onLine,
        }),
    );
    return { reference: whole, archive };
}
