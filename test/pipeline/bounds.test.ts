import assert from "node:assert/strict";
import { statfsSync, writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { logVolume } from "../../components/logs/volume";
import { FakeElasticsearch } from "./elasticsearch";
import { idOf, jsonlogLines } from "./lines";
import { needsRealFluentBit, Pod, until } from "./pod";
import { program } from "./program";

/** The log keeper when the volume is full. */
describe("the log volume", () => {
    let pod: Pod;
    let elasticsearch: FakeElasticsearch;
    let written: number;
    let minute: number;
    /** The least free space so far, in bytes. */
    let least: number;

    needsRealFluentBit();

    beforeEach(async () => {
        elasticsearch = new FakeElasticsearch();
        await elasticsearch.start();
        pod = new Pod(program.small);
        await pod.make(elasticsearch.port);
        pod.startKeeper();
        await pod.startShipper();
        written = 0;
        minute = 0;
        least = Infinity;
    });

    afterEach(async function () {
        if (this.currentTest?.state === "failed") console.log(pod.keeperLog(), pod.shipperLog().slice(-2000));
        await pod.remove();
        await elasticsearch.stop();
    });

    const free = () => {
        const { bavail, bsize } = statfsSync(pod.volume);
        return bavail * bsize;
    };

    /** Writes full log files, as fast as the log keeper checks. */
    const writeFiles = async (bytes: number) => {
        const { fileSize } = logVolume(program.small);
        for (let rest = bytes; rest > 0; rest -= fileSize) {
            const text = jsonlogLines(written + 1, Math.floor(fileSize / 560));
            written += Math.floor(fileSize / 560);
            pod.begin((minute += 1), text);
            least = Math.min(least, free());
            await new Promise((resolve) => setTimeout(resolve, 700));
        }
    };

    const lost = () =>
        [...elasticsearch.documents.values()].reduce((sum, one) => sum + Number(one["pglog.lost.lines"] ?? 0), 0);
    const missing = () =>
        Array.from({ length: written }, (_, i) => i + 1).filter(
            (number) => !elasticsearch.documents.has(idOf(pod.name, number)),
        ).length;

    /** Waits until no more lines arrive, and compares the missing lines with the counted ones. */
    const assertCounted = async () => {
        await elasticsearch.start();
        let before = -1;
        await until("the end of the drain", 90, async () => {
            const now = elasticsearch.documents.size;
            const still =
                now === before && (await pod.metric("fluentbit_input_ingestion_paused", "postgresql_jsonlog")) === 0;
            before = now;
            await new Promise((resolve) => setTimeout(resolve, 2500));
            return still;
        });
        assert.equal(missing(), lost());
        assert.equal(elasticsearch.withoutId, 0);
    };

    it("is never full, and lines that found no room are counted", async () => {
        await elasticsearch.stop();
        await writeFiles(program.small * 1.5);
        assert.ok(least > 0, "a full volume");
        await assertCounted();
        assert.ok(lost() > 10_000, `${lost()} lines lost`);
        assert.match(pod.keeperStatus(), new RegExp(`^pglog lost ${lost()} lines of \\d+ log files, the last at 2`));
        assert.throws(() => pod.keeperStatus("check"), "the probe, whose message becomes an event");
        assert.ok((await pod.metric("fluentbit_input_records_total", "lost_lines")) > 0);
    });

    it("loses no line to removal if the shipper keeps up", async () => {
        await writeFiles(program.small * 1.5);
        await until("the last line", 60, () => missing() === 0);
        assert.equal(lost(), 0);
        assert.match(pod.keeperStatus(), /^No log line was lost\./);
        pod.keeperStatus("check");
    });

    it("removes log files when other files take the space", async () => {
        await elasticsearch.stop();
        await writeFiles(program.small / 2);
        const stranger = join(pod.volume, "stranger");
        writeFileSync(stranger, Buffer.alloc(free() - 1e6));
        await until("room", 30, () => free() > logVolume(program.small).free / 2);
        rmSync(stranger);
        await assertCounted();
    });

    it("counts each line once if the log keeper was killed while it counted", async () => {
        await elasticsearch.stop();
        const flow = writeFiles(program.small * 1.2);
        for (let i = 0; i < 5; i += 1) {
            await new Promise((resolve) => setTimeout(resolve, 4000));
            await pod.kill("keeper");
            pod.startKeeper();
        }
        await flow;
        await assertCounted();
        assert.ok(lost() > 0);
    });
});
