import { join } from "node:path";
import { step } from "../../report/progress";
import type { Measured } from "./result";
import { runShipper, type Lines } from "./run";
import type { Found, Shipper } from "./shipper";
import { rotated } from "./statistics";

/** A shipper and its program. */
export interface Available {
    shipper: Shipper;
    found: Found;
}

/** Finds the shippers' programs. A shipper without a program is in `skipped` with the reason. */
export async function findShippers(shippers: readonly Shipper[]) {
    const available: Available[] = [];
    const skipped: Measured[] = [];
    for (const shipper of shippers) {
        const { id, title, durable } = shipper;
        const found = await step(`finding ${id}`, async (progress) => {
            const result = await shipper.find((line) => {
                progress.output = line;
            });
            if (typeof result === "string") progress.title = `${id} is left out: ${result}`;
            return result;
        });
        if (typeof found === "string") skipped.push({ id, title, durable, skipped: found, runs: [] });
        else available.push({ shipper, found });
    }
    return { available, skipped };
}

/**
 * Runs all shippers in turn, round by round, so that a slow minute of the machine affects all of them.
 *
 * @param directory for the files of one run
 */
export async function runRounds(
    available: readonly Available[],
    rounds: number,
    lines: Lines,
    directory: string,
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
            const run = await step(label, async (progress) => {
                const result = await runShipper(shipper, found, lines, join(directory, shipper.id), (documents) => {
                    progress.output = `${documents.toLocaleString("en-US")} documents`;
                });
                const micros = ((result.cpu / lines.count) * 1e6).toFixed(1);
                progress.title = `${label}: ${micros} µs of CPU per line, ${result.wall.toFixed(1)} s`;
                return result;
            });
            measured.get(shipper.id)!.runs.push(run);
        }
    return [...measured.values()];
}
