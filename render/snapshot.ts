import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "./engine/monitor";

/** One resource as the engine would be told of it, without a secret. */
export interface SnapshotResource {
    urn: string;
    type: string;
    name: string;
    /** Name of the object in the cluster; none for what is no object. */
    objectName?: string;
    options: Options;
    /** A secret is a text in brackets, the same for the same secret. */
    inputs: Record<string, unknown>;
}

/** What a stack is made of. */
export interface Snapshot {
    stack: string;
    resources: SnapshotResource[];
}

/** Name of the file that a snapshot is kept in, in the directory of a render. */
export const snapshotFile = "resources.json";

/**
 * The snapshot in the directory of a render.
 *
 * @throws where the directory has none
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
