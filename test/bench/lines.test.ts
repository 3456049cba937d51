import assert from "node:assert/strict";
import { logLines } from "../../bench/pipeline/lines";

interface LogLine {
    session_id: string;
    line_num: number;
    message: string;
    error_severity: string;
    backend_type: string;
}

// The used keys, in the order of PostgreSQL's write_jsonlog.
const keys = [
    ...["timestamp", "user", "dbname", "pid", "remote_host", "remote_port", "session_id", "line_num", "ps"],
    ...["session_start", "vxid", "txid", "error_severity", "state_code", "message", "detail", "hint", "context"],
    ...["statement", "cursor_position", "application_name", "backend_type", "query_id"],
];

describe("the generated log lines", () => {
    const lines = [...logLines(7, 5000)];
    const parsed = lines.map((line) => JSON.parse(line) as LogLine);

    it("are the same for the same seed, whatever the number of lines", () => {
        assert.deepEqual([...logLines(7, 100)], lines.slice(0, 100));
        assert.notDeepEqual([...logLines(8, 100)], lines.slice(0, 100));
    });

    it("have PostgreSQL's keys in PostgreSQL's order", () => {
        for (const line of parsed)
            assert.deepEqual(
                Object.keys(line),
                keys.filter((key) => key in line),
            );
    });

    it("have all kinds, and are mostly statements", () => {
        const share = (test: (line: LogLine) => boolean) => parsed.filter(test).length / parsed.length;
        const near = (actual: number, expected: number) => {
            assert.ok(Math.abs(actual - expected) < 0.02, `${actual} instead of ${expected}`);
        };
        near(
            share(({ message }) => /^duration: \d+\.\d{3} ms {2}statement: /.test(message)),
            0.85,
        );
        near(
            share(({ error_severity }) => error_severity === "ERROR"),
            0.05,
        );
        near(
            share(({ message }) => /^(connection |disconnection: )/.test(message)),
            0.08,
        );
        near(
            share(({ backend_type }) => backend_type === "checkpointer"),
            0.02,
        );
    });

    it("are about 500 bytes long", () => {
        const bytes = Buffer.byteLength(lines.join("\n")) / lines.length;
        assert.ok(bytes > 450 && bytes < 570, `${bytes}`);
    });

    it("number each session's lines from 1, without a gap", () => {
        const last = new Map<string, number>();
        for (const { session_id, line_num } of parsed) {
            assert.equal(line_num, (last.get(session_id) ?? 0) + 1);
            last.set(session_id, line_num);
        }
    });

    it("have 64-bit query identifiers, unrounded", () => {
        const ids = lines.map((line) => /"query_id":(-?\d+)\}$/.exec(line)![1]!);
        assert.ok(ids.some((id) => !Number.isSafeInteger(Number(id)) && BigInt(id) !== BigInt(Number(id))));
    });
});
