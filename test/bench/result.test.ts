import assert from "node:assert/strict";
import { renderChart } from "../../bench/pipeline/chart";
import { summary, type Result, type Run } from "../../bench/pipeline/result";
import { renderTable } from "../../bench/pipeline/table";

describe("the result of the benchmark", () => {
    const run = (cpu: number, peakMemory: number): Run => ({
        cpu,
        wall: 9,
        peakMemory,
        wireBytes: 500_000,
        documents: 1000,
    });
    const runs = [run(0.01, 30e6), run(0.03, 20e6), run(0.02, 10e6)];
    const reference = [run(0.02, 1e6), run(0.06, 1e6), run(0.05, 1e6)];
    const result: Result = {
        machine: { processor: "Example 1", cores: 2, kernel: "6.1" },
        seed: 1,
        lines: 1000,
        bytesPerLine: 512.3,
        rounds: 3,
        shippers: [
            {
                id: "a",
                title: "A & <B>",
                version: "A 1.0",
                durable: "offsets",
                runs,
                summary: summary(runs, 1000, reference),
            },
            { id: "c", title: "C", durable: "queue", skipped: "there is no c", runs: [] },
        ],
    };

    it("is in µs per line, and is compared with the reference in each round", () => {
        assert.deepEqual(result.shippers[0]!.summary, {
            cpu: { median: 20, min: 10, max: 30 },
            ratio: { median: 0.5, min: 0.4, max: 0.5 },
            linesPerCore: 50_000,
            wireBytesPerLine: 500,
            peakMemory: 30e6,
            documents: 1000,
        });
    });

    it("has no ratio if the reference was not measured", () => {
        assert.equal(summary(runs, 1000, []).ratio, undefined);
    });

    it("is a table that gives a reason for each shipper that was left out", () => {
        assert.equal(
            renderTable(result),
            `1,000 lines of 512 bytes, seed 1, 3 rounds; 2 cores (Example 1), Linux 6.1

| shipper | version | CPU a line, µs |   min–max | of 0.1.0 | lines/s a core | bytes a line sent | peak RSS, MB | documents | outlives a restart |
| :------ | :------ | -------------: | --------: | -------: | -------------: | ----------------: | -----------: | --------: | :----------------- |
| A & <B> | A 1.0   |           20.0 | 10.0–30.0 |     0.50 |         50,000 |               500 |         30.0 |     1,000 | offsets            |

- C was left out: there is no c`,
        );
    });

    it("is a chart of the measured shippers", () => {
        const chart = renderChart(result);
        assert.match(chart, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 820 98"/);
        assert.match(chart, />A &amp; &lt;B&gt;<\/text>/);
        assert.match(chart, />20\.0 µs, 0\.50×<\/text>/);
        assert.equal(chart.match(/<rect /g)?.length, 1);
    });
});
