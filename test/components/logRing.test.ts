import assert from "node:assert/strict";
import { logRing, logRingBytes, smallestLogVolume, type LogRetention } from "../../components/logRing";
import { bytesOf } from "../../components/quantity";

/** The file that PostgreSQL opens at a minute since midnight, in UTC. */
function fileAt(pattern: string, minute: number): string {
    const two = (n: number) => String(n).padStart(2, "0");
    return pattern.replace("%M", two(minute % 60)).replace("%H", two(Math.floor(minute / 60) % 24));
}

describe("logRing", () => {
    const turns: Record<LogRetention, number> = { "1h": 60, "24h": 24 * 60 };
    for (const [retention, turn] of Object.entries(turns) as [LogRetention, number][]) {
        const { filename, files, rotationMinutes } = logRing(retention);

        it(`${retention}: the ring has as many names as files, one for each time between two rotations`, () => {
            const names = Array.from({ length: 2 * turn }, (_, minute) => fileAt(filename, minute));
            assert.equal(new Set(names).size, files);
            assert.equal(files * rotationMinutes, turn);
            names.forEach((name, minute) => {
                assert.equal(name, names[minute - (minute % rotationMinutes)], `minute ${minute}`);
            });
        });

        it(`${retention}: whenever PostgreSQL starts, each name comes round again after one turn and is emptied`, () => {
            for (let start = 0; start < turn; start += 1) {
                // PostgreSQL rotates at whole multiples of the age, and truncates a file that a rotation by age opens.
                const first = (Math.floor(start / rotationMinutes) + 1) * rotationMinutes;
                const rotations = Array.from({ length: files }, (_, i) =>
                    fileAt(filename, first + i * rotationMinutes),
                );
                assert.equal(new Set(rotations).size, files, "each name once in a turn");
                assert.equal(rotations.at(-1), fileAt(filename, start), "the file of the start last");
            }
        });
    }

    const volumes: [LogRetention, number, number, string][] = [
        ["1h", 1, 61 * 60 * 1024, "4Mi"],
        ["1h", 64, 61 * 60 * 64 * 1024, "229Mi"],
        ["1h", 1024, 61 * 60 * 1024 * 1024, "3660Mi"],
        ["24h", 64, 25 * 3600 * 64 * 1024, "5625Mi"],
    ];
    for (const [retention, peakRate, bytes, volume] of volumes)
        it(`${retention} at ${peakRate} KiB/s is the ring and one file more: ${volume}`, () => {
            assert.equal(logRingBytes(retention, peakRate), bytes);
            assert.equal(smallestLogVolume(retention, peakRate), volume);
            assert.ok(bytesOf(volume)! >= bytes, "the volume holds the ring");
        });
});
