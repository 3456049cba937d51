import assert from "node:assert/strict";
import { median, pairedRatio, rotated, spread } from "../../bench/pipeline/statistics";

describe("the statistics of the benchmark", () => {
    it("take the median, in any order of the values", () => {
        assert.equal(median([9, 1, 10]), 9);
        assert.equal(median([4, 1, 3, 2]), 2.5);
        assert.throws(() => median([]), /^Error: there is no median of nothing$/);
    });

    it("also give the minimum and maximum", () => {
        assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
    });

    it("compare within each round, so a slow round counts for both", () => {
        assert.deepEqual(pairedRatio([1, 10, 3], [2, 20, 4]), { median: 0.5, min: 0.5, max: 0.75 });
    });

    it("refuse to compare different numbers of rounds", () => {
        assert.throws(() => pairedRatio([1], [1, 2]), /^Error: 1 rounds cannot be compared with 2$/);
    });

    it("let each shipper go first in turn", () => {
        assert.deepEqual(
            [0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join("")),
            ["abc", "bca", "cab", "abc"],
        );
    });
});
