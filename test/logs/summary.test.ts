import assert from "node:assert/strict";
import { autovacuum, checkpoint, lockWait, temporaryFileSize } from "../../logs/summary/messages";
import { renderSummary } from "../../logs/summary/render";
import type { Summary } from "../../logs/summary/summary";

describe("the data in the text of PostgreSQL's messages", () => {
    it("is the size of a temporary file", () => {
        assert.equal(
            temporaryFileSize('temporary file: path "base/pgsql_tmp/pgsql_tmp71.0", size 14000128'),
            14_000_128,
        );
        assert.equal(temporaryFileSize("could not open temporary file"), undefined);
    });

    it("is the size of a checkpoint", () => {
        const message =
            "checkpoint complete: wrote 23 buffers (0.1%); 0 WAL file(s) added, 0 removed, 0 recycled; write=2.036 s, sync=0.020 s, total=2.069 s; sync files=12, longest=0.007 s, average=0.002 s; distance=130 kB, estimate=130 kB; lsn=0/1B65BD8, redo lsn=0/1B65B80";
        assert.deepEqual(checkpoint(message), { buffers: 23, milliseconds: 2069 });
        // From PostgreSQL 18 on it also counts SLRU buffers.
        assert.deepEqual(
            checkpoint("checkpoint complete: wrote 5 buffers (0.0%), wrote 3 SLRU buffers; write=0 s, total=0.5 s"),
            {
                buffers: 5,
                milliseconds: 500,
            },
        );
        assert.equal(checkpoint("checkpoint starting: time"), undefined);
    });

    it("is a vacuumed table", () => {
        const rest =
            ": index scans: 1\npages: 0 removed\nsystem usage: CPU: user: 0.10 s, system: 0.02 s, elapsed: 1.50 s";
        for (const kind of ["vacuum", "aggressive vacuum", "vacuum to prevent wraparound", "analyze"])
            assert.deepEqual(autovacuum(`automatic ${kind} of table "app.public.orders"${rest}`), {
                table: "app.public.orders",
                milliseconds: 1500,
            });
        assert.equal(autovacuum("autovacuum launcher started"), undefined);
    });

    it("is the object of a lock wait", () => {
        const message = "process 71 still waiting for ShareLock on transaction 742 after 1000.123 ms";
        assert.deepEqual(lockWait(message), { lock: "ShareLock on transaction" });
    });
});

const kinds = {
    ...{ checkpoints: 3, walCheckpoints: 1, restartpoints: 0, vacuums: 0, analyzes: 0 },
    ...{ temporaryFiles: 2, lockWaits: 0, deadlocks: 0, lostLines: 0 },
};
const summary: Summary = {
    ...{ lines: 1234, first: "2026-01-31T00:00:00.000Z", last: "2026-01-31T12:00:00.000Z" },
    levels: [{ level: "LOG", lines: 1200 }],
    errors: [{ sqlstate: "42P01", lines: 34, example: "relation \u001b[2J\nmissing" }],
    durations: { statements: 900, total: 5.4e12, p50: 1e6, p95: 2.5e8, p99: null },
    statements: [{ queryId: "7", statement: "SELECT\n  1", calls: 900, total: 5.4e12, longest: 9e9 }],
    slowest: [],
    connections: [{ user: "app", client: "10.0.0.9", sessions: 3, lines: 90, last: "2026-01-31T12:00:00.000Z" }],
    kinds,
    details: [{ name: "bytes in the largest", lines: 2, value: 14_000_128 }],
};

describe("a printed summary", () => {
    const text = renderSummary(summary, (_, shown) => shown);
    const expected: [string, RegExp][] = [
        ["how many lines it is of", /^1,234 lines, from 2026-01-31 00:00:00 to 2026-01-31 12:00:00 UTC\n/],
        ["each level", /│ LOG +│ 1,200 +│/],
        ["an error with its example, which cannot move the cursor", /│ 42P01 +│ 34 +│ relation ␛\[2J missing/],
        ["percentiles", /of 900 durations, 90\.0 min together: half took 1\.00 ms or less, 95 % 250 ms, 99 % -/],
        ["statements in one row", /│ 90\.0 min +│ 900 +│ 6\.0 s +│ 9\.0 s +│ SELECT 1/],
        ["that a table has no rows", /Slowest statements\n {2}none/],
        ["who was connected", /│ app +│ 10\.0\.0\.9 +│ 3 +│ 90 +│ 2026-01-31 12:00:00/],
        ["what the server did", /│ checkpoints +│ 3 +│/],
        ["sizes", /│ bytes in the largest +│ 14,000,128/],
    ];
    for (const [what, pattern] of expected)
        it(`has ${what}`, () => {
            assert.match(text, pattern);
        });

    it("can be limited to one part", () => {
        const errors = renderSummary(summary, (_, shown) => shown, "errors");
        assert.match(errors, /Errors by SQLSTATE/);
        assert.doesNotMatch(errors, /Lines by level|What the server did/);
    });
});
