import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { alertRules } from "../../components/shipper/alerts";
import { chunksUp } from "../../components/shipper/fluentBit";
import { finds, samplesOf, selectorsOf } from "../support/promql";
import { FakeElasticsearch } from "./elasticsearch";
import { jsonlogLines } from "./lines";
import { needsRealFluentBit, Pod, until } from "./pod";
import { program } from "./program";

/** The metrics of the alerts, as the real Fluent Bit has them. */
describe("the alerts", () => {
    let pod: Pod;
    let elasticsearch: FakeElasticsearch;

    needsRealFluentBit();

    before(async () => {
        elasticsearch = new FakeElasticsearch();
        await elasticsearch.start();
        pod = new Pod(program.roomy);
        await pod.make(elasticsearch.port);
        await pod.startShipper();
    });
    after(async () => {
        await pod.remove();
        await elasticsearch.stop();
    });

    const output = (name: string) => pod.metric(`fluentbit_output_${name}`, "elasticsearch");
    const paused = () => pod.metric("fluentbit_input_ingestion_paused", "postgresql_jsonlog");

    it("name metrics and labels that it has from its start, but for those of the kubelet", async () => {
        const samples = samplesOf(await pod.metrics());
        for (const { alert, expr } of alertRules({ outage: 3600 }))
            for (const selector of selectorsOf(expr).filter(({ metric }) => metric.startsWith("fluentbit_")))
                assert.ok(finds(samples, selector), `${alert}: ${JSON.stringify(selector)}`);
    });

    it("see lines that Elasticsearch refuses: attempts, and none that is given up", async () => {
        elasticsearch.mood = 400;
        pod.begin(1, jsonlogLines(1, 10));
        await until("attempts", 60, async () => (await output("retries_total")) >= 3);
        elasticsearch.mood = "well";
        await until("the lines", 20, async () => (await output("proc_records_total")) === 10);
        assert.equal(await output("dropped_records_total"), 0);
    });

    it("see an outage: retries, then a full queue, then a pause", async () => {
        await elasticsearch.stop();
        const retries = await output("retries_total");
        pod.begin(2, jsonlogLines(101, 40_000));
        await until("a pause", 30, async () => (await paused()) === 1);
        await until("a retry", 20, async () => (await output("retries_total")) > retries);
        assert.equal(await output("proc_records_total"), 10);
        const chunks = () => pod.metric("fluentbit_input_storage_chunks_up", "postgresql_jsonlog");
        await until("a queue that is nearly full", 20, async () => (await chunks()) >= chunksUp - 1);
        await elasticsearch.start();
        await until("the end of the pause", 60, async () => (await paused()) === 0);
        await until("all lines", 60, () => elasticsearch.documents.size === 40_010);
    });

    it("see lost lines", async () => {
        appendFileSync(
            join(pod.logs, "lost-test.log"),
            "2026-01-31 12:00:00.000 UTC [0] WARNING:  pglog lost 5 lines, 900 bytes, of x: removed unread\n",
        );
        const lost = () => pod.metric("fluentbit_input_records_total", "lost_lines");
        await until("a lost line", 20, async () => (await lost()) === 1);
    });
});
