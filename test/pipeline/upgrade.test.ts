import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FakeElasticsearch } from "./elasticsearch";
import { idOf, jsonlogLines } from "./lines";
import { needsRealFluentBit, Pod, until } from "./pod";
import { program } from "./program";

/** Fluent Bit's configuration from version 0.1.0, as its functions rendered it for a stack like `dev`. */
const earlier = (name: string) => readFileSync(join(__dirname, "../../bench/pipeline/pglog-0.1.0", name), "utf8");

describe("an upgrade from 0.1.0", () => {
    let pod: Pod;
    let elasticsearch: FakeElasticsearch;

    needsRealFluentBit();

    beforeEach(async () => {
        elasticsearch = new FakeElasticsearch();
        await elasticsearch.start();
        pod = new Pod(program.roomy);
    });

    afterEach(async () => {
        await pod.remove();
        await elasticsearch.stop();
    });

    it("delivers the queue of the earlier version, each line once", async () => {
        elasticsearch.mood = 503;
        await pod.make(elasticsearch.port, {
            "fluent-bit.yaml": earlier("fluent-bit.yaml")
                .replace("host: elasticsearch", "host: 127.0.0.1")
                .replace("port: 9200", `port: ${elasticsearch.port}`),
            "document.lua": earlier("document.lua"),
        });
        await pod.startShipper();
        pod.write("postgresql-12.json", jsonlogLines(1, 20_000));
        await until(
            "all is in the queue",
            30,
            async () => (await pod.metric("fluentbit_input_records_total", "postgresql_jsonlog")) === 20_000,
        );
        await pod.kill("shipper", "SIGTERM");
        // The earlier version's files were lost with its Pod.
        pod.configure(program.files(elasticsearch.port, program.roomy));
        pod.discardLogs();
        await pod.startShipper();
        pod.begin(1, jsonlogLines(20_001, 5000));
        elasticsearch.mood = "well";
        const missing = () =>
            Array.from({ length: 25_000 }, (_, i) => i + 1).filter(
                (number) => !elasticsearch.documents.has(idOf(pod.name, number)),
            ).length;
        await until("the last line", 60, () => missing() === 0);
        assert.deepEqual([elasticsearch.documents.size, elasticsearch.withoutId], [25_000, 0]);
    });
});
