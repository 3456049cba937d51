import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "./engine/monitor";

/** One resource as the program registers it, with secrets masked. */
export interface SnapshotResource {
    urn: string;
    type: string;
    name: string;
    /** Name of the object in the cluster; undefined for a resource that is not an object. */
    objectName?: string;
    options: Options;
    /** A secret is text in brackets, equal for equal secrets. */
    inputs: Record<string, unknown>;
}

/** The resources of a stack. */
export interface Snapshot {
    stack: string;
    resources: SnapshotResource[];
}

/** Name of the snapshot's file in a render's directory. */
export const snapshotFile = "resources.json";

/**
 * Reads the snapshot from a render's directory.
 *
 * @throws if the directory has none
 */
export function readSnapshot(directory: string): Snapshot {
    const file = join(directory, snapshotFile);
    try {
        return JSON.parse(readFileSync(file, "utf8")) as Snapshot;
    } catch (error) {
        throw new Error(
            `${directory} is no render: ${(error as Error).message}. Run: npm run render -- --stack <stack> --out ${directory}`,
            { cause: error },
        );
    }
}
