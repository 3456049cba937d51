import assert from "node:assert/strict";
import { logVolume, neededLogVolume, smallestLogVolume } from "../../../components/logs/volume";
import { bytesOf, Gi, Mi } from "../../../components/kubernetes/quantity";

/** 16 MiB of chunks in flight, as in fluentBitConfig. */
const chunks = 16 * Mi;

describe("logVolume", () => {
    const volumes: [string, number, number, number][] = [
        // the size; in MiB: the limit, the size of a file, and the space for refused lines, equal to the free space
        ["64Mi", 40, 2, 4],
        ["128Mi", 80, 4, 8],
        ["256Mi", 160, 8, 16],
        ["1Gi", 640, 32, 64],
        ["2Gi", 1280, 64, 128],
        ["6Gi", 3840, 64, 384],
        ["100Gi", 64_000, 64, 6400],
        ["1Ti", 655_360, 64, 65_536],
    ];
    for (const [size, limit, fileSize, rest] of volumes)
        it(`divides ${size} as documented`, () => {
            assert.deepEqual(logVolume(bytesOf(size)!), {
                limit: limit * Mi,
                fileSize: fileSize * Mi,
                rejected: rest * Mi,
                free: rest * Mi,
            });
        });

    it("leaves room for removed files that are still open, and for the file being written, at any size", () => {
        let sizes = 0;
        // 1.013 gives odd sizes, about 750 of them up to 1 TiB
        for (let odd = smallestLogVolume; odd <= 1024 * Gi; odd *= 1.013) {
            const size = Math.floor(odd);
            const { limit, fileSize, rejected, free } = logVolume(size);
            const label = `${size} bytes: ${JSON.stringify(logVolume(size))}`;
            for (const part of [limit, fileSize, rejected, free]) assert.ok(Number.isSafeInteger(part), label);
            assert.equal(fileSize % Mi, 0, `${label}: PostgreSQL takes whole megabytes`);
            assert.ok(fileSize >= Mi && fileSize <= 64 * Mi, label);
            // Files are removed whole. With at least 20 files, the first removal keeps most of the lines.
            assert.ok(fileSize <= limit / 20, label);
            assert.ok(limit >= chunks + 4 * fileSize, `${label}: no room for files beside the chunks`);
            // The keeper checks once a second. A removed file is closed 8 seconds later.
            assert.ok(limit + rejected + free + 3 * fileSize <= size, `${label}: more than there is`);
            assert.ok(free >= Mi, label);
            sizes += 1;
        }
        assert.ok(sizes > 700, `${sizes} sizes`);
    });

    const rates = [1, 2, 16, 64, 100, 1024, 4096, 1_000_000];
    const outages = [600, 3600, 8 * 3600, 86_400, 30 * 86_400];
    for (const rate of rates)
        it(`computes for ${rate} KiB/s the volume that holds an outage of any length, in the larger of the two forms`, () => {
            for (const outage of outages) {
                const needed = neededLogVolume(rate, outage);
                const label = `${rate} KiB/s for ${outage} s: ${needed} bytes`;
                const written = rate * 1024 * outage;
                assert.ok(Number.isInteger(needed) && needed >= smallestLogVolume, label);
                // Measured with Fluent Bit 5.1.1: a line takes up to 2.25 times its bytes in the queue.
                assert.ok(logVolume(needed).limit >= 2.25 * written, `${label} hold too little`);
                assert.ok(logVolume(needed).limit <= Math.max(logVolume(smallestLogVolume).limit, 4 * written), label);
            }
        });

    it("never needs less for more", () => {
        for (const [i, rate] of rates.entries())
            for (const [j, outage] of outages.entries()) {
                assert.ok(neededLogVolume(rate, outage) >= neededLogVolume(rates[Math.max(0, i - 1)]!, outage));
                assert.ok(neededLogVolume(rate, outage) >= neededLogVolume(rate, outages[Math.max(0, j - 1)]!));
            }
    });

    it("needs at least the smallest volume", () => {
        assert.equal(neededLogVolume(1, 600), smallestLogVolume);
        assert.equal(smallestLogVolume, 64 * Mi);
    });
});
