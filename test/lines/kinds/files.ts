import { closeSync, constants, openSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { until } from "../../e2e/run";
import type { Kind } from "../kind";
import type { Random } from "../../../bench/pipeline/random";

/** Opens the jsonlog file of PostgreSQL's logging collector, for appending, as the collector does. */
function openLogFile(logger: number): number {
    const descriptors = `/proc/${logger}/fd`;
    const json = readdirSync(descriptors).find((one) => readlinkSync(`${descriptors}/${one}`).endsWith(".json"));
    if (json === undefined) throw new Error("the logging collector has no jsonlog file open");
    return openSync(`${descriptors}/${json}`, constants.O_WRONLY | constants.O_APPEND);
}

/** Damaged lines that PostgreSQL never writes. */
function damagedLines(random: Random): Buffer[] {
    const text = (line: string) => Buffer.from(`${line}\n`);
    const binary = randomBytes(random.between(10, 5000)).map((byte) => (byte === 10 ? 11 : byte));
    return [
        text("no JSON at all"),
        text('{"timestamp":"2026-01-01 00:00:00.000 UTC","pid":1,"session_id":"6'),
        ...["{}", "[1,2]", "null", '"text"', "", " ", "}{"].map(text),
        text('{"timestamp":12,"session_id":{},"line_num":"one","message":[]}'),
        Buffer.concat([Buffer.from(binary), text("")]),
        text("A".repeat(1 << 20)),
        text(`{"message":"${"b".repeat(3 << 20)}"}`),
    ];
}

/** Faults in the files of the log volume. */
export const files: Kind[] = [
    {
        name: "volume-filled",
        what: "a foreign file leaves 1 to 4 MiB of the log volume, and is removed again",
        stack: "direct",
        needsNode: true,
        fault: async (lane, random) => {
            const volume = lane.parts.volume!;
            await volume.fill(random.between(1 << 20, 4 << 20));
            try {
                await lane.acknowledged(2000);
                await until(
                    "space that the log keeper freed",
                    () => volume.free(),
                    (free) => free > 1 << 20,
                    30,
                );
            } finally {
                await volume.takeFileAway();
            }
        },
    },
    {
        name: "damaged-lines",
        what: "broken JSON, binary data and lines of 1 and 3 MB stand between PostgreSQL's own",
        stack: "direct",
        needsNode: true,
        short: true,
        fault: async (lane, random) => {
            const { pid } = await lane.process("logger");
            // One write for each line: PostgreSQL's own lines may come between them but not inside them.
            for (const line of damagedLines(random)) {
                const file = openLogFile(pid);
                const written = writeSync(file, line);
                closeSync(file);
                if (written !== line.length) throw new Error(`${written} of ${line.length} bytes were written`);
                await lane.acknowledged(random.between(1, 50));
            }
        },
    },
];
