import assert from "node:assert/strict";
import { random } from "../../bench/pipeline/random";
import { repeatedStatement } from "../../bench/summary/shapes";

describe("the statements of the benchmark of a summary", () => {
    const numbers = random(5);
    const events = Array.from({ length: 20_000 }, () => repeatedStatement(numbers));
    /** A statement without its duration and its numbers. */
    const shape = (message: string) => message.replace(/^duration: [\d.]+/, "").replace(/\b\d{4,7}\b(?!-)/g, "?");

    it("have one query_id for each statement that differs only in its values", () => {
        const ids = new Map<string, string>();
        for (const { message, queryId } of events) {
            const known = ids.get(queryId!) ?? shape(message);
            assert.equal(shape(message), known);
            ids.set(queryId!, known);
        }
        assert.ok(ids.size > 1000 && ids.size <= 2000, `${ids.size} statements`);
        const different = new Set(events.map(({ message }) => message)).size;
        assert.ok(different > 19_000, `${different} lines`);
    });

    it("fit PostgreSQL's signed 64 bits", () => {
        for (const { queryId } of events) assert.ok(BigInt.asIntN(64, BigInt(queryId!)) === BigInt(queryId!));
    });
});
