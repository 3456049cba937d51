import assert from "node:assert/strict";
import { FakeElasticsearch } from "./elasticsearch";
import { idOf, jsonlogLine, jsonlogLines } from "./lines";
import { needsRealFluentBit, Pod, until } from "./pod";
import { program } from "./program";

/** The ways in which a shipper can lose lines. Each one is provoked with the real Fluent Bit. */
describe("the shipper", () => {
    let pod: Pod;
    let elasticsearch: FakeElasticsearch;

    needsRealFluentBit();

    beforeEach(async () => {
        elasticsearch = new FakeElasticsearch();
        await elasticsearch.start();
        pod = new Pod(program.roomy);
        await pod.make(elasticsearch.port);
    });

    afterEach(async function () {
        if (this.currentTest?.state === "failed") console.log(pod.shipperLog().slice(-3000));
        await pod.remove();
        await elasticsearch.stop();
    });

    /** Fails unless every line from 1 on has arrived, each with its id. */
    const allArrived = async (count: number, seconds = 60) => {
        const missing = () =>
            Array.from({ length: count }, (_, i) => i + 1).filter(
                (number) => !elasticsearch.documents.has(idOf(pod.name, number)),
            );
        await until("the last line", seconds, () => missing().length === 0).catch(() => undefined);
        assert.deepEqual(
            { missing: missing().length, withoutId: elasticsearch.withoutId },
            { missing: 0, withoutId: 0 },
        );
    };

    it("keeps every line of an outage that is larger than the queue, through restarts", async () => {
        await elasticsearch.stop();
        pod.startKeeper();
        await pod.startShipper();
        let last = 0;
        for (let file = 1; file <= 12; file += 1) {
            pod.begin(file, jsonlogLines(last + 1, 20_000));
            last += 20_000;
            if (file % 2 === 0) {
                await pod.kill("shipper");
                await pod.startShipper();
            }
            await until(
                "some of it is read",
                10,
                async () => (await pod.metric("fluentbit_input_records_total", "postgresql_jsonlog")) > 1000,
            );
        }
        await elasticsearch.start();
        await allArrived(last);
    });

    it("reads new files, whatever it read before a pause", async () => {
        await pod.startShipper();
        for (let minute = 0; minute < 6; minute += 1) pod.begin(minute, jsonlogLines(1 + minute * 20, 20));
        await allArrived(120);
        await elasticsearch.stop();
        // Enough in the queue to make it pause.
        pod.write(pod.file(10), jsonlogLines(121, 40_000));
        await until(
            "a pause",
            30,
            async () => (await pod.metric("fluentbit_input_ingestion_paused", "postgresql_jsonlog")) === 1,
        );
        for (let minute = 0; minute < 6; minute += 1) pod.begin(60 + minute, jsonlogLines(40_121 + minute * 40, 40));
        await elasticsearch.start();
        await allArrived(40_360);
    });

    it("sends the lines beside a damaged one", async () => {
        await pod.startShipper();
        const damaged = '{"timestamp":"2026-01-31 12:00:00.123 UTC","session_id":"697df2a5.47","message":"cut';
        pod.write(pod.file(1), `${jsonlogLines(1, 50)}${damaged}\n{}\nnull\n[1,2]\n${jsonlogLines(51, 100)}`);
        await allArrived(150);
        await until("the damaged ones", 10, () => elasticsearch.documents.size === 154);
    });

    it("sends the lines beside one with values of wrong types", async () => {
        await pod.startShipper();
        const odd = [
            { message: 5 },
            { message: { a: 1 } },
            { session_start: [1] },
            { file_name: {}, func_name: true },
            { state_code: false, query_id: "x" },
            { pid: 1e308, txid: null },
        ].map((values, i) => JSON.stringify({ ...(JSON.parse(jsonlogLine(9000 + i)) as object), ...values }));
        const infinite = jsonlogLine(9100).replace('"pid":71', '"pid":1e999');
        pod.write(pod.file(1), `${jsonlogLines(1, 50)}${odd.join("\n")}\n${infinite}${jsonlogLines(51, 100)}`);
        await allArrived(150);
        await until("the odd ones", 10, () => elasticsearch.documents.size === 157);
    });

    it("sends the backlog of an outage in small portions, and starts at once", async () => {
        await pod.startShipper();
        elasticsearch.mood = 503;
        for (let file = 1; file <= 24; file += 1) {
            pod.begin(file, jsonlogLines(1 + (file - 1) * 5000, 5000));
            await until(
                "an attempt",
                10,
                async () => (await pod.metric("fluentbit_output_retries_total", "elasticsearch")) > file,
            );
        }
        elasticsearch.mood = "well";
        elasticsearch.delay = 500;
        elasticsearch.most = 0;
        await until("the first lines", 8, () => elasticsearch.documents.size > 0);
        await allArrived(120_000);
        assert.ok(elasticsearch.most <= 8, `${elasticsearch.most} requests at once`);
    });

    for (const [what, line, end] of [
        ["a plain line", "A".repeat(300_000), "log"],
        ["a line of jsonlog that is cut off", `{"message":"${"A".repeat(300_000)}`, "json"],
        ["a statement without an end", jsonlogLine(2, `duration: 1.0 ms  ${"a".repeat(300_000)}`).trim(), "json"],
    ] as const)
        it(`takes time proportional to the length of ${what}`, async () => {
            await pod.startShipper();
            const before = pod.shipperCpu();
            pod.write(pod.file(1, end), `${line}\n`);
            pod.write(pod.file(2), jsonlogLine(1));
            await until("both", 20, () => elasticsearch.documents.size === 2);
            const used = pod.shipperCpu() - before;
            assert.ok(used < 0.5, `${used} s of CPU`);
        });
});
