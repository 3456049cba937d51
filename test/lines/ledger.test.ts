import assert from "node:assert/strict";
import { numberIn } from "./clients";
import { Ledger } from "./ledger";
import { isPassed } from "./outcome";
import { newRound, type Round } from "./round";

describe("the ledger", () => {
    it("knows which lines are missing, repeated, or sent without an acknowledgement", () => {
        const ledger = new Ledger();
        const numbers = Array.from({ length: 100_000 }, () => ledger.send());
        for (const number of numbers) if (number !== 7) ledger.note(number);
        for (const number of numbers) if (number > 10) ledger.see(number);
        ledger.see(70_000);
        assert.deepEqual(ledger.tally(5, 80_000), {
            sent: 79_995,
            noted: 79_994,
            missing: [6, 8, 9, 10],
            doubled: [70_000],
        });
        assert.equal(ledger.unseen(5, 80_000), 4);
    });

    it("finds a number only in the line of its own statement", () => {
        const line = "duration: 0.123 ms  statement: SELECT 'ledger abc 42 xxx'";
        assert.equal(numberIn(line, "abc"), 42);
        assert.equal(numberIn(line, "other"), undefined);
        assert.equal(numberIn("duration: 0.1 ms  statement: SELECT 1 -- SELECT 'ledger abc 42 x'", "abc"), undefined);
    });
});

describe("a round", () => {
    const kind = { name: "a", what: "b", stack: "direct", fault: () => Promise.resolve() } as const;
    const round = (parts: Partial<Round>): Round => ({
        ...newRound(kind, 1, undefined as unknown as Round["lane"], 0),
        tally: { sent: 10, noted: 10, missing: [], doubled: [] },
        ...parts,
    });
    const tally = { sent: 10, noted: 10, missing: [3, 4], doubled: [] };

    it("passes if every statement is there once", () => {
        assert.equal(isPassed(round({})), true);
        assert.equal(isPassed(round({ tally })), false);
        assert.equal(isPassed(round({ tally: { ...tally, missing: [], doubled: [3] } })), false);
        assert.equal(isPassed(round({ problem: "no Pod" })), false);
    });

    it("fails if lines were reported lost, unless the log volume overflowed and exactly these are missing", () => {
        assert.equal(isPassed(round({ lost: 2 })), false);
        assert.equal(isPassed(round({ lost: 2, tally })), false);
        assert.equal(isPassed(round({ lost: 2, tally, kind: { ...kind, exceeds: true } })), true);
        assert.equal(isPassed(round({ lost: 1, tally, kind: { ...kind, exceeds: true } })), false);
    });
});
