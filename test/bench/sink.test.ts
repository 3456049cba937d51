import assert from "node:assert/strict";
import { bulkAnswer, BulkCounter } from "../../bench/pipeline/bulk";
import { countLogRecords } from "../../bench/pipeline/otlp";
import { parseStat } from "../../bench/pipeline/processTree";

describe("the stand-in for Elasticsearch", () => {
    const request = Buffer.from('{"create":{"_index":"a"}}\n{"message":"{}"}\n'.repeat(3));

    it("counts the documents of a bulk request, wherever the chunks are split", () => {
        for (let cut = 0; cut <= request.length; cut += 1) {
            const counter = new BulkCounter();
            counter.write(request.subarray(0, cut));
            counter.write(request.subarray(cut));
            assert.equal(counter.end(), 3);
        }
    });

    it("refuses a truncated request", () => {
        const counter = new BulkCounter();
        counter.write(request.subarray(0, request.length - 1));
        assert.throws(() => counter.end(), /^Error: a bulk request of 5 lines is incomplete$/);
    });

    it("answers with an item for each document, with the operation of the request", () => {
        const counter = new BulkCounter();
        counter.write(request);
        const answer = JSON.parse(bulkAnswer(counter.operation, counter.end())) as {
            errors: boolean;
            items: Record<string, { status: number }>[];
        };
        assert.equal(answer.errors, false);
        assert.deepEqual(
            answer.items.map((item) => item.create?.status),
            [201, 201, 201],
        );
    });

    it("counts the log records of an OTLP request", () => {
        const message = (field: number, ...parts: Buffer[]) => {
            const body = Buffer.concat(parts);
            assert.ok(body.length < 128, "one byte of length");
            return Buffer.concat([Buffer.from([(field << 3) | 2, body.length]), body]);
        };
        const record = message(2, Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8])); // time_unix_nano
        const scope = message(2, message(1, message(1, Buffer.from("name"))), record, record);
        const resource = message(1, message(1), scope, scope);
        assert.equal(countLogRecords(Buffer.concat([resource, resource])), 8);
        assert.equal(countLogRecords(Buffer.alloc(0)), 0);
        assert.throws(() => countLogRecords(resource.subarray(0, resource.length - 3)), /is cut off$/);
    });

    it("finds the CPU time of a process whose name contains spaces and brackets", () => {
        const text = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 3 0 100 1 2";
        assert.deepEqual(parseStat(text), { pid: 42, parent: 7, cpu: 2.5 });
    });
});
