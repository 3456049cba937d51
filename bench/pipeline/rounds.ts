import { join } from "node:path";
import type { Progress } from "./progress";
import type { Measured } from "./result";
import { runShipper, type Lines } from "./run";
import type { Found, Shipper } from "./shipper";
import { rotated } from "./statistics";

/** A shipper and its program. */
export interface Available {
    shipper: Shipper;
    found: Found;
}

/** Looks for the shippers' programs. Those that are not here are in the result with the reason. */
export async function findShippers(shippers: readonly Shipper[], progress: Progress) {
    const available: Available[] = [];
    const skipped: Measured[] = [];
    for (const shipper of shippers) {
        const { id, title, durable } = shipper;
        progress.now(`looking for ${id}`);
        const found = await shipper.find((line) => {
            progress.now(`building ${id}: ${line}`);
        });
        if (typeof found === "string") {
            progress.done(`${id} is left out: ${found}`);
            skipped.push({ id, title, durable, skipped: found, runs: [] });
        } else available.push({ shipper, found });
    }
    return { available, skipped };
}

/**
 * Runs all shippers one after the other, round by round, so that a slow minute of the machine is no shipper's own.
 *
 * @param directory for the files of one run
 */
export async function runRounds(
    available: readonly Available[],
    rounds: number,
    lines: Lines,
    directory: string,
    progress: Progress,
): Promise<Measured[]> {
    const measured = new Map<string, Measured>(
        available.map(({ shipper: { id, title, durable }, found: { version } }) => [
            id,
            { id, title, durable, version, runs: [] },
        ]),
    );
    for (let round = 0; round < rounds; round += 1)
        for (const { shipper, found } of rotated(available, round)) {
            const label = `round ${round + 1} of ${rounds}, ${shipper.id}`;
            progress.now(label);
            const run = await runShipper(shipper, found, lines, join(directory, shipper.id), (documents) => {
                progress.now(`${label}: ${documents.toLocaleString("en-US")} documents`);
            });
            measured.get(shipper.id)!.runs.push(run);
            const micros = ((run.cpu / lines.count) * 1e6).toFixed(1);
            progress.done(`${label}: ${micros} µs of CPU a line, ${run.wall.toFixed(1)} s`);
        }
    return [...measured.values()];
}
