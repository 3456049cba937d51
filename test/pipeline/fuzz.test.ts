import assert from "node:assert/strict";
import { badLine, seeded } from "./badLines";
import { FakeElasticsearch } from "./elasticsearch";
import { idOf, jsonlogLine } from "./lines";
import { needsRealFluentBit, Pod, until } from "./pod";
import { program } from "./program";

describe("the shipper with malformed lines", () => {
    const count = 100_000;
    const seed = Number(process.env.PGLOG_TEST_SEED ?? Date.now() % 1e9);
    let pod: Pod;
    let elasticsearch: FakeElasticsearch;

    needsRealFluentBit();

    before(async () => {
        elasticsearch = new FakeElasticsearch();
        await elasticsearch.start();
        pod = new Pod(program.roomy);
        await pod.make(elasticsearch.port);
    });

    after(async () => {
        await pod.remove();
        await elasticsearch.stop();
    });

    it(`delivers every good line between ${count} bad ones, and the bad ones too (PGLOG_TEST_SEED=${seed})`, async () => {
        const random = seeded(seed);
        let good = 0;
        let bytes = 0;
        await pod.startShipper();
        const cpu = pod.shipperCpu();
        for (let file = 1; file <= 10; file += 1) {
            const parts: Buffer[] = [];
            for (let i = 0; i < count / 10; i += 1) {
                parts.push(badLine(file * count + i, random), Buffer.from("\n"));
                if (i % 5 === 0) parts.push(Buffer.from(jsonlogLine((good += 1))));
            }
            const text = Buffer.concat(parts);
            bytes += text.length;
            pod.write(pod.file(file, file % 2 === 0 ? "log" : "json"), text);
        }
        pod.write(pod.file(11), jsonlogLine((good += 1)));
        const missing = () =>
            Array.from({ length: good }, (_, i) => i + 1).filter(
                (number) => !elasticsearch.documents.has(idOf(pod.name, number)),
            ).length;
        await until("the last good line", 120, () => missing() === 0).catch(() => undefined);
        assert.deepEqual({ missing: missing(), withoutId: elasticsearch.withoutId }, { missing: 0, withoutId: 0 });
        await until("the bad lines", 30, () => elasticsearch.documents.size >= good + count * 0.999).catch(
            () => undefined,
        );
        const bad = elasticsearch.documents.size - good;
        console.log(`      ${bad} of ${count} bad lines are documents`);
        const each = ((pod.shipperCpu() - cpu) * 1000) / (bytes / 1e6);
        assert.ok(each < 50, `${each} ms of CPU a megabyte`);
    });
});
